#include "arbiter/spans.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace openavail::arbiter {

std::vector<Interval> open_spans(const policy::ResolvedRules& rules, const Interval& reach) {
  std::vector<Interval> out;
  for (const Interval& hours : rules.working_hours) {
    if (hours.start >= reach.end) break;
    if (hours.overlaps(reach)) append_merged(out, hours);
  }
  return out;
}

std::vector<Interval> hard_spans(const policy::ResolvedRules& rules, const Interval& reach) {
  std::vector<Interval> out;
  for (const policy::HardBlock& block : rules.hard_blocks) {
    if (block.interval.start >= reach.end) break;
    if (block.interval.overlaps(reach)) append_merged(out, block.interval);
  }
  return out;
}

std::vector<Interval> minus(const std::vector<Interval>& from,
                            const std::vector<Interval>& without) {
  std::vector<Interval> out;
  std::size_t next = 0;
  for (Interval rest : from) {
    while (next < without.size() && without[next].end <= rest.start) ++next;
    for (std::size_t i = next; i < without.size() && without[i].start < rest.end; ++i) {
      if (rest.start < without[i].start) out.push_back({rest.start, without[i].start});
      rest.start = std::max(rest.start, without[i].end);
    }
    if (!rest.empty()) out.push_back(rest);
  }
  return out;
}

Millis covered_within(const std::vector<Interval>& spans, const Interval& interval) {
  auto span = std::partition_point(
      spans.begin(), spans.end(), [&](const Interval& each) { return each.end <= interval.start; });
  Millis covered{0};
  for (; span != spans.end() && span->start < interval.end; ++span) {
    covered += time::clip(*span, interval).length();
  }
  return covered;
}

Grid::Grid(const policy::ResolvedRules& rules)
    : days_(rules.local_days), step_(std::chrono::minutes(rules.slot_interval_minutes)) {}

std::size_t Grid::day_of(Instant t) const {
  const auto after = std::partition_point(days_.begin(), days_.end(),
                                          [t](const Interval& day) { return day.end <= t; });
  OA_CHECK(after != days_.end() && after->start <= t);
  return static_cast<std::size_t>(after - days_.begin());
}

std::optional<Instant> Grid::at_or_after(Instant t) const {
  if (t >= days_.back().end) return std::nullopt;
  if (t <= days_.front().start) return days_.front().start;
  const std::size_t index = day_of(t);
  const Interval& day = days_[index];
  const Instant start = day.start + step_ * (((t - day.start) + step_ - Millis{1}) / step_);
  if (start < day.end) return start;
  if (index + 1 < days_.size()) return days_[index + 1].start;
  return std::nullopt;
}

bool Grid::holds(Instant t) const {
  if (t < days_.front().start || t >= days_.back().end) return false;
  return (t - days_[day_of(t)].start) % step_ == Millis{0};
}

}  // namespace openavail::arbiter
