#include "calendar/recurrence.h"

#include <algorithm>
#include <cstdlib>

#include "base/limits.h"

namespace openavail::calendar {
namespace {

constexpr int kDaysInMonthMax[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

bool is_set(const short* part) { return part[0] != ICAL_RECURRENCE_ARRAY_MAX; }

// A list that is full has no end mark.
bool has_entry(const short* part, int size, int i) {
  return i < size && part[i] != ICAL_RECURRENCE_ARRAY_MAX;
}

bool some_day_exists(const icalrecurrencetype& rule) {
  for (int m = 0; has_entry(rule.by_month, ICAL_BY_MONTH_SIZE, m); ++m) {
    const int month = rule.by_month[m];
    if (month < 1 || month > 12) continue;
    for (int d = 0; has_entry(rule.by_month_day, ICAL_BY_MONTHDAY_SIZE, d); ++d) {
      if (std::abs(rule.by_month_day[d]) <= kDaysInMonthMax[month - 1]) return true;
    }
  }
  return false;
}

// How many days of one month a monthly rule can name at most. libical follows a position beyond
// that, or a "second Monday" on the first, month by month for centuries.
bool some_month_matches(const icalrecurrencetype& rule) {
  int weekdays = 0;
  bool has_position = false;
  for (int i = 0; has_entry(rule.by_day, ICAL_BY_DAY_SIZE, i); ++i) {
    const bool is_positional = icalrecurrencetype_day_position(rule.by_day[i]) != 0;
    has_position = has_position || is_positional;
    weekdays += is_positional ? 1 : 5;
  }
  int month_days = 0;
  while (has_entry(rule.by_month_day, ICAL_BY_MONTHDAY_SIZE, month_days)) ++month_days;
  if (has_position && month_days > 0) return false;
  int days = month_days > 0 ? month_days : 1;
  if (weekdays > 0) days = month_days > 0 ? std::min(weekdays, month_days) : weekdays;
  if (!is_set(rule.by_set_pos)) return true;
  for (int i = 0; has_entry(rule.by_set_pos, ICAL_BY_SETPOS_SIZE, i); ++i) {
    if (std::abs(rule.by_set_pos[i]) <= days) return true;
  }
  return false;
}

time::LocalDate date_of(const icaltimetype& v) {
  return time::LocalDate::of(v.year, static_cast<unsigned>(v.month), static_cast<unsigned>(v.day));
}

// The same series, begun later: by day or by week it repeats after whole periods, so its instances
// from there on are those of before.
TimeReader::Wall begun_near(const icalrecurrencetype& rule, const TimeReader::Wall& first,
                            Instant from) {
  const bool is_weekly = rule.freq == ICAL_WEEKLY_RECURRENCE;
  const bool is_plain =
      rule.count == 0 && rule.interval > 0 && !is_set(rule.by_set_pos) && rule.rscale == nullptr;
  if (!is_plain || !(is_weekly || rule.freq == ICAL_DAILY_RECURRENCE)) return first;
  if (from.unix_ms <= 0) return first;  // before wall clocks that we read
  const int period_days = rule.interval * (is_weekly ? 7 : 1);
  const int days = date_of(TimeReader::to_wall(from, first)) - date_of(first.value);
  if (days < period_days) return first;
  icaltimetype later = first.value;
  icaltime_adjust(&later, days / period_days * period_days, 0, 0, 0);
  return TimeReader::with_value(first, later);
}

struct IteratorFree {
  void operator()(icalrecur_iterator* i) const { icalrecur_iterator_free(i); }
};

}  // namespace

Status check_tractable(const icalrecurrencetype& rule) {
  const bool has_date_parts = is_set(rule.by_month) || is_set(rule.by_month_day) ||
                              is_set(rule.by_year_day) || is_set(rule.by_week_no) ||
                              is_set(rule.by_day);
  if (rule.freq == ICAL_SECONDLY_RECURRENCE || rule.freq == ICAL_MINUTELY_RECURRENCE) {
    return fail(unreadable("a rule repeats more often than hourly"));
  }
  if (rule.freq == ICAL_HOURLY_RECURRENCE && has_date_parts) {
    return fail(unreadable("an hourly rule with date parts"));
  }
  if (rule.freq == ICAL_NO_RECURRENCE) return fail(unreadable("a rule without a frequency"));
  if (is_set(rule.by_month) && is_set(rule.by_month_day) && !some_day_exists(rule)) {
    return fail(unreadable("a rule whose day never comes"));
  }
  if (rule.freq == ICAL_MONTHLY_RECURRENCE && !some_month_matches(rule)) {
    return fail(unreadable("a monthly rule whose day never comes"));
  }
  if (is_set(rule.by_second) || is_set(rule.by_set_pos)) {
    // BYSETPOS over sub-day parts makes libical build sets without bound; plain day sets are fine.
    if (is_set(rule.by_second) || is_set(rule.by_minute) || is_set(rule.by_hour)) {
      return fail(unreadable("a rule that picks single seconds or positions within a day"));
    }
  }
  return {};
}

Status each_start(icalrecurrencetype rule, const TimeReader::Wall& first, const Interval& needed,
                  const std::function<bool(const TimeReader::Wall&)>& sink) {
  OA_TRY_STATUS(check_tractable(rule));
  if (!icaltime_is_null_time(rule.until)) {
    if (!is_valid_time(rule.until)) return fail(unreadable("a rule's UNTIL is not valid"));
    // The iterator compares wall clocks; UNTIL mostly comes in UTC.
    if (icaltime_is_utc(rule.until) != 0 && !first.is_utc) {
      TimeReader::Wall until;
      until.value = rule.until;
      until.is_utc = true;
      rule.until = TimeReader::to_wall(TimeReader::to_instant(until), first);
    }
    rule.until.zone = nullptr;
    if (first.is_date) {
      rule.until.is_date = 1;
      rule.until.hour = rule.until.minute = rule.until.second = 0;
    } else if (rule.until.is_date != 0) {
      rule.until.is_date = 0;
      rule.until.hour = 23;
      rule.until.minute = 59;
      rule.until.second = 59;
    }
  }
  if (rule.count == 0) {
    // A day later than needed, whatever the zone does.
    icaltimetype last = TimeReader::to_wall(needed.end + std::chrono::hours(24), first);
    last.is_date = rule.until.is_date != 0 || first.is_date ? 1 : 0;
    if (last.is_date != 0) last.hour = last.minute = last.second = 0;
    if (icaltime_is_null_time(rule.until) || icaltime_compare(last, rule.until) < 0) {
      rule.until = last;
      rule.until.zone = nullptr;
    }
  }
  const TimeReader::Wall begin = begun_near(rule, first, needed.start);
  if (!icaltime_is_null_time(rule.until) && icaltime_compare(rule.until, begin.value) < 0)
    return {};
  const std::unique_ptr<icalrecur_iterator, IteratorFree> iterator(
      icalrecur_iterator_new(rule, begin.value));
  if (!iterator) return fail(unreadable("a rule that can't be iterated"));
  for (int steps = 0;; ++steps) {
    if (steps == limits::kIteratorStepsPerEventMax) {
      return fail(unreadable("a rule has too many instances before the time asked for"));
    }
    const icaltimetype next = icalrecur_iterator_next(iterator.get());
    if (icaltime_is_null_time(next)) return {};
    if (!sink(TimeReader::with_value(first, next))) return {};
  }
}

}  // namespace openavail::calendar
