// What the deciding use cases share: checks of their input, and the row of a verdict.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "service/deciding.h"
#include "service/use.h"

namespace openavail::service {

// Errors: validation_failed (end after limits::kAskedYearMax).
Status check_reach(const Interval& interval);
// Errors: validation_failed (end not after start, longer than limits::kBookingHoursMax, out of
// reach).
Status check_interval(const Interval& interval);
// Errors: past_time. A start equal to now is allowed.
Status check_not_past(const Interval& interval, Instant now);
// Errors: hold_not_found, for another agent's and released ones too.
Result<ports::Hold> find_own_hold(ports::Transaction& tx, const ports::Agent& agent,
                                  const HoldId& id);
// Errors: booking_not_found, also outside the agent's scope: ids must not be probeable.
Result<ports::Booking> find_booking_in_scope(ports::Transaction& tx, const ports::Agent& agent,
                                             const BookingId& id);

struct Verdict {
  DecisionId decision_id;
  std::string subject_id;        // a new UUID v7 for the hold or booking, where accepted
  std::optional<Error> refusal;  // where not
};
// Writes the decision's one row: accept, preempt, reject or counter, with trace and digest.
Result<Verdict> record_verdict(Use& use, Moment& moment, const arbiter::Decision& decision);

// Errors: rate_limited when the agent has limits::kLiveHoldsPerAgentMax live holds.
Status check_live_holds(ports::Transaction& tx, const Authorized& who);
// A hold of the moment's agent from now on, for as long as the owner's rules say.
ports::Hold new_hold(const Moment& moment, const HoldId& id, const DecisionId& decision,
                     ports::HoldScope scope, const Interval& interval, int duration_minutes);
HoldAnswer hold_answer(const ports::Hold& hold, CalendarType resolved, Instant now);

// The refusal as the caller gets it, with the situation where it asked for it.
Error refusal_for(const Call& call, Error refusal, const arbiter::Situation& situation);

nlohmann::json to_json(const Target& target);
nlohmann::json to_json(const calendar::EventText& text);

}  // namespace openavail::service
