#include "table.h"

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include "policy/resolve.h"

namespace openavail::decisions {
namespace {

using nlohmann::json;
using time::LocalDate;
using time::Zone;

constexpr int kYear = 2026;

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message());
  return *std::move(result);
}

LocalDate read_date(const std::string& text) {
  if (text.size() < 5 || text[2] != '-') throw std::runtime_error("no date: " + text);
  return LocalDate::of(kYear, static_cast<unsigned>(std::stoi(text.substr(0, 2))),
                       static_cast<unsigned>(std::stoi(text.substr(3, 2))));
}

// "03-03 09:00-10:00" or two times with a slash between them.
Interval read_interval(const std::string& text, const Zone& zone) {
  const std::size_t slash = text.find('/');
  if (slash != std::string::npos) {
    return {read_time(text.substr(0, slash), zone), read_time(text.substr(slash + 1), zone)};
  }
  if (text.size() != 17) throw std::runtime_error("no interval: " + text);
  return {read_time(text.substr(0, 11), zone),
          read_time(text.substr(0, 6) + text.substr(12), zone)};
}

policy::Tier read_tier(const std::string& text) {
  const auto tier = policy::tier_from_text(text);
  if (!tier) throw std::runtime_error("no tier: " + text);
  return *tier;
}

arbiter::Occupant read_booking(std::istringstream& words) {
  arbiter::Occupant out;
  out.kind = arbiter::OccupantKind::booking;
  std::string id;
  std::string tier;
  std::string preempt_policy;
  words >> id >> tier >> preempt_policy;
  const auto read_policy = policy::preempt_policy_from_text(preempt_policy);
  if (!read_policy) throw std::runtime_error("no policy: " + preempt_policy);
  out.booking_id = BookingId(id);
  out.meeting_class = {ClassId("cls_" + id), "Class " + id, read_tier(tier), *read_policy, ""};
  return out;
}

// "external I", "all-day 03-03 x2", "hold h1 a1 I [until T]",
// "booking b1 low reschedulable I [committed T] [writing|displacing]".
arbiter::Occupant read_occupant(const std::string& text, const Zone& zone, Instant now) {
  std::istringstream words(text);
  std::string kind;
  words >> kind;
  arbiter::Occupant out;
  if (kind == "booking") {
    out = read_booking(words);
    out.committed_at = now - std::chrono::hours(1);
  } else if (kind == "hold") {
    std::string id;
    std::string agent;
    words >> id >> agent;
    out.kind = arbiter::OccupantKind::hold;
    out.hold_id = HoldId(id);
    out.agent_id = AgentId(agent);
    out.until = now + std::chrono::minutes(5);
  } else if (kind != "external" && kind != "all-day") {
    throw std::runtime_error("no occupant: " + text);
  }
  std::string date;
  std::string rest;
  if (kind == "all-day") {
    std::string times = "x1";
    words >> date >> times;
    const LocalDate first = read_date(date);
    out.all_day = true;
    out.interval = {zone.day(first).start, zone.day(first + (std::stoi(times.substr(1)) - 1)).end};
    return out;
  }
  words >> date;
  if (date.find('T') == std::string::npos) {
    words >> rest;
    date += " " + rest;
    if (date.find('/') != std::string::npos && date.find('T') == std::string::npos) {
      words >> rest;  // the second time's wall clock
      date += " " + rest;
    }
  }
  out.interval = read_interval(date, zone);
  for (std::string word; words >> word;) {
    if (word == "until" || word == "committed") {
      std::string day;
      std::string clock;
      words >> day >> clock;
      (word == "until" ? out.until : out.committed_at) = read_time(day + " " + clock, zone);
    } else if (word == "writing") {
      out.state = arbiter::BookingState::writing;
    } else if (word == "displacing") {
      out.state = arbiter::BookingState::displacing;
    } else {
      throw std::runtime_error("unknown word: " + word);
    }
  }
  return out;
}

policy::RuleLayer read_layer(json layer) {
  for (const char* member : {"working_hours", "hard_blocks"}) {
    if (!layer.contains(member) || !layer[member].is_array()) continue;
    std::vector<policy::WeeklyRow> rows;
    for (const json& row : layer[member]) {
      rows.push_back(must(policy::parse_weekly_row(row.get<std::string>())));
    }
    policy::RuleLayer only_rows;
    only_rows.hard_blocks = policy::Field<std::vector<policy::WeeklyRow>>::of(rows);
    layer[member] = policy::to_json(only_rows).at("hard_blocks");
  }
  return must(policy::layer_from_json(layer));
}

