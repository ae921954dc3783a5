// Changes that are owed to a calendar: recorded in the transaction that made them due, repeated
// until they are done. Each is idempotent.
#pragma once

#include "ports/store.h"
#include "service/context.h"

namespace openavail::service {

// Carries out what is owed for an owner and not in another live process's hands, for each event in
// its order. What fails now, or belongs to a suspended calendar, stays recorded for the next time;
// the operator learns why. How many were done. Errors: internal (store).
Result<int> carry_out_intents(const Parts& parts, const OwnerId& owner);

}  // namespace openavail::service
