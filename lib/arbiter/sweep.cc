#include "arbiter/sweep.h"

#include <algorithm>

#include "base/check.h"

namespace openavail::arbiter {

Sweep::Sweep(const Situation& situation, const Interval& reach)
    : situation_(situation),
      rules_(situation.rules),
      grid_(situation.rules),
      open_(open_spans(situation.rules, reach)),
      hard_(hard_spans(situation.rules, reach)) {
  const auto starts_before = [&](Instant t) {
    return std::partition_point(situation.occupancy.begin(), situation.occupancy.end(),
                                [t](const Occupant& o) { return o.interval.start < t; });
  };
  items_.reserve(static_cast<std::size_t>(starts_before(reach.end) - starts_before(reach.start)));
  const bool capped = rules_.max_daily_meeting_minutes.has_value();
  for (std::size_t i = 0; i < situation.occupancy.size(); ++i) {
    const Occupant& occupant = situation.occupancy[i];
    if (occupant.interval.start >= reach.end) break;
    if (occupant.interval.end <= reach.start) continue;
    const Standing standing = standing_of(occupant, situation);
    if (standing == Standing::absent) continue;
    const bool counts = counts_for_cap(occupant);
    const Instant end = occupant.interval.end;
    items_.push_back({occupant.interval, static_cast<std::uint32_t>(i), standing, counts,
                      is_neighbour(occupant),
                      items_.empty() ? end : std::max(end, items_.back().latest_end)});
    if (capped && counts) append_merged(counted_, occupant.interval);
  }
  first_day_ = grid_.day_of(reach.start);
  day_cursor_ = first_day_;
  if (!capped) return;
  for (std::size_t d = first_day_; d < grid_.day_count() && grid_.day(d).start < reach.end; ++d) {
    day_total_.push_back(covered_within(counted_, grid_.day(d)));
  }
}

Sweep::Judgement Sweep::judge(const Interval& slot) {
  while (grid_.day(day_cursor_).end <= slot.start) ++day_cursor_;
  if (rules_.working_hours_configured) {
    if (off_day()) return {Reason::off_day};
    while (open_cursor_ < open_.size() && open_[open_cursor_].end <= slot.start) ++open_cursor_;
    if (open_cursor_ == open_.size() || !open_[open_cursor_].contains(slot)) {
      return {Reason::working_hours};
    }
  }
  while (hard_cursor_ < hard_.size() && hard_[hard_cursor_].end <= slot.start) ++hard_cursor_;
  if (hard_cursor_ < hard_.size() && hard_[hard_cursor_].start < slot.end) {
    return {Reason::hard_block};
  }
  move_to(slot);
  if (over_cap(slot)) return {Reason::max_daily_hours};
  // Standing is ordered as the reasons are: the lowest of those that block decides.
  Standing lowest = Standing::displaceable;
  for (const std::uint32_t i : active_) lowest = std::min(lowest, items_[i].standing);
  switch (lowest) {
    case Standing::blocks:
      return {Reason::no_capacity};
    case Standing::sacred:
      return {Reason::sacred_meeting};
    case Standing::needs_preempt:
      return {Reason::permission_denied_preempt};
    case Standing::absent:
    case Standing::displaceable:
      break;
  }
  return {std::nullopt, !active_.empty()};
}

bool Sweep::off_day() const {
  const Interval& day = grid_.day(day_cursor_);
  // Seen from the cursor of the last slot: spans behind it may still lie in this day.
  std::size_t i = open_cursor_;
  while (i > 0 && open_[i - 1].end > day.start) --i;
  while (i < open_.size() && open_[i].end <= day.start) ++i;
  return i == open_.size() || !open_[i].overlaps(day);
}

void Sweep::move_to(const Interval& slot) {
  std::erase_if(active_, [&](std::uint32_t i) { return items_[i].interval.end <= slot.start; });
  for (; item_cursor_ < items_.size() && items_[item_cursor_].interval.start < slot.end;
       ++item_cursor_) {
    if (items_[item_cursor_].interval.end > slot.start) {
      active_.push_back(static_cast<std::uint32_t>(item_cursor_));
    }
  }
}

std::size_t Sweep::first_reaching(Instant t) const {
  const auto first = std::partition_point(items_.begin(), items_.end(),
                                          [t](const Item& item) { return item.latest_end <= t; });
  return static_cast<std::size_t>(first - items_.begin());
}

bool Sweep::over_cap(const Interval& slot) {
  if (!rules_.max_daily_meeting_minutes) return false;
  const Millis cap = std::chrono::minutes(*rules_.max_daily_meeting_minutes);
  day_load_ = Millis{0};
  for (std::size_t d = day_cursor_; d < grid_.day_count() && grid_.day(d).start < slot.end; ++d) {
    const Millis load = load_with(slot, d);
    day_load_ = std::max(day_load_, load);
    if (load > cap) {
      day_load_ = load;
      return true;
    }
  }
  return false;
}

Millis Sweep::load_with(const Interval& slot, std::size_t day_index) const {
  const Interval& day = grid_.day(day_index);
  // What would be displaced leaves the union, but only inside this hull can that change anything.
  Interval hull = slot;
  bool displaces = false;
  for (const std::uint32_t i : active_) {
    if (items_[i].standing != Standing::displaceable) continue;
    displaces = true;
    hull.start = std::min(hull.start, items_[i].interval.start);
    hull.end = std::max(hull.end, items_[i].interval.end);
  }
  if (!displaces) {
    const Interval part = time::clip(slot, day);
    const Millis shared = active_.empty() ? Millis{0} : covered_within(counted_, part);
    return day_total_[day_index - first_day_] - shared + part.length();
  }
  const Interval inside = time::clip(hull, day);
  const Millis outside = day_total_[day_index - first_day_] - covered_within(counted_, inside);
  // The union of what stays and the slot, taken in ascending order of start.
  Millis load = outside;
  Instant covered = inside.start;
  const auto add = [&](const Interval& interval) {
    const Interval fresh{std::max(interval.start, covered), std::min(interval.end, inside.end)};
    if (fresh.empty()) return;
    load += fresh.length();
    covered = fresh.end;
  };
  bool slot_added = false;
  for (std::size_t i = first_reaching(inside.start); i < items_.size(); ++i) {
    const Item& item = items_[i];
    if (item.interval.start >= inside.end) break;
    if (!item.counted) continue;
    if (item.standing == Standing::displaceable && item.interval.overlaps(slot)) continue;
    if (!slot_added && slot.start <= item.interval.start) {
      add(slot);
      slot_added = true;
    }
    add(item.interval);
  }
  if (!slot_added) add(slot);
  return load;
}

}  // namespace openavail::arbiter
