#include "arbiter/sweep.h"

#include <algorithm>

namespace openavail::arbiter {

Sweep::Sweep(const Situation& situation, const Interval& reach)
    : rules_(situation.rules),
      grid_(situation.rules),
      open_(open_spans(situation.rules, reach)),
      hard_(hard_spans(situation.rules, reach)),
      overlaps_(situation),
      loads_(situation, reach),
      day_cursor_(grid_.day_of(reach.start)) {}

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
  const std::vector<Overlap>& overlapping = overlaps_.of(slot);
  if (over_cap(slot)) return {Reason::max_daily_hours};
  // Standing is ordered as the reasons are: the lowest of those that block decides.
  Standing lowest = Standing::displaceable;
  for (const Overlap& each : overlapping) lowest = std::min(lowest, each.standing);
  if (lowest == Standing::blocks) return {Reason::no_capacity};
  if (lowest == Standing::sacred) return {Reason::sacred_meeting};
  if (lowest == Standing::needs_preempt) return {Reason::permission_denied_preempt};
  return {std::nullopt, !overlapping.empty()};
}

bool Sweep::off_day() const {
  const Interval& day = grid_.day(day_cursor_);
  // Seen from the cursor of the last slot: spans behind it may still lie in this day.
  std::size_t i = open_cursor_;
  while (i > 0 && open_[i - 1].end > day.start) --i;
  while (i < open_.size() && open_[i].end <= day.start) ++i;
  return i == open_.size() || !open_[i].overlaps(day);
}

bool Sweep::over_cap(const Interval& slot) {
  if (!rules_.max_daily_meeting_minutes) return false;
  const Millis cap = std::chrono::minutes(*rules_.max_daily_meeting_minutes);
  slot_ = slot;
  day_load_.reset();
  if (has_measured_) loads_.sum_up();  // more than one interval: from the second on it pays
  has_measured_ = true;
  if (loads_.has_sums() && surely_within(cap)) return false;
  day_load_ = measured();
  return *day_load_ > cap;
}

bool Sweep::touches(std::size_t day) const {
  return day < grid_.day_count() && grid_.day(day).start < slot_.end;
}

bool Sweep::surely_within(Millis cap) const {
  for (std::size_t d = day_cursor_; touches(d); ++d) {
    if (loads_.at_most_with(slot_, d) > cap) return false;
  }
  return true;
}

Millis Sweep::measured() const {
  const Millis cap = std::chrono::minutes(*rules_.max_daily_meeting_minutes);
  Millis fullest{0};
  for (std::size_t d = day_cursor_; touches(d); ++d) {
    const Millis load = loads_.with(slot_, overlapping(), d);
    if (load > cap) return load;
    fullest = std::max(fullest, load);
  }
  return fullest;
}

}  // namespace openavail::arbiter
