#include "service/requests.h"

#include <nlohmann/json.hpp>

#include "base/identifiers.h"
#include "service/refusal.h"

namespace openavail::service {

Status check_reach(const Interval& interval) {
  const Instant last =
      time::Zone::utc().at(time::LocalDate::of(limits::kAskedYearMax + 1, 1, 1), 0);
  if (interval.end <= last) return {};
  return fail(ErrorCode::validation_failed,
              "no time after the year " + std::to_string(limits::kAskedYearMax) +
                  " can be asked for",
              "check start and end");
}

Status check_interval(const Interval& interval) {
  if (interval.end <= interval.start) {
    return fail(ErrorCode::validation_failed, "the end has to be after the start",
                "check start and end");
  }
  if (interval.length() > std::chrono::hours(limits::kBookingHoursMax)) {
    return fail(ErrorCode::validation_failed, "a meeting is at most 31 days long",
                "check start and end");
  }
  return check_reach(interval);
}

Status check_not_past(const Interval& interval, Instant now) {
  if (interval.start >= now) return {};
  return fail(ErrorCode::past_time, "the start is in the past", "ask for a time to come");
}

Result<ports::Hold> find_own_hold(ports::Transaction& tx, const ports::Agent& agent,
                                  const HoldId& id) {
  OA_TRY(auto hold, tx.find_hold(id));
  if (!hold || hold->agent_id != agent.id || !in_scope(agent, hold->owner_id)) {
    return fail(ErrorCode::hold_not_found, "there is no such hold of this agent",
                "make a new hold");
  }
  return *hold;
}

Result<ports::Booking> find_booking_in_scope(ports::Transaction& tx, const ports::Agent& agent,
                                             const BookingId& id) {
  OA_TRY(auto booking, tx.find_booking(id));
  const bool shown = booking && booking->state != ports::BookingState::failed &&
                     booking->state != ports::BookingState::writing &&
                     in_scope(agent, booking->owner_id);
  if (!shown) {
    return fail(ErrorCode::booking_not_found, "there is no such booking",
                "list the bookings to find its id");
  }
  return *booking;
}

Result<Verdict> record_verdict(Use& use, Moment& moment, const arbiter::Decision& decision) {
  const arbiter::Request& request = moment.situation.request;
  audit::Entry& entry = use.entry();
  entry.rule_fired = decision.rule_fired;
  describe(entry, decision.trace);
  entry.situation_digest = copy_of(moment.situation).digest;
  entry.displaced_booking_ids = decision.displaced;
  Verdict verdict;
  std::string action;
  switch (decision.verdict) {
    case arbiter::Verdict::accept:
      action = "accept";
      break;
    case arbiter::Verdict::preempt:
      action = "preempt";
      break;
    case arbiter::Verdict::reject:
      action = "reject";
      break;
    case arbiter::Verdict::counter_propose:
      action = "counter";
      break;
  }
  const bool is_hold = request.kind == arbiter::RequestKind::hold;
  if (action == "accept" || action == "preempt") {
    verdict.subject_id = new_uuid_v7(moment.who.now.unix_ms, use.parts().entropy);
    entry.decided_interval = request.interval;
    if (is_hold) {
      // A hold displaces nothing yet, whatever its confirmation may.
      action = "accept";
      entry.displaced_booking_ids.clear();
      entry.hold_id = HoldId(verdict.subject_id);
    } else {
      entry.booking_id = BookingId(verdict.subject_id);
    }
  }
  OA_TRY(verdict.decision_id, use.record(*moment.tx, audit::Kind::decision, action));
  if (verdict.subject_id.empty()) {
    // What a window holds is shorter than the window.
    const Millis length = request.duration.value_or(request.interval.length());
    verdict.refusal = rejection(decision, length, verdict.decision_id);
  }
  return verdict;
}

Error refusal_for(const Call& call, Error refusal, const arbiter::Situation& situation) {
  if (!call.include_situation) return refusal;
  return with_situation(std::move(refusal), copy_of(situation));
}

nlohmann::json to_json(const Target& target) {
  nlohmann::json out = nlohmann::json::object();
  if (target.owner_email) out["owner_email"] = *target.owner_email;
  if (target.calendar_type) out["calendar_type"] = to_text(*target.calendar_type);
  return out;
}

nlohmann::json to_json(const calendar::EventText& text) {
  nlohmann::json attendees = nlohmann::json::array();
  for (const calendar::Attendee& attendee : text.attendees) {
    attendees.push_back({{"email", attendee.email}, {"displayName", attendee.display_name}});
  }
  return {{"title", text.title},
          {"description", text.description},
          {"attendees", std::move(attendees)}};
}

}  // namespace openavail::service
