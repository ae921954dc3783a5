// Every combination of a small world, against the naive second implementation.
#include <catch2/catch.hpp>

#include "compare.h"

namespace openavail::arbiter::test {
namespace {

using policy::PreemptPolicy;
using policy::Tier;

Occupant occupant_of(int kind, const std::string& id, const Interval& interval) {
  switch (kind) {
    case 0:
      return external(interval);
    case 1:
      return external(interval, true);
    case 2:
      return hold(id, interval);
    case 3:
      return booking(id, interval, Tier::normal, PreemptPolicy::replaceable);  // a tie
    case 4:
      return booking(id, interval, Tier::low, PreemptPolicy::protected_);
    case 5:
      return booking(id, interval, Tier::low, PreemptPolicy::reschedulable, 24);  // just sacred
    case 6:
      return booking(id, interval, Tier::low, PreemptPolicy::reschedulable, 23);
    default:
      return booking(id, interval, Tier::critical, PreemptPolicy::reschedulable);
  }
}

struct Choice {
  int kind;
  Interval interval;
};

std::vector<Choice> choices(const std::vector<int>& kinds, const std::vector<Interval>& places) {
  std::vector<Choice> out;
  for (const int kind : kinds) {
    for (const Interval& place : places) out.push_back({kind, place});
  }
  return out;
}

// All rules and requests over one occupancy. Returns the number of comparisons.
int compare_all(Situation base) {
  int count = 0;
  sort_occupancy(base);
  for (const bool preempt : {false, true}) {
    for (const int cap : {0, 45, 75}) {
      for (const bool hours : {false, true}) {
        Situation s = base;
        s.request.may_preempt = preempt;
        if (cap != 0) s.rules.max_daily_meeting_minutes = cap;
        s.rules.working_hours_configured = hours;
        if (hours) s.rules.working_hours = {span(15, 105), span(90, 150), span(165, 240)};
        if (hours) s.rules.hard_blocks = {{span(75, 80), "Block"}};
        for (const int start : {30, 105}) {
          s.request.kind = RequestKind::book;
          s.request.duration.reset();
          s.request.interval = span(start, start + 30);
          set_same_wall_time(s);
          ++count;
          const std::string difference = decide_differs(s);
          if (!difference.empty()) FAIL(difference << " of " << canonical_json(s));
        }
        s.request.kind = RequestKind::search;
        s.request.interval = span(0, 200);
        s.request.duration = std::chrono::minutes(30);
        s.rules.max_back_to_back = 2;
        s.request.results_wanted = 5;
        ++count;
        const std::string difference = search_differs(s);
        if (!difference.empty()) FAIL(difference << " in a search of " << canonical_json(s));
      }
    }
  }
  return count;
}

}  // namespace

TEST_CASE("every small world with up to two occupants is judged as the naive reading does") {
  const std::vector<Choice> all =
      choices({0, 1, 2, 3, 4, 5, 6, 7}, {span(15, 45), span(30, 60), span(50, 130)});
  int count = compare_all(empty_world());
  for (std::size_t i = 0; i < all.size(); ++i) {
    Situation one = empty_world();
    one.occupancy = {occupant_of(all[i].kind, "b1", all[i].interval)};
    count += compare_all(one);
    for (std::size_t j = i; j < all.size(); ++j) {
      Situation two = one;
      two.occupancy.push_back(occupant_of(all[j].kind, "b2", all[j].interval));
      count += compare_all(two);
    }
  }
  CHECK(count == (1 + 24 + 300) * 36);
}

TEST_CASE("three occupants of any kinds side by side or overlapping are judged alike") {
  int count = 0;
  for (const int first : {0, 2, 3, 4, 6}) {
    for (const int second : {0, 2, 3, 4, 6}) {
      for (const int third : {0, 4, 6}) {
        Situation s = empty_world();
        s.occupancy = {occupant_of(first, "b1", span(15, 40)),
                       occupant_of(second, "b2", span(40, 70)),
                       occupant_of(third, "b3", span(60, 125))};
        count += compare_all(s);
      }
    }
  }
  CHECK(count == 75 * 36);
}

}  // namespace openavail::arbiter::test
