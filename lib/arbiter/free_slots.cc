#include "arbiter/free_slots.h"

#include <algorithm>

namespace openavail::arbiter {
namespace {

constexpr Millis kHorizonAfterRequest = std::chrono::hours(24) * limits::kHorizonDaysAfterRequest;

}  // namespace

FreeSlots::FreeSlots(const Situation& situation)
    : situation_(situation),
      grid_(situation.rules),
      duration_(wanted_duration(situation.request)),
      bounds_{std::max(situation.now, situation.horizon.interval.start),
              std::min(situation.request.interval.end + kHorizonAfterRequest,
                       situation.horizon.interval.end)},
      loads_(situation,
             {situation.rules.local_days.front().start, situation.rules.local_days.back().end}) {
  const policy::ResolvedRules& rules = situation.rules;
  if (rules.max_daily_meeting_minutes) loads_.sum_up();
  std::vector<Interval> busy;
  for (const Occupant& occupant : situation.occupancy) {
    if (takes_part(occupant, situation.now)) append_merged(busy, occupant.interval);
  }
  if (!bounds_.empty()) {
    std::vector<Interval> open = {bounds_};
    if (rules.working_hours_configured) {
      open = open_spans(rules, bounds_);
      for (Interval& span : open) span = time::clip(span, bounds_);
    }
    free_ = minus(minus(open, hard_spans(rules, bounds_)), busy);
  }
}

bool FreeSlots::cap_allows(const Interval& slot) const {
  if (!situation_.rules.max_daily_meeting_minutes) return true;
  const Millis cap = std::chrono::minutes(*situation_.rules.max_daily_meeting_minutes);
  for (std::size_t d = grid_.day_of(slot.start);
       d < grid_.day_count() && grid_.day(d).start < slot.end; ++d) {
    if (loads_.with(slot, {}, d) > cap) return false;
  }
  return true;
}

bool FreeSlots::accepts(const Interval& slot) const {
  const auto span = std::partition_point(free_.begin(), free_.end(),
                                         [&](const Interval& f) { return f.end <= slot.start; });
  return span != free_.end() && span->contains(slot) && cap_allows(slot);
}

std::optional<Instant> FreeSlots::first_from(Instant from) const {
  auto span = std::partition_point(free_.begin(), free_.end(),
                                   [from](const Interval& f) { return f.end <= from; });
  for (; span != free_.end(); ++span) {
    std::optional<Instant> start = grid_.at_or_after(std::max(span->start, from));
    while (start && *start + duration_ <= span->end) {
      if (cap_allows({*start, *start + duration_})) return start;
      start = grid_.at_or_after(*start + Millis{1});
    }
  }
  return std::nullopt;
}

FreeSlots::Next FreeSlots::next_available() const {
  const Instant end = situation_.request.interval.end;
  const std::optional<Instant> start = first_from(end);
  if (!start) return {};
  if (*start <= end + situation_.request.lookahead) return {start, false};
  return {std::nullopt, true};
}

void FreeSlots::take_nearest(const Interval& within, bool starts_only,
                             std::vector<Interval>& out) const {
  const Instant wanted = situation_.request.interval.start;
  std::vector<Instant> starts;
  std::optional<Instant> start = grid_.at_or_after(within.start);
  while (start && *start < within.end && (starts_only || *start + duration_ <= within.end)) {
    if (accepts({*start, *start + duration_})) starts.push_back(*start);
    start = grid_.at_or_after(*start + Millis{1});
  }
  const auto distance = [wanted](Instant t) { return t < wanted ? wanted - t : t - wanted; };
  std::stable_sort(starts.begin(), starts.end(),
                   [&](Instant a, Instant b) { return distance(a) < distance(b); });
  for (const Instant t : starts) {
    if (out.size() == static_cast<std::size_t>(limits::kAlternativesMax)) return;
    const Interval slot{t, t + duration_};
    if (std::find(out.begin(), out.end(), slot) == out.end()) out.push_back(slot);
  }
}

std::vector<Interval> FreeSlots::alternatives() const {
  const Request& request = situation_.request;
  std::vector<Interval> out;
  if (is_window_hold(request)) {
    take_nearest(request.interval, false, out);
  } else if (request.held_window) {
    take_nearest(*request.held_window, false, out);
  }
  take_nearest(grid_.day(grid_.day_of(request.interval.start)), true, out);
  for (const Instant t : situation_.rules.same_wall_time) {
    if (out.size() == static_cast<std::size_t>(limits::kAlternativesMax)) break;
    const Interval slot{t, t + duration_};
    if (!grid_.holds(t) || !accepts(slot)) continue;
    if (std::find(out.begin(), out.end(), slot) == out.end()) out.push_back(slot);
  }
  return out;
}

}  // namespace openavail::arbiter
