// What searches share: checks of their input, and their answer.
#pragma once

#include "arbiter/decision.h"
#include "service/deciding.h"
#include "service/use.h"

namespace openavail::service {

// Errors: those of the authorisation (for `needed`), invalid_meeting_class, validation_failed,
// past_time, window_too_narrow.
Result<Preparation> prepare_search(Use& use, ports::Transaction& tx, const SearchRequest& request,
                                   policy::Permission needed = policy::Permission::read_freebusy);

SearchAnswer search_answer(const SearchRequest& request, arbiter::SearchResult result,
                           const Moment& moment);

}  // namespace openavail::service
