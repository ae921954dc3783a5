// How long the engine takes, without encoding: verdicts, refusals with alternatives, and searches,
// over 10 to 10,000 occupants and windows of 1 to 30 days.
#include <benchmark/benchmark.h>

#include <algorithm>

#include "arbiter/arbiter.h"
#include "policy/resolve.h"

namespace {

using namespace openavail;
using arbiter::Occupant;
using arbiter::Situation;

constexpr std::int64_t kHourMs = 3'600'000;
const Instant kMonday{1'772'409'600'000};  // 2026-03-02T00:00:00Z

Occupant occupant(std::size_t number, Instant start, Millis length) {
  Occupant out;
  out.interval = {start, start + length};
  if (number % 3 == 0) return out;  // a third external, the rest ours
  out.kind = arbiter::OccupantKind::booking;
  // As long as a UUID, which real ones are: too long to live inside a std::string.
  std::string digits = std::to_string(number);
  out.booking_id = BookingId("01a20dcd-567b-7d83-8f2c-" + std::string(12 - digits.size(), '0') +
                             std::move(digits));
  out.meeting_class.name = "Regular";
  out.meeting_class.tier = number % 2 == 0 ? policy::Tier::low : policy::Tier::high;
  out.committed_at = kMonday - Millis{kHourMs};
  return out;
}

// `count` occupants spread evenly over `days` days from the request's day on.
Situation situation(std::size_t count, int days, const char* hours) {
  Situation s;
  s.now = kMonday;
  s.request.interval = {kMonday + Millis{34 * kHourMs}, kMonday + Millis{35 * kHourMs}};
  s.request.meeting_class.tier = policy::Tier::normal;
  s.request.may_preempt = true;
  policy::EffectiveRules rules;
  rules.working_hours = {policy::parse_weekly_row(hours).value()};
  rules.hard_blocks = {policy::parse_weekly_row("Mon-Fri 12:00-13:00 Lunch").value()};
  rules.max_daily_meeting_minutes = 1440;
  rules.max_back_to_back = 3;
  const time::Zone zone = time::Zone::utc();
  s.horizon.interval = {kMonday, kMonday + std::chrono::hours(24 * 64)};
  s.rules = policy::resolve(rules, zone, s.horizon.interval, s.request.interval.start).value();
  const std::int64_t step = days * 24 * kHourMs / static_cast<std::int64_t>(count);
  const Millis length{std::max<std::int64_t>(step / 2, 60'000)};
  for (std::size_t i = 0; i < count; ++i) {
    const Instant start = kMonday + Millis{24 * kHourMs + step * static_cast<std::int64_t>(i)};
    s.occupancy.push_back(occupant(i, start, length));
  }
  std::sort(s.occupancy.begin(), s.occupancy.end(), arbiter::canonical_before);
  return s;
}

void verdict(benchmark::State& state) {
  const Situation s =
      situation(static_cast<std::size_t>(state.range(0)), 30, "Mon-Fri 09:00-17:00");
  for (auto _ : state) benchmark::DoNotOptimize(arbiter::judge(s));
}
BENCHMARK(verdict)->RangeMultiplier(10)->Range(10, 10'000)->Unit(benchmark::kMicrosecond);

// All occupants on the requested day: nothing can be left aside.
void verdict_on_one_crowded_day(benchmark::State& state) {
  const Situation s = situation(static_cast<std::size_t>(state.range(0)), 1, "Mon-Fri 09:00-17:00");
  for (auto _ : state) benchmark::DoNotOptimize(arbiter::judge(s));
}
BENCHMARK(verdict_on_one_crowded_day)
    ->RangeMultiplier(10)
    ->Range(10, 10'000)
    ->Unit(benchmark::kMicrosecond);

// Everything that the slot overlaps would be displaced.
void preempting_verdict_on_one_crowded_day(benchmark::State& state) {
  Situation s = situation(static_cast<std::size_t>(state.range(0)), 1, "Mon-Fri 09:00-17:00");
  for (Occupant& each : s.occupancy) {
    each.kind = arbiter::OccupantKind::booking;
    each.meeting_class.tier = policy::Tier::low;
  }
  for (auto _ : state) benchmark::DoNotOptimize(arbiter::judge(s));
}
BENCHMARK(preempting_verdict_on_one_crowded_day)
    ->RangeMultiplier(10)
    ->Range(10, 10'000)
    ->Unit(benchmark::kMicrosecond);

void refusal_on_one_crowded_day(benchmark::State& state) {
  const Situation s = situation(static_cast<std::size_t>(state.range(0)), 1, "Daily 00:00-24:00");
  for (auto _ : state) benchmark::DoNotOptimize(arbiter::decide(s));
}
BENCHMARK(refusal_on_one_crowded_day)
    ->RangeMultiplier(10)
    ->Range(10, 10'000)
    ->Unit(benchmark::kMicrosecond);

void refusal_with_alternatives(benchmark::State& state) {
  Situation s = situation(static_cast<std::size_t>(state.range(0)), 30, "Daily 00:00-24:00");
  Occupant blocker;
  blocker.interval = s.request.interval;
  s.occupancy.push_back(blocker);
  std::sort(s.occupancy.begin(), s.occupancy.end(), arbiter::canonical_before);
  for (auto _ : state) benchmark::DoNotOptimize(arbiter::decide(s));
}
BENCHMARK(refusal_with_alternatives)
    ->RangeMultiplier(10)
    ->Range(10, 10'000)
    ->Unit(benchmark::kMicrosecond);

// Nothing is free in the whole horizon: every day is looked through.
void refusal_without_any_alternative(benchmark::State& state) {
  Situation s = situation(static_cast<std::size_t>(state.range(0)), 60, "Daily 00:00-24:00");
  s.rules.max_daily_meeting_minutes = 60;
  Occupant blocker;
  blocker.interval = s.request.interval;
  s.occupancy.push_back(blocker);
  std::sort(s.occupancy.begin(), s.occupancy.end(), arbiter::canonical_before);
  for (auto _ : state) benchmark::DoNotOptimize(arbiter::decide(s));
}
BENCHMARK(refusal_without_any_alternative)
    ->RangeMultiplier(10)
    ->Range(10, 10'000)
    ->Unit(benchmark::kMicrosecond);

void search(benchmark::State& state) {
  const int days = static_cast<int>(state.range(1));
  Situation s = situation(static_cast<std::size_t>(state.range(0)), 30, "Daily 00:00-24:00");
  s.request.kind = arbiter::RequestKind::search;
  s.request.duration = std::chrono::minutes(30);
  s.request.interval = {kMonday + Millis{24 * kHourMs},
                        kMonday + Millis{24 * kHourMs * (days + 1)}};
  for (auto _ : state) benchmark::DoNotOptimize(arbiter::search(s));
}
BENCHMARK(search)
    ->ArgsProduct({{10, 100, 1'000, 10'000}, {1, 7, 30}})
    ->Unit(benchmark::kMicrosecond);

// Every slot that something lies in would displace it.
void search_over_displaceable(benchmark::State& state) {
  const int days = static_cast<int>(state.range(1));
  Situation s = situation(static_cast<std::size_t>(state.range(0)), 30, "Daily 00:00-24:00");
  for (Occupant& each : s.occupancy) {
    each.kind = arbiter::OccupantKind::booking;
    each.meeting_class.tier = policy::Tier::low;
  }
  s.request.kind = arbiter::RequestKind::search;
  s.request.duration = std::chrono::minutes(30);
  s.request.interval = {kMonday + Millis{24 * kHourMs},
                        kMonday + Millis{24 * kHourMs * (days + 1)}};
  for (auto _ : state) benchmark::DoNotOptimize(arbiter::search(s));
}
BENCHMARK(search_over_displaceable)
    ->ArgsProduct({{10, 100, 1'000, 10'000}, {30}})
    ->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();
