#include <catch2/catch.hpp>
#include <functional>
#include <nlohmann/json.hpp>
#include <utility>

#include "arbiter/standing.h"
#include "world.h"

namespace openavail::arbiter::test {
namespace {

using nlohmann::json;

std::string with(const char* pointer, const json& value) {
  json root = json::parse(canonical_json(empty_world()));
  root[json::json_pointer(pointer)] = value;
  return root.dump();
}

}  // namespace

TEST_CASE("the encoding has sorted members, no white space and whole milliseconds") {
  const std::string text = canonical_json(empty_world());
  CHECK(text.substr(0, 47) == R"({"agent_id":"a1","horizon":{"calendars":["cal_1)");
  CHECK(text.find(R"("now":3600000,)") != std::string::npos);
  CHECK(text.find('\n') == std::string::npos);
  CHECK(text == json::parse(text).dump());
}

TEST_CASE("what is no situation is refused and never reaches the engine's own checks") {
  CHECK(situation_from_json(canonical_json(empty_world())).has_value());
  for (const std::string& text : {std::string(), std::string("[]"), std::string("{}"),
                                  std::string("{\"now\":1"), with("/unknown", 1)}) {
    INFO(text);
    CHECK_FALSE(situation_from_json(text).has_value());
  }
  CHECK_FALSE(situation_from_json(with("/now", "soon")).has_value());
  CHECK_FALSE(situation_from_json(with("/now", 1.5)).has_value());
  CHECK_FALSE(situation_from_json(with("/now", 9e18)).has_value());
  CHECK_FALSE(situation_from_json(with("/now", (std::int64_t{1} << 52) + 1)).has_value());
  CHECK_FALSE(situation_from_json(with("/request/interval", {1, 2, 3})).has_value());
  CHECK_FALSE(situation_from_json(with("/request/kind", "sell")).has_value());
  CHECK_FALSE(situation_from_json(with("/request/kind", "search")).has_value());
  CHECK_FALSE(situation_from_json(with("/request/interval", {5, 5})).has_value());
  CHECK_FALSE(situation_from_json(with("/request/interval", {0, 5})).has_value());
  CHECK_FALSE(situation_from_json(with("/request/duration_ms", 0)).has_value());
  CHECK_FALSE(situation_from_json(with("/rules/local_days", json::array())).has_value());
  CHECK_FALSE(situation_from_json(with("/rules/local_days/1/0", 7)).has_value());
  CHECK_FALSE(situation_from_json(with("/rules/slot_interval_minutes", 0)).has_value());
  CHECK_FALSE(situation_from_json(with("/rules/slot_interval_minutes", 7)).has_value());
  CHECK_FALSE(situation_from_json(with("/rules/working_hours", {{9, 9}})).has_value());
  CHECK_FALSE(situation_from_json(with("/occupancy", {{{"kind", "ghost"}}})).has_value());
}

TEST_CASE("each promise that a situation does not keep is told") {
  using Change = std::function<void(Situation&)>;
  const std::vector<std::pair<std::string, Change>> broken = {
      {"there are no local days", [](Situation& s) { s.rules.local_days.clear(); }},
      {"a local day is empty", [](Situation& s) { s.rules.local_days[1].end = at(kDayMinutes); }},
      {"the local days are not contiguous",
       [](Situation& s) { s.rules.local_days[1].start = at(kDayMinutes + 1); }},
      {"the local days are not contiguous",
       [](Situation& s) { s.rules.local_days[1].start = at(kDayMinutes - 1); }},
      {"the local days don't cover the horizon",
       [](Situation& s) { s.horizon.interval.end = at(kDays * kDayMinutes + 1); }},
      {"the requested interval is empty",
       [](Situation& s) { s.request.interval.end = s.request.interval.start; }},
      {"the request lies outside the horizon", [](Situation& s) { s.request.interval.start = {}; }},
      {"a search needs a duration", [](Situation& s) { s.request.kind = RequestKind::search; }},
      {"the duration is not positive", [](Situation& s) { s.request.duration = Millis{0}; }},
      {"the lookahead is negative", [](Situation& s) { s.request.lookahead = Millis{-1}; }},
      {"no results are wanted", [](Situation& s) { s.request.results_wanted = 0; }},
      {"the slot interval does not divide a day",
       [](Situation& s) { s.rules.slot_interval_minutes = 0; }},
      {"the slot interval does not divide a day",
       [](Situation& s) { s.rules.slot_interval_minutes = 7; }},
      {"the buffer is negative", [](Situation& s) { s.rules.buffer_minutes = -1; }},
      {"a working-hours interval is empty",
       [](Situation& s) { s.rules.working_hours = {span(9, 9)}; }},
      {"the working hours are not sorted",
       [](Situation& s) {
         s.rules.working_hours = {span(9, 10), span(7, 8)};
       }},
      {"a hard block is empty",
       [](Situation& s) {
         s.rules.hard_blocks = {{span(9, 9), ""}};
       }},
      {"the hard blocks are not sorted",
       [](Situation& s) {
         s.rules.hard_blocks = {{span(9, 10), ""}, {span(7, 8), ""}};
       }},
      {"the occupancy is not sorted",
       [](Situation& s) {
         s.occupancy = {external(span(9, 10)), external(span(7, 8))};
       }},
      {"the occupancy is not sorted",
       [](Situation& s) {
         s.occupancy = {external(span(9, 10)), external(span(9, 9))};
       }},
  };
  CHECK(defect_of(empty_world()) == nullptr);
  for (const auto& [wanted, change] : broken) {
    Situation s = empty_world();
    change(s);
    const char* defect = defect_of(s);
    REQUIRE(defect != nullptr);
    CHECK(defect == wanted);
  }
}

TEST_CASE("an occupancy out of order is refused") {
  Situation s = empty_world();
  s.occupancy = {external(span(60, 90)), external(span(0, 30))};
  CHECK_FALSE(situation_from_json(canonical_json(s)).has_value());
  sort_occupancy(s);
  CHECK(situation_from_json(canonical_json(s)).has_value());
}

TEST_CASE("a hold whose time is over and an event without length take no part") {
  Situation s = empty_world();
  Occupant over = hold("h1", span(30, 60));
  over.until = s.now;
  s.occupancy = {over, external(span(40, 40))};
  CHECK(decide(s).verdict == Verdict::accept);
  s.occupancy.front().until = s.now + Millis{1};
  CHECK(decide(s).blocking_reason == Reason::no_capacity);
}

}  // namespace openavail::arbiter::test
