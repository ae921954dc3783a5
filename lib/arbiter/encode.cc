// The canonical encoding (RFC 8785): members sorted, no white space, instants as whole
// milliseconds. All member names are ASCII, so the order of bytes is the order that the RFC asks
// for.
#include <nlohmann/json.hpp>

#include "arbiter/arbiter.h"
#include "arbiter/names.h"

namespace openavail::arbiter {
namespace {

using nlohmann::json;

json span(const Interval& interval) {
  return json::array({interval.start.unix_ms, interval.end.unix_ms});
}

json spans(const std::vector<Interval>& intervals) {
  json out = json::array();
  for (const Interval& each : intervals) out.push_back(span(each));
  return out;
}

json number(const std::optional<int>& n) { return n ? json(*n) : json(nullptr); }

json meeting_class(const policy::MeetingClass& value) {
  return {{"id", value.id.text()},
          {"name", value.name},
          {"tier", to_text(value.tier)},
          {"policy", to_text(value.policy)}};
}

json request(const Request& value) {
  return {{"kind", to_text(value.kind)},
          {"interval", span(value.interval)},
          {"duration_ms", value.duration ? json(value.duration->count()) : json(nullptr)},
          {"meeting_class", meeting_class(value.meeting_class)},
          {"may_preempt", value.may_preempt},
          {"lookahead_ms", value.lookahead.count()},
          {"results_wanted", value.results_wanted},
          {"held_window", value.held_window ? span(*value.held_window) : json(nullptr)}};
}

json rules(const policy::ResolvedRules& value) {
  json blocks = json::array();
  for (const policy::HardBlock& block : value.hard_blocks) {
    blocks.push_back({{"interval", span(block.interval)}, {"label", block.label}});
  }
  json same_wall_time = json::array();
  for (const Instant t : value.same_wall_time) same_wall_time.push_back(t.unix_ms);
  return {{"working_hours_configured", value.working_hours_configured},
          {"working_hours", spans(value.working_hours)},
          {"hard_blocks", blocks},
          {"local_days", spans(value.local_days)},
          {"max_daily_meeting_minutes", number(value.max_daily_meeting_minutes)},
          {"slot_interval_minutes", value.slot_interval_minutes},
          {"buffer_minutes", value.buffer_minutes},
          {"max_back_to_back", number(value.max_back_to_back)},
          {"sacred_meeting_age_hours", number(value.sacred_meeting_age_hours)},
          {"same_wall_time", same_wall_time}};
}

json occupant(const Occupant& value) {
  json out = {{"interval", span(value.interval)}};
  switch (value.kind) {
    case OccupantKind::external:
      out["kind"] = "external";
      out["all_day"] = value.all_day;
      break;
    case OccupantKind::booking:
      out["kind"] = "booking";
      out["booking_id"] = value.booking_id.text();
      out["meeting_class"] = meeting_class(value.meeting_class);
      out["committed_at"] = value.committed_at.unix_ms;
      out["state"] = to_text(value.state);
      break;
    case OccupantKind::hold:
      out["kind"] = "hold";
      out["hold_id"] = value.hold_id.text();
      out["agent_id"] = value.agent_id.text();
      out["until"] = value.until.unix_ms;
      break;
  }
  return out;
}

json trace(const std::vector<TraceRow>& rows) {
  json out = json::array();
  for (const TraceRow& row : rows) {
    out.push_back({{"rule", row.rule}, {"outcome", to_text(row.outcome)}, {"detail", row.detail}});
  }
  return out;
}

template <class Tag>
json ids(const std::vector<Id<Tag>>& values) {
  json out = json::array();
  for (const auto& id : values) out.push_back(id.text());
  return out;
}

json instant(const std::optional<Instant>& t) { return t ? json(t->unix_ms) : json(nullptr); }

json reason(const std::optional<Reason>& value, std::string_view (*name)(Reason)) {
  return value ? json(name(*value)) : json(nullptr);
}

std::string text(const json& value) {
  // Text that is not UTF-8 can't come in through a door; should it, it has an encoding all the
  // same.
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

std::string canonical_json(const Situation& situation) {
  json occupancy = json::array();
  for (const Occupant& each : situation.occupancy) occupancy.push_back(occupant(each));
  return text({{"now", situation.now.unix_ms},
               {"agent_id", situation.agent_id.text()},
               {"request", request(situation.request)},
               {"rules", rules(situation.rules)},
               {"occupancy", occupancy},
               {"horizon",
                {{"interval", span(situation.horizon.interval)},
                 {"calendars", ids(situation.horizon.calendars)},
                 {"engine_version", situation.horizon.engine_version},
                 {"tzdata_version", situation.horizon.tzdata_version}}}});
}

std::string canonical_json(const Decision& decision) {
  return text({{"verdict", to_text(decision.verdict)},
               {"blocking_reason", reason(decision.blocking_reason, wire_name)},
               {"own_holds_in_the_way", ids(decision.own_holds_in_the_way)},
               {"displaced", ids(decision.displaced)},
               {"trace", trace(decision.trace)},
               {"alternatives", spans(decision.alternatives)},
               {"next_available", instant(decision.next_available)},
               {"next_available_exceeds_lookahead", decision.next_available_exceeds_lookahead},
               {"rule_fired", decision.rule_fired},
               {"placement", decision.placement ? span(*decision.placement) : json(nullptr)}});
}

std::string canonical_json(const SearchResult& result) {
  json candidates = json::array();
  for (const Candidate& each : result.candidates) {
    json row = {{"interval", span(each.interval)}, {"penalty", each.penalty}};
    row["risk"] = each.risk == Risk::free ? "free" : "preemptable";
    if (each.risk == Risk::preemptable) {
      row["occupying"] = ids(each.occupying);
      row["occupying_class"] = each.occupying_class;
      row["occupying_tier"] = to_text(each.occupying_tier);
    }
    candidates.push_back(std::move(row));
  }
  return text({{"candidates", candidates},
               {"available_count", result.available_count},
               {"curated", result.curated},
               {"reason", reason(result.reason, search_wire_name)},
               {"next_available", instant(result.next_available)},
               {"next_available_exceeds_lookahead", result.next_available_exceeds_lookahead},
               {"trace", trace(result.trace)},
               {"rule_fired", result.rule_fired}});
}

}  // namespace openavail::arbiter
