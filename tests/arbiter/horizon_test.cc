// What lies at the edge of the horizon, or outside of it.
#include <catch2/catch.hpp>

#include "world.h"

namespace openavail::arbiter::test {

TEST_CASE("a window behind the last grid start of the horizon finds nothing") {
  Situation s = empty_world();
  s.request.kind = RequestKind::search;
  s.request.interval = span(kDays * kDayMinutes - 10, kDays * kDayMinutes);
  s.request.duration = std::chrono::minutes(5);
  const SearchResult found = search(s);
  CHECK(found.candidates.empty());
  CHECK(found.reason == Reason::no_capacity);
  CHECK_FALSE(found.next_available);
}

TEST_CASE("a search to the very end of the horizon finds the last slot") {
  Situation s = empty_world();
  s.request.kind = RequestKind::search;
  s.request.interval = span(kDays * kDayMinutes - 60, kDays * kDayMinutes);
  s.request.duration = std::chrono::minutes(15);
  CHECK(search(s).candidates.back().interval ==
        span(kDays * kDayMinutes - 15, kDays * kDayMinutes));
}

TEST_CASE("a held window or a wall time outside of the horizon offers nothing") {
  Situation s = empty_world();
  s.request.kind = RequestKind::confirm;
  s.occupancy = {external(span(0, kDays * kDayMinutes - 30))};
  SECTION("a window behind it") {
    s.request.held_window = span(kDays * kDayMinutes, kDays * kDayMinutes + 100);
  }
  SECTION("a window before it") { s.request.held_window = span(-50, -10); }
  SECTION("wall times before and behind it") {
    s.rules.same_wall_time = {at(-30), at(kDays * kDayMinutes)};
  }
  const Decision refused = decide(s);
  CHECK(refused.verdict == Verdict::reject);
  CHECK(refused.alternatives.empty());
}

}  // namespace openavail::arbiter::test
