#include "policy/resolve.h"

#include <algorithm>

#include "base/check.h"
#include "base/limits.h"

namespace openavail::policy {
namespace {

using time::LocalDate;
using time::Zone;

constexpr int kMinuteSeconds = 60;

Interval row_on(const WeeklyRow& row, const Zone& zone, LocalDate day) {
  // Whether the row runs past midnight is judged on its wall times, not on what they become.
  const LocalDate end_day = row.end_minutes > row.start_minutes ? day : day + 1;
  return {zone.at(day, row.start_minutes * kMinuteSeconds),
          zone.at(end_day, row.end_minutes * kMinuteSeconds)};
}

// Calls `take(interval, row)` for every day on which a row meets the horizon.
template <class Take>
Status resolve_rows(const std::vector<WeeklyRow>& rows, const Zone& primary,
                    const Interval& horizon, Take take) {
  for (const WeeklyRow& row : rows) {
    Zone zone = primary;
    if (row.timezone) {
      OA_TRY(zone, Zone::open(*row.timezone));
    }
    // Two days early: a row reaches at most a day past its own, and a clock change may move it on.
    const LocalDate last = zone.date_of(horizon.end) + 1;
    for (LocalDate day = zone.date_of(horizon.start) + -2; day <= last; day = day + 1) {
      if (((row.days >> day.weekday()) & 1) == 0) continue;
      const Interval interval = row_on(row, zone, day);
      if (!interval.empty() && interval.overlaps(horizon)) take(interval, row);
    }
  }
  return {};
}

LocalDate day_that_holds(Instant t, const Zone& zone) {
  // Where the clock goes back over midnight, the date before comes again after its day has ended.
  LocalDate day = zone.date_of(t);
  while (zone.day(day).end <= t) day = day + 1;
  return day;
}

}  // namespace

Interval whole_local_days(const Interval& span, const Zone& primary) {
  const Instant last = span.empty() ? span.start : span.end - Millis{1};
  return {primary.day(day_that_holds(span.start, primary)).start,
          primary.day(day_that_holds(last, primary)).end};
}

Result<ResolvedRules> resolve(const EffectiveRules& rules, const Zone& primary,
                              const Interval& horizon, Instant requested_start) {
  ResolvedRules out;
  out.working_hours_configured = rules.working_hours.has_value();
  if (rules.working_hours) {
    OA_TRY_STATUS(resolve_rows(*rules.working_hours, primary, horizon,
                               [&out](const Interval& interval, const WeeklyRow&) {
                                 out.working_hours.push_back(interval);
                               }));
    std::sort(out.working_hours.begin(), out.working_hours.end());
  }
  OA_TRY_STATUS(resolve_rows(rules.hard_blocks, primary, horizon,
                             [&out](const Interval& interval, const WeeklyRow& row) {
                               out.hard_blocks.push_back({interval, row.label});
                             }));
  std::sort(out.hard_blocks.begin(), out.hard_blocks.end(),
            [](const HardBlock& a, const HardBlock& b) {
              return a.interval != b.interval ? a.interval < b.interval : a.label < b.label;
            });
  for (LocalDate day = day_that_holds(horizon.start, primary);; day = day + 1) {
    const Interval whole = primary.day(day);
    if (whole.start >= horizon.end) break;
    if (!whole.empty()) out.local_days.push_back(whole);  // a zone may skip a whole day
  }
  OA_CHECK(!out.local_days.empty() && out.local_days.front().start == horizon.start &&
           out.local_days.back().end == horizon.end);
  out.max_daily_meeting_minutes = rules.max_daily_meeting_minutes;
  out.slot_interval_minutes = rules.slot_interval_minutes;
  out.buffer_minutes = rules.buffer_minutes;
  out.max_back_to_back = rules.max_back_to_back;
  out.sacred_meeting_age_hours = rules.sacred_meeting_age_hours;
  const LocalDate requested_day = primary.date_of(requested_start);
  const int wall_seconds = primary.wall_seconds_of(requested_start);
  for (int n = 1; n <= limits::kAlternativeDaysMax; ++n) {
    out.same_wall_time.push_back(primary.at(requested_day + n, wall_seconds));
  }
  return out;
}

}  // namespace openavail::policy
