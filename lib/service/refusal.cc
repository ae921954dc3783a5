#include "service/refusal.h"

#include <nlohmann/json.hpp>
#include <string>

namespace openavail::service {
namespace {

std::string explain(arbiter::Reason reason) {
  switch (reason) {
    case arbiter::Reason::off_day:
      return "the owner does not work on that day";
    case arbiter::Reason::working_hours:
      return "that is outside the owner's working hours";
    case arbiter::Reason::hard_block:
      return "the owner keeps that time blocked every week";
    case arbiter::Reason::max_daily_hours:
      return "the owner's meeting hours for that day are used up";
    case arbiter::Reason::no_capacity:
      return "that time is taken";
    case arbiter::Reason::sacred_meeting:
      return "that time is taken by a meeting that stays";
    case arbiter::Reason::permission_denied_preempt:
      return "that time is taken by a lesser meeting, and this agent may not displace it";
  }
  return "";
}

}  // namespace

nlohmann::json to_json(const Interval& interval) {
  return {{"start", time::format_instant(interval.start)},
          {"end", time::format_instant(interval.end)}};
}

nlohmann::json to_json(const Warning& warning) {
  nlohmann::json out = {{"code", warning.code}, {"message", warning.message}};
  if (warning.requested) out["requested"] = to_text(*warning.requested);
  if (warning.resolved) out["resolved"] = to_text(*warning.resolved);
  if (warning.severity) out["severity"] = *warning.severity;
  if (warning.agent_guidance) out["agent_guidance"] = *warning.agent_guidance;
  return out;
}

Error rejection(const arbiter::Decision& decision, Millis length, const DecisionId& audit_row_id) {
  const bool counter = decision.verdict == arbiter::Verdict::counter_propose;
  const arbiter::Reason blocking = *decision.blocking_reason;
  const std::string blocking_name(arbiter::wire_name(blocking));
  nlohmann::json alternatives = nlohmann::json::array();
  for (const Interval& alternative : decision.alternatives) {
    nlohmann::json entry = to_json(alternative);
    entry["reason_code"] = "suggested_alternative";
    alternatives.push_back(std::move(entry));
  }
  std::string message = explain(blocking) + " (" + blocking_name + ")";
  std::string next = "ask for another time";
  if (!decision.own_holds_in_the_way.empty()) {
    message +=
        "; a hold of your own is in the way: " + decision.own_holds_in_the_way.front().text();
    next = "confirm or release your hold first";
  } else if (!decision.alternatives.empty()) {
    next = "take one of the alternatives; each was free when this was decided";
  } else if (decision.next_available) {
    next = "the next free time is in next_available";
  }
  nlohmann::json details = {{"error", {{"reason", counter ? "COUNTER_PROPOSED" : blocking_name}}},
                            {"alternatives", std::move(alternatives)},
                            {"blocking_reason", blocking_name},
                            {"audit_row_id", audit_row_id.text()}};
  if (decision.next_available) {
    details["next_available"] =
        to_json({*decision.next_available, *decision.next_available + length});
  }
  return Error(ErrorCode::arbitration_rejected, std::move(message), std::move(next))
      .with_details(std::move(details));
}

Error no_slots(const arbiter::SearchResult& result, Millis length, CalendarType resolved,
               const std::vector<Warning>& warnings) {
  nlohmann::json list = nlohmann::json::array();
  for (const Warning& warning : warnings) list.push_back(to_json(warning));
  const arbiter::Reason reason = result.reason.value_or(arbiter::Reason::no_capacity);
  nlohmann::json details = {
      {"reason_code", arbiter::search_wire_name(reason)},
      {"next_available_exceeds_lookahead", result.next_available_exceeds_lookahead},
      {"resolved_calendar_type", to_text(resolved)},
      {"warnings", std::move(list)}};
  if (result.next_available) {
    details["next_available"] = to_json({*result.next_available, *result.next_available + length});
  }
  return Error(ErrorCode::no_slots_available, "no free slot in that window: " + explain(reason),
               result.next_available ? "the next free time is in next_available"
                                     : "search a wider or later window")
      .with_details(std::move(details));
}

Error with_situation(Error error, const SituationCopy& situation) {
  nlohmann::json details = error.details().is_object() ? error.details() : nlohmann::json::object();
  details["situation"] = nlohmann::json::parse(situation.canonical_json);
  details["situation_digest"] = situation.digest;
  error.with_details(std::move(details));
  return error;
}

}  // namespace openavail::service
