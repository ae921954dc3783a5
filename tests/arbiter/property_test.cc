// Properties over random worlds. A failure prints the seed that repeats it.
#include <rapidcheck.h>

#include <catch2/catch.hpp>

#include "compare.h"

namespace openavail::arbiter::test {
namespace {

using policy::PreemptPolicy;
using policy::Tier;

int pick(int from, int to) { return *rc::gen::inRange(from, to + 1); }

Interval some_interval(int length_max) {
  const int start = pick(0, kDays * kDayMinutes - 10);
  return span(start, std::min(start + pick(1, length_max), kDays * kDayMinutes));
}

Occupant some_occupant(int number) {
  const std::string id = "b" + std::to_string(number);
  const Interval interval = some_interval(70);
  const auto tier = static_cast<Tier>(pick(0, 3));
  switch (pick(0, 4)) {
    case 0:
      return external(interval, pick(0, 3) == 0);
    case 1:
      return hold(id, interval, pick(0, 1) == 0 ? "a1" : "a2");
    default:
      return booking(id, interval, tier, static_cast<PreemptPolicy>(pick(0, 2)), pick(20, 28));
  }
}

Situation some_world() {
  Situation s = empty_world();
  const int occupants = pick(0, 7);
  for (int i = 0; i < occupants; ++i) s.occupancy.push_back(some_occupant(i));
  sort_occupancy(s);
  s.now = at(pick(-30, 60));
  s.request.meeting_class.tier = static_cast<Tier>(pick(0, 3));
  s.request.may_preempt = pick(0, 1) == 1;
  s.request.lookahead = std::chrono::minutes(pick(0, 300));
  s.request.results_wanted = pick(1, 12);
  s.rules.slot_interval_minutes =
      std::vector<int>{5, 10, 15, 30}[static_cast<std::size_t>(pick(0, 3))];
  s.rules.buffer_minutes = pick(0, 20);
  if (pick(0, 1) == 1) s.rules.max_back_to_back = pick(1, 4);
  if (pick(0, 2) == 0) s.rules.max_daily_meeting_minutes = pick(20, 120);
  if (pick(0, 2) == 0) {
    s.rules.working_hours_configured = true;
    const int rows = pick(0, 4);
    for (int i = 0; i < rows; ++i) s.rules.working_hours.push_back(some_interval(150));
    std::sort(s.rules.working_hours.begin(), s.rules.working_hours.end());
  }
  if (pick(0, 3) == 0) s.rules.hard_blocks.push_back({some_interval(30), "Block"});
  const int start = pick(60, 250);
  s.request.interval = span(start, start + pick(5, 60));
  set_same_wall_time(s);
  return s;
}

Situation some_search() {
  Situation s = some_world();
  s.request.kind = RequestKind::search;
  s.request.duration = std::chrono::minutes(pick(5, 60));
  const int start = pick(0, 100);
  s.request.interval = span(start, start + pick(60, 250));
  return s;
}

Decision asked_for(Situation s, const Interval& interval) {
  s.request.kind = RequestKind::book;
  s.request.duration.reset();
  s.request.interval = interval;
  return judge(s);
}

int goodness(const Decision& d) {
  switch (d.verdict) {
    case Verdict::accept:
      return 2;
    case Verdict::preempt:
      return 1;
    case Verdict::reject:
    case Verdict::counter_propose:
      return 0;
  }
  return -1;
}

}  // namespace

TEST_CASE("an accepted interval overlaps nothing, a preempting one only what it displaces") {
  CHECK(rc::check([] {
    const Situation s = some_world();
    const Decision d = decide(s);
    if (d.verdict != Verdict::accept && d.verdict != Verdict::preempt) return;
    for (const Occupant& o : s.occupancy) {
      if (!o.interval.overlaps(s.request.interval)) continue;
      RC_ASSERT(std::find(d.displaced.begin(), d.displaced.end(), o.booking_id) !=
                d.displaced.end());
      RC_ASSERT(o.meeting_class.tier < s.request.meeting_class.tier);
      RC_ASSERT(o.meeting_class.policy != PreemptPolicy::protected_);
      RC_ASSERT(s.request.may_preempt);
    }
  }));
}

TEST_CASE("the order in which the occupancy was collected does not show in the answer") {
  CHECK(rc::check([] {
    Situation s = some_world();
    const std::string answer = canonical_json(decide(s));
    const std::string encoded = canonical_json(s);
    for (std::size_t i = s.occupancy.size(); i > 1; --i) {
      std::swap(s.occupancy[i - 1],
                s.occupancy[static_cast<std::size_t>(pick(0, static_cast<int>(i) - 1))]);
    }
    sort_occupancy(s);
    RC_ASSERT(canonical_json(s) == encoded);
    RC_ASSERT(canonical_json(decide(s)) == answer);
  }));
}

TEST_CASE("a higher tier never does worse, nor does an agent with preempt") {
  CHECK(rc::check([] {
    Situation s = some_world();
    int before = -1;
    for (const Tier tier : {Tier::low, Tier::normal, Tier::high, Tier::critical}) {
      s.request.meeting_class.tier = tier;
      const int now = goodness(judge(s));
      RC_ASSERT(now >= before);
      before = now;
      Situation other = s;
      other.request.may_preempt = true;
      RC_ASSERT(goodness(judge(other)) >= now);
    }
  }));
}

TEST_CASE("every alternative and next_available, asked at once, is accepted") {
  CHECK(rc::check([] {
    const Situation s = some_world();
    const Decision d = decide(s);
    std::vector<Interval> offers = d.alternatives;
    if (d.next_available) {
      offers.push_back({*d.next_available, *d.next_available + s.request.interval.length()});
    }
    for (const Interval& offer : offers) {
      RC_ASSERT(asked_for(s, offer).verdict == Verdict::accept);
    }
  }));
}

TEST_CASE("search and decide agree on every grid point") {
  CHECK(rc::check([] {
    Situation s = some_search();
    s.request.results_wanted = 1000;
    const SearchResult r = search(s);
    for (const Interval& slot : naive::placements(s)) {
      const auto found = std::find_if(r.candidates.begin(), r.candidates.end(),
                                      [&](const Candidate& c) { return c.interval == slot; });
      const Decision d = asked_for(s, slot);
      RC_ASSERT((found != r.candidates.end()) == (goodness(d) > 0));
      if (found != r.candidates.end()) RC_ASSERT(found->occupying == d.displaced);
    }
  }));
}

TEST_CASE("random decisions equal those of the naive reading") {
  CHECK(rc::check([] {
    const Situation s = some_world();
    RC_ASSERT(decide_differs(s) == "");
  }));
}

TEST_CASE("random searches equal those of the naive reading") {
  CHECK(rc::check([] {
    const Situation s = some_search();
    RC_ASSERT(search_differs(s) == "");
  }));
}

TEST_CASE("a window hold passes exactly if a placement does and no live hold is in the window") {
  CHECK(rc::check([] {
    Situation s = some_search();
    s.request.kind = RequestKind::hold;
    s.now = at(-30);
    const Decision d = decide(s);
    bool placeable = false;
    for (const Interval& slot : naive::placements(s)) {
      if (!naive::judge(s, slot).failed) placeable = true;
    }
    bool held = false;
    for (const Occupant& o : s.occupancy) {
      if (o.kind == OccupantKind::hold && o.interval.overlaps(s.request.interval)) held = true;
    }
    RC_ASSERT((goodness(d) > 0) == (placeable && !held));
    if (d.placement) RC_ASSERT(!naive::judge(s, *d.placement).failed);
    if (goodness(d) == 0) RC_ASSERT(d.alternatives == naive::alternatives(s));
  }));
}

TEST_CASE("a situation survives its encoding, and the copy is decided alike") {
  CHECK(rc::check([] {
    const Situation s = some_world();
    const std::string text = canonical_json(s);
    const Result<Situation> copy = situation_from_json(text);
    RC_ASSERT(copy.has_value());
    RC_ASSERT(canonical_json(*copy) == text);
    RC_ASSERT(canonical_json(decide(*copy)) == canonical_json(decide(s)));
  }));
}

}  // namespace openavail::arbiter::test
