#include "arbiter/day_loads.h"

#include <algorithm>

namespace openavail::arbiter {

DayLoads::DayLoads(const Situation& situation, const Interval& reach)
    : situation_(situation),
      grid_(situation.rules),
      reach_(reach),
      first_day_(grid_.day_of(reach.start)) {
  const std::vector<Occupant>& occupancy = situation.occupancy;
  while (first_ < occupancy.size() && occupancy[first_].interval.end <= reach.start) ++first_;
}

void DayLoads::sum_up() {
  if (has_sums()) return;
  for (std::size_t i = first_; i < situation_.occupancy.size(); ++i) {
    const Occupant& occupant = situation_.occupancy[i];
    if (occupant.interval.start >= reach_.end) break;
    const Instant end = occupant.interval.end;
    latest_end_.push_back(latest_end_.empty() ? end : std::max(end, latest_end_.back()));
    if (counts_for_cap(occupant)) append_merged(counted_, occupant.interval);
  }
  for (std::size_t day = first_day_; day < grid_.day_count() && grid_.day(day).start < reach_.end;
       ++day) {
    day_total_.push_back(covered_within(counted_, grid_.day(day)));
  }
}

Millis DayLoads::with(const Interval& slot, const std::vector<Overlap>& overlapping,
                      std::size_t day) const {
  Interval inside = grid_.day(day);  // where the union has to be taken anew
  if (!has_sums()) return union_inside(inside, slot, overlapping);
  const Millis total = day_total_[day - first_day_];
  // What would be displaced leaves the union, but only inside this hull can that change anything.
  Interval hull = slot;
  bool displaces = false;
  for (const Overlap& each : overlapping) {
    if (each.standing != Standing::displaceable) continue;
    displaces = true;
    hull = {std::min(hull.start, each.occupant->interval.start),
            std::max(hull.end, each.occupant->interval.end)};
  }
  inside = time::clip(hull, inside);
  const Millis present = overlapping.empty() ? Millis{0} : covered_within(counted_, inside);
  return total - present + (displaces ? union_inside(inside, slot, overlapping) : inside.length());
}

Millis DayLoads::at_most_with(const Interval& slot, std::size_t day) const {
  return day_total_[day - first_day_] + time::clip(slot, grid_.day(day)).length();
}

// The first occupant that can end after t.
std::size_t DayLoads::first_reaching(Instant t) const {
  const auto first = std::partition_point(latest_end_.begin(), latest_end_.end(),
                                          [t](Instant latest) { return latest <= t; });
  return first_ + static_cast<std::size_t>(first - latest_end_.begin());
}

// The union of what stays and the slot, taken in ascending order of start.
Millis DayLoads::union_inside(const Interval& inside, const Interval& slot,
                              const std::vector<Overlap>& overlapping) const {
  Millis load{0};
  Instant covered = inside.start;
  const auto add = [&](const Interval& interval) {
    const Interval fresh{std::max(interval.start, covered), std::min(interval.end, inside.end)};
    if (fresh.empty()) return;
    load += fresh.length();
    covered = fresh.end;
  };
  const std::vector<Occupant>& occupancy = situation_.occupancy;
  const Occupant* next = occupancy.data() + first_reaching(inside.start);
  const Occupant* const end = occupancy.data() + occupancy.size();
  // Both lists have the same order, so one cursor tells who of all is overlapped.
  auto overlap = overlapping.begin();
  while (overlap != overlapping.end() && overlap->occupant < next) ++overlap;
  const auto add_starts_before = [&](Instant t) {
    for (; next != end && next->interval.start < t; ++next) {
      const bool overlaps = overlap != overlapping.end() && overlap->occupant == next;
      if (overlaps && (overlap++)->standing == Standing::displaceable) continue;  // it leaves
      if (counts_for_cap(*next)) add(next->interval);
    }
  };
  add_starts_before(slot.start);
  add(slot);
  add_starts_before(inside.end);
  return load;
}

}  // namespace openavail::arbiter
