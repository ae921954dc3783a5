// How much meeting time a local day holds, for the daily cap (arbitration contract, check 4).
//
// Thread rule: one belongs to one thread; it refers to the situation, which must outlive it.
#pragma once

#include <cstddef>
#include <vector>

#include "arbiter/overlaps.h"
#include "arbiter/spans.h"

namespace openavail::arbiter {

class DayLoads {
 public:
  // `reach`: whole local days, those that will be asked for.
  DayLoads(const Situation& situation, const Interval& reach);

  // Makes sums over the days of the reach. A single question is cheaper without, many are cheaper
  // with them; the answers are the same.
  void sum_up();
  bool has_sums() const { return !day_total_.empty(); }

  // The meeting time on a local day with `slot` in place and without what it would displace.
  // `overlapping`: the occupants that the slot overlaps, in canonical order; the slot must meet
  // the day.
  Millis with(const Interval& slot, const std::vector<Overlap>& overlapping, std::size_t day) const;
  // No less than with(); known at once. Needs the sums.
  Millis at_most_with(const Interval& slot, std::size_t day) const;

 private:
  std::size_t first_reaching(Instant t) const;
  Millis union_inside(const Interval& inside, const Interval& slot,
                      const std::vector<Overlap>& overlapping) const;

  const Situation& situation_;
  Grid grid_;
  Interval reach_;
  std::size_t first_day_;
  std::size_t first_ = 0;  // no occupant before it meets the reach
  // Once summed up:
  std::vector<Instant> latest_end_;  // [i]: of the occupants from first_ to first_ + i
  std::vector<Interval> counted_;    // what counts, merged
  std::vector<Millis> day_total_;    // of each day of the reach
};

}  // namespace openavail::arbiter
