// The intervals that a search of a window tries: one for each grid start with room for the
// duration, or the window itself when it fits exactly (arbitration contract, Search).
//
// Thread rule: a free function without state.
#pragma once

#include "arbiter/spans.h"
#include "arbiter/standing.h"

namespace openavail::arbiter {

// What is left of the requested window, clipped to now; may be empty.
inline Interval window_from_now(const Situation& situation) {
  const Interval& window = situation.request.interval;
  return {std::max(window.start, situation.now), window.end};
}

// Calls `take(interval)` in ascending order until it returns false.
template <class Take>
void for_each_placement(const Situation& situation, const Grid& grid, Take take) {
  const Interval window = window_from_now(situation);
  const Millis duration = wanted_duration(situation.request);
  if (window.length() == duration) {
    take(window);
    return;
  }
  std::optional<Instant> start = grid.at_or_after(window.start);
  if (!start) return;
  std::size_t day = grid.day_of(*start);
  for (Instant t = *start; t + duration <= window.end; t = t + grid.step()) {
    if (t >= grid.day(day).end) t = grid.day(++day).start;  // earlier than t, if anything
    if (!take(Interval{t, t + duration})) return;
  }
}

// The whole local days that an interval touches.
inline Interval days_of(const Grid& grid, const Interval& interval) {
  return {grid.day(grid.day_of(interval.start)).start,
          grid.day(grid.day_of(interval.end - Millis{1})).end};
}

}  // namespace openavail::arbiter
