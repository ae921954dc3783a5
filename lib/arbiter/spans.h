// Sorted, disjoint intervals and the grid of local days: what the engine's searches walk on.
//
// Thread rule: free functions without state; plain values.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "arbiter/situation.h"
#include "time/instant.h"

namespace openavail::arbiter {

// Adds an interval whose start is not before that of the last one added; keeps `spans` disjoint.
inline void append_merged(std::vector<Interval>& spans, const Interval& next) {
  if (!spans.empty() && next.start <= spans.back().end) {
    spans.back().end = std::max(spans.back().end, next.end);
  } else {
    spans.push_back(next);
  }
}

// The union of working hours that meet `reach`, merged. Working hours are sorted already.
std::vector<Interval> open_spans(const policy::ResolvedRules& rules, const Interval& reach);
// The union of the hard blocks that meet `reach`, merged.
std::vector<Interval> hard_spans(const policy::ResolvedRules& rules, const Interval& reach);

// Both are sorted and disjoint: what is in `from` and not in `without`.
std::vector<Interval> minus(const std::vector<Interval>& from,
                            const std::vector<Interval>& without);

// How many milliseconds of an interval the sorted, disjoint spans cover: logarithmic in the spans,
// linear in those that the interval meets. The interval must not end before it starts.
Millis covered_within(const std::vector<Interval>& spans, const Interval& interval);

// The grid of possible starts: anew at each local midnight, in elapsed steps until the next.
class Grid {
 public:
  explicit Grid(const policy::ResolvedRules& rules);
  // The index of the local day that holds t; t must lie inside the local days.
  std::size_t day_of(Instant t) const;
  const Interval& day(std::size_t index) const { return days_[index]; }
  std::size_t day_count() const { return days_.size(); }
  Millis step() const { return step_; }
  // The first grid start at or after t; nullopt when the local days end before it.
  std::optional<Instant> at_or_after(Instant t) const;
  bool holds(Instant t) const;

 private:
  const std::vector<Interval>& days_;
  Millis step_;
};

}  // namespace openavail::arbiter
