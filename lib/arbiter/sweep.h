// The five checks over intervals of one duration in ascending order of start. Everything is
// prepared once and followed with cursors, so that a long grid costs little more than its points.
//
// Thread rule: one sweep belongs to one thread; it refers to the situation, which must outlive it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "arbiter/spans.h"
#include "arbiter/standing.h"

namespace openavail::arbiter {

class Sweep {
 public:
  // One occupant that meets the reach, in canonical order.
  struct Item {
    Interval interval;
    std::uint32_t index;  // in the situation's occupancy
    Standing standing;
    bool counted;        // for the daily cap
    bool neighbour;      // for soft penalties
    Instant latest_end;  // of this and all items before: never descends
  };

  struct Judgement {
    std::optional<Reason> failed;
    bool displaces = false;  // passes, but only by displacing
  };

  // `reach`: whole local days that hold every interval that will be judged.
  Sweep(const Situation& situation, const Interval& reach);

  // Starts must not descend and the length must stay the same from call to call.
  Judgement judge(const Interval& slot);

  // Of the last interval that was judged:
  // the occupants it overlaps, as indexes of items(), in canonical order; valid if it reached
  // the daily cap or capacity,
  const std::vector<std::uint32_t>& overlapping() const { return active_; }
  // the meeting time on the first local day that is over the cap, else on the fullest; valid if
  // a cap is set and was reached.
  Millis day_load() const { return day_load_; }

  const std::vector<Item>& items() const { return items_; }
  // The first item that can reach past `t`; all before it end at or before.
  std::size_t first_reaching(Instant t) const;

 private:
  bool off_day() const;
  bool over_cap(const Interval& slot);
  Millis load_with(const Interval& slot, std::size_t day_index) const;
  void move_to(const Interval& slot);

  const Situation& situation_;
  const policy::ResolvedRules& rules_;
  Grid grid_;
  std::vector<Interval> open_;
  std::vector<Interval> hard_;
  std::vector<Item> items_;
  std::vector<Interval> counted_;  // merged; empty without a cap
  std::size_t first_day_ = 0;
  std::vector<Millis> day_total_;  // counted time of each day of the reach, from first_day_ on
  std::size_t open_cursor_ = 0;
  std::size_t hard_cursor_ = 0;
  std::size_t day_cursor_ = 0;
  std::size_t item_cursor_ = 0;
  std::vector<std::uint32_t> active_;
  Millis day_load_{0};
};

}  // namespace openavail::arbiter
