// The five checks over intervals of one duration in ascending order of start. Everything is
// followed with cursors, so that a long grid costs little more than its points.
//
// Thread rule: one sweep belongs to one thread; it refers to the situation, which must outlive it.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "arbiter/day_loads.h"
#include "arbiter/overlaps.h"
#include "arbiter/spans.h"

namespace openavail::arbiter {

class Sweep {
 public:
  struct Judgement {
    std::optional<Reason> failed;
    bool displaces = false;  // passes, but only by displacing
  };

  // `reach`: whole local days that hold every interval that will be judged.
  Sweep(const Situation& situation, const Interval& reach);

  // Starts must not descend and the length must stay the same from call to call.
  Judgement judge(const Interval& slot);

  // Of the last interval that was judged:
  // the occupants it overlaps, in canonical order; valid if it reached the daily cap or capacity,
  const std::vector<Overlap>& overlapping() const { return overlaps_.last(); }
  // the meeting time on the first local day that is over the cap, else on the fullest; valid if
  // a cap is set and was reached.
  Millis day_load() const { return day_load_ ? *day_load_ : measured(); }

 private:
  bool off_day() const;
  bool over_cap(const Interval& slot);
  bool surely_within(Millis cap) const;
  Millis measured() const;
  // Whether the last interval, which starts on day_cursor_, touches a later day.
  bool touches(std::size_t day) const;

  const policy::ResolvedRules& rules_;
  Grid grid_;
  std::vector<Interval> open_;
  std::vector<Interval> hard_;
  Overlaps overlaps_;
  DayLoads loads_;
  std::size_t open_cursor_ = 0;
  std::size_t hard_cursor_ = 0;
  std::size_t day_cursor_;
  Interval slot_;  // the last that reached the cap
  bool has_measured_ = false;
  std::optional<Millis> day_load_;  // of slot_, where the cap had to know it
};

}  // namespace openavail::arbiter
