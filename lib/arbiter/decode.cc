// Reading a canonical situation back. Whatever comes in is checked here, so that the engine's own
// checks can't be reached by input.
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <nlohmann/json.hpp>

#include "arbiter/arbiter.h"
#include "arbiter/names.h"
#include "arbiter/standing.h"

namespace openavail::arbiter {
namespace {

using nlohmann::json;

constexpr std::int64_t kNumberMax = std::int64_t{1} << 52;  // exact in every JSON implementation
constexpr std::int64_t kSmallMax = 10'000'000;

// Remembers the first thing that is wrong and reads on with harmless values.
class Reader {
 public:
  bool failed() const { return !problem_.empty(); }
  const std::string& problem() const { return problem_; }
  void refuse(const std::string& what) {
    if (problem_.empty()) problem_ = what;
  }

  const json& member(const json& object, const char* name) {
    static const json nothing;
    if (!object.is_object() || !object.contains(name)) {
      refuse(std::string("the member ") + name + " is missing");
      return nothing;
    }
    return object.at(name);
  }
  void only(const json& object, std::size_t count) {
    if (object.is_object() && object.size() != count) refuse("there is an unknown member");
  }
  std::int64_t number(const json& value, std::int64_t min, std::int64_t max) {
    if (!value.is_number_integer() || value < min || value > max) {
      refuse("a number is missing or out of range");
      return min;
    }
    return value.get<std::int64_t>();
  }
  Instant instant(const json& value) { return {number(value, -kNumberMax, kNumberMax)}; }
  int small(const json& value) { return static_cast<int>(number(value, 0, kSmallMax)); }
  std::optional<int> optional_small(const json& value) {
    if (value.is_null()) return std::nullopt;
    return small(value);
  }
  bool boolean(const json& value) {
    if (!value.is_boolean()) refuse("true or false is missing");
    return value == true;
  }
  std::string text(const json& value) {
    if (value.is_string()) return value.get<std::string>();
    refuse("a text is missing");
    return {};
  }
  Interval span(const json& value) {
    if (!value.is_array() || value.size() != 2) {
      refuse("an interval must be a list of two instants");
      return {};
    }
    return {instant(value[0]), instant(value[1])};
  }
  const json& list(const json& value) {
    static const json empty = json::array();
    if (value.is_array()) return value;
    refuse("a list is missing");
    return empty;
  }
  std::vector<Interval> spans(const json& value) {
    std::vector<Interval> out;
    for (const json& each : list(value)) out.push_back(span(each));
    return out;
  }
  template <class Enum>
  Enum word(const json& value, std::initializer_list<Enum> known) {
    const std::string name = text(value);
    for (const Enum each : known) {
      if (to_text(each) == name) return each;
    }
    refuse("\"" + name.substr(0, 40) + "\" is not known here");
    return *known.begin();
  }

