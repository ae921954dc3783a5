// The engine's refusals as the errors that callers know (wire contract, section 4).
#pragma once

#include "arbiter/decision.h"
#include "base/error.h"
#include "base/id.h"
#include "service/answers.h"
#include "time/instant.h"

namespace openavail::service {

// arbitration_rejected: alternatives, next_available, blocking_reason, audit_row_id, error.reason.
// `length` is the meeting's, for next_available's end.
Error rejection(const arbiter::Decision& decision, Millis length, const DecisionId& audit_row_id);

// no_slots_available: reason_code, next_available, resolved_calendar_type, warnings.
Error no_slots(const arbiter::SearchResult& result, Millis length, CalendarType resolved,
               const std::vector<Warning>& warnings);

// Adds situation and situation_digest to a refusal's details.
Error with_situation(Error error, const SituationCopy& situation);

// {"start":…,"end":…}
nlohmann::json to_json(const Interval& interval);
nlohmann::json to_json(const Warning& warning);

}  // namespace openavail::service