arbiter::RequestKind read_kind(const std::string& text) {
  if (text == "search") return arbiter::RequestKind::search;
  if (text == "hold") return arbiter::RequestKind::hold;
  if (text == "book") return arbiter::RequestKind::book;
  if (text == "confirm") return arbiter::RequestKind::confirm;
  if (text == "simulate") return arbiter::RequestKind::simulate;
  throw std::runtime_error("no kind: " + text);
}

arbiter::Request read_request(const json& ask, const Zone& zone) {
  arbiter::Request out;
  out.kind = read_kind(ask.value("kind", "book"));
  out.interval = read_interval(ask.at("at").get<std::string>(), zone);
  if (ask.contains("minutes")) out.duration = std::chrono::minutes(ask.at("minutes").get<int>());
  out.meeting_class = {ClassId("cls_asked"), "Asked", read_tier(ask.value("tier", "normal")),
                       policy::PreemptPolicy::reschedulable, ""};
  out.may_preempt = ask.value("preempt", false);
  out.lookahead = std::chrono::hours(ask.value("lookahead_hours", 72));
  out.results_wanted = ask.value("wanted", 50);
  if (ask.contains("held_window")) {
    out.held_window = read_interval(ask.at("held_window").get<std::string>(), zone);
  }
  return out;
}

// A case's own `rules` and `ask` are laid over those of the base, member by member.
json overlay(json base, const json& changes) {
  if (base.is_null()) base = json::object();
  if (!changes.is_null()) base.update(changes);
  return base;
}

Case read_case(const json& base, const json& value) {
  const json whole = overlay(base, value);
  for (const auto& [name, member] : whole.items()) {
    static const std::vector<std::string> known = {"name",        "zone", "now",  "rules",
                                                   "owner_rules", "ask",  "busy", "expect"};
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      throw std::runtime_error("unknown member " + name);
    }
  }
  const Zone zone = must(Zone::open(whole.value("zone", "UTC")));
  Case out{value.at("name").get<std::string>(), zone, {}, value.at("expect")};
  arbiter::Situation& s = out.situation;
  s.now = read_time(whole.value("now", "03-02 08:00"), zone);
  s.agent_id = AgentId("a1");
  s.request = read_request(overlay(base.value("ask", json()), value.value("ask", json())), zone);
  Instant first = s.request.interval.start;
  if (s.request.held_window) first = std::min(first, s.request.held_window->start);
  s.horizon.interval = policy::whole_local_days(
      {first, s.request.interval.end + std::chrono::hours(31 * 24)}, zone);
  s.horizon.calendars = {CalendarId("cal_1")};
  s.horizon.engine_version = arbiter::kEngineVersion;
  s.horizon.tzdata_version = "any";
  const policy::EffectiveRules rules =
      policy::merge(read_layer(overlay(base.value("rules", json()), value.value("rules", json()))),
                    read_layer(whole.value("owner_rules", json::object())));
  s.rules = must(policy::resolve(rules, zone, s.horizon.interval, s.request.interval.start));
  for (const json& line : whole.value("busy", json::array())) {
    s.occupancy.push_back(read_occupant(line.get<std::string>(), zone, s.now));
  }
  std::sort(s.occupancy.begin(), s.occupancy.end(), arbiter::canonical_before);
  return out;
}

}  // namespace

Instant read_time(const std::string& text, const Zone& zone) {
  if (text.find('T') != std::string::npos) return must(time::parse_instant(text));
  if (text.size() != 11) throw std::runtime_error("no time: " + text);
  const int minutes = std::stoi(text.substr(6, 2)) * 60 + std::stoi(text.substr(9, 2));
  return zone.at(read_date(text), minutes * 60);
}

std::vector<Case> read_table(const std::string& text) {
  const json table = json::parse(text);
  std::vector<Case> out;
  for (const json& each : table.at("cases")) {
    try {
      out.push_back(read_case(table.value("base", json::object()), each));
    } catch (const std::exception& problem) {
      throw std::runtime_error(each.value("name", "a case without name") + ": " + problem.what());
    }
  }
  return out;
}

}  // namespace openavail::decisions
