// Writing audit rows. A row is appended in the transaction of what it tells of.
#pragma once

#include "audit/entry.h"
#include "base/result.h"
#include "ports/store.h"
#include "service/context.h"

namespace openavail::service {

DecisionId new_decision_id(const Parts& parts);

// Fills what the caller left empty (decision id, seq, engine and time-zone data versions,
// timestamp), seals the row with the signing key and appends it. `tx` must be a write transaction.
// Errors: internal.
Result<DecisionId> append_entry(const Parts& parts, ports::Transaction& tx, audit::Entry entry);

}  // namespace openavail::service