 private:
  std::string problem_;
};

policy::MeetingClass read_class(Reader& r, const json& value) {
  using policy::PreemptPolicy;
  using policy::Tier;
  r.only(value, 4);
  policy::MeetingClass out;
  out.id = ClassId(r.text(r.member(value, "id")));
  out.name = r.text(r.member(value, "name"));
  out.tier = r.word(r.member(value, "tier"), {Tier::low, Tier::normal, Tier::high, Tier::critical});
  out.policy =
      r.word(r.member(value, "policy"),
             {PreemptPolicy::protected_, PreemptPolicy::reschedulable, PreemptPolicy::replaceable});
  return out;
}

Request read_request(Reader& r, const json& value) {
  r.only(value, 8);
  Request out;
  out.kind =
      r.word(r.member(value, "kind"), {RequestKind::search, RequestKind::hold, RequestKind::book,
                                       RequestKind::confirm, RequestKind::simulate});
  out.interval = r.span(r.member(value, "interval"));
  if (const json& duration = r.member(value, "duration_ms"); !duration.is_null()) {
    out.duration = Millis{r.number(duration, 1, kNumberMax)};
  }
  out.meeting_class = read_class(r, r.member(value, "meeting_class"));
  out.may_preempt = r.boolean(r.member(value, "may_preempt"));
  out.lookahead = Millis{r.number(r.member(value, "lookahead_ms"), 0, kNumberMax)};
  out.results_wanted = r.small(r.member(value, "results_wanted"));
  if (const json& window = r.member(value, "held_window"); !window.is_null()) {
    out.held_window = r.span(window);
  }
  return out;
}

policy::ResolvedRules read_rules(Reader& r, const json& value) {
  r.only(value, 10);
  policy::ResolvedRules out;
  out.working_hours_configured = r.boolean(r.member(value, "working_hours_configured"));
  out.working_hours = r.spans(r.member(value, "working_hours"));
  for (const json& block : r.list(r.member(value, "hard_blocks"))) {
    r.only(block, 2);
    out.hard_blocks.push_back(
        {r.span(r.member(block, "interval")), r.text(r.member(block, "label"))});
  }
  out.local_days = r.spans(r.member(value, "local_days"));
  out.max_daily_meeting_minutes = r.optional_small(r.member(value, "max_daily_meeting_minutes"));
  out.slot_interval_minutes = r.small(r.member(value, "slot_interval_minutes"));
  out.buffer_minutes = r.small(r.member(value, "buffer_minutes"));
  out.max_back_to_back = r.optional_small(r.member(value, "max_back_to_back"));
  out.sacred_meeting_age_hours = r.optional_small(r.member(value, "sacred_meeting_age_hours"));
  for (const json& t : r.list(r.member(value, "same_wall_time"))) {
    out.same_wall_time.push_back(r.instant(t));
  }
  return out;
}

Occupant read_occupant(Reader& r, const json& value) {
  Occupant out;
  out.interval = r.span(r.member(value, "interval"));
  const std::string kind = r.text(r.member(value, "kind"));
  if (kind == "external") {
    r.only(value, 3);
    out.all_day = r.boolean(r.member(value, "all_day"));
  } else if (kind == "booking") {
    r.only(value, 6);
    out.kind = OccupantKind::booking;
    out.booking_id = BookingId(r.text(r.member(value, "booking_id")));
    out.meeting_class = read_class(r, r.member(value, "meeting_class"));
    out.committed_at = r.instant(r.member(value, "committed_at"));
    out.state = r.word(r.member(value, "state"),
                       {BookingState::writing, BookingState::committed, BookingState::displacing});
  } else if (kind == "hold") {
    r.only(value, 5);
    out.kind = OccupantKind::hold;
    out.hold_id = HoldId(r.text(r.member(value, "hold_id")));
    out.agent_id = AgentId(r.text(r.member(value, "agent_id")));
    out.until = r.instant(r.member(value, "until"));
  } else {
    r.refuse("an occupant is external, a booking or a hold");
  }
  return out;
}

}  // namespace

Result<Situation> situation_from_json(const std::string& text) {
  const auto refused = [](const std::string& why) {
    return fail(ErrorCode::validation_failed, "not a situation: " + why,
                "use the situation exactly as it was answered");
  };
  const json root = json::parse(text, nullptr, false);
  if (!root.is_object()) return refused("it must be a JSON object");
  Reader r;
  r.only(root, 6);
  Situation out;
  out.now = r.instant(r.member(root, "now"));
  out.agent_id = AgentId(r.text(r.member(root, "agent_id")));
  out.request = read_request(r, r.member(root, "request"));
  out.rules = read_rules(r, r.member(root, "rules"));
  for (const json& each : r.list(r.member(root, "occupancy"))) {
    out.occupancy.push_back(read_occupant(r, each));
  }
  const json& horizon = r.member(root, "horizon");
  r.only(horizon, 4);
  out.horizon.interval = r.span(r.member(horizon, "interval"));
  for (const json& each : r.list(r.member(horizon, "calendars"))) {
    out.horizon.calendars.emplace_back(r.text(each));
  }
  out.horizon.engine_version = r.text(r.member(horizon, "engine_version"));
  out.horizon.tzdata_version = r.text(r.member(horizon, "tzdata_version"));
  if (r.failed()) return refused(r.problem());
  if (const char* defect = defect_of(out)) return refused(defect);
  return out;
}

}  // namespace openavail::arbiter
