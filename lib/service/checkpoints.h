// Checkpoints of the audit log, and what proves rows under them (audit/checkpoint.h).
//
// A checkpoint is always of the tree as the transaction sees it, in a write transaction, which is
// exclusive: so no two of them contradict each other, whoever signs.
#pragma once

#include <cstdint>
#include <vector>

#include "audit/note.h"
#include "audit/receipt.h"
#include "base/result.h"
#include "ports/store.h"
#include "service/context.h"

namespace openavail::service {

// The key that signs now, also when another process has changed it. Errors: internal.
Result<std::shared_ptr<const audit::SigningKey>> present_signing_key(const Parts& parts,
                                                                     ports::Transaction& tx);

// The checkpoint of the tree as it is; signed now if there is none. `tx` must be a write
// transaction and the log not be empty. Errors: internal.
Result<ports::CheckpointRecord> present_checkpoint(const Parts& parts, ports::Transaction& tx);

// The log's public keys as vkeys, oldest first. Errors: internal.
Result<std::vector<audit::NoteKey>> log_keys(ports::Transaction& tx);

// Where a row stands under the first checkpoint that covers it. As present_checkpoint where none
// does. Errors: internal.
Result<audit::Inclusion> inclusion_of(const Parts& parts, ports::Transaction& tx, std::int64_t seq);

// The tree's nodes for proofs; `tx` must outlive it.
audit::NodeReader node_reader(ports::Transaction& tx);

}  // namespace openavail::service
