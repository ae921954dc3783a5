#include "time/instant.h"

#include <array>
#include <cstddef>
#include <cstdio>

namespace openavail::time {
namespace {

constexpr std::int64_t kSecondMs = 1000;
constexpr std::int64_t kLastInstantMs = 253'402'300'799'000;  // 9999-12-31T23:59:59Z

Error not_an_instant(std::string_view what) {
  return Error(ErrorCode::validation_failed, "not a time: " + std::string(what),
               "write it as 2026-07-01T14:00:00Z or with an offset, 2026-07-01T16:00:00+02:00");
}

// Reads exactly `digits` decimal digits at `at`; -1 when they are not there.
int number_at(std::string_view text, std::size_t at, std::size_t digits) {
  if (at + digits > text.size()) return -1;
  int value = 0;
  for (std::size_t i = at; i < at + digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

bool char_at(std::string_view text, std::size_t at, char a, char b) {
  return at < text.size() && (text[at] == a || text[at] == b);
}

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a / b - ((a % b != 0 && (a % b < 0) != (b < 0)) ? 1 : 0);
}

struct WallClock {
  int year;
  unsigned month, day;
  int hour, minute, second;
};

WallClock wall_clock(std::int64_t unix_seconds) {
  const std::int64_t days = floor_div(unix_seconds, 86'400);
  const int rest = static_cast<int>(unix_seconds - days * 86'400);
  const std::chrono::year_month_day date{
      std::chrono::sys_days{std::chrono::days{static_cast<int>(days)}}};
  return {static_cast<int>(date.year()),
          static_cast<unsigned>(date.month()),
          static_cast<unsigned>(date.day()),
          rest / 3600,
          rest / 60 % 60,
          rest % 60};
}

}  // namespace

std::vector<Interval> merged(std::vector<Interval> intervals) {
  std::erase_if(intervals, [](const Interval& i) { return i.empty(); });
  std::sort(intervals.begin(), intervals.end());
  std::vector<Interval> out;
  for (const Interval& next : intervals) {
    if (!out.empty() && next.start <= out.back().end) {
      out.back().end = std::max(out.back().end, next.end);
    } else {
      out.push_back(next);
    }
  }
  return out;
}

Result<Instant> parse_instant(std::string_view text) {
  const int year = number_at(text, 0, 4);
  const int month = number_at(text, 5, 2);
  const int day = number_at(text, 8, 2);
  if (year < 0 || month < 0 || day < 0 || !char_at(text, 4, '-', '-') ||
      !char_at(text, 7, '-', '-')) {
    return fail(not_an_instant("the date must have the form YYYY-MM-DD"));
  }
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return fail(not_an_instant("there is no such day in the calendar"));
  if (!char_at(text, 10, 'T', 't')) return fail(not_an_instant("a T must stand after the date"));
  const int hour = number_at(text, 11, 2);
  const int minute = number_at(text, 14, 2);
  const int second = number_at(text, 17, 2);
  if (hour < 0 || minute < 0 || second < 0 || !char_at(text, 13, ':', ':') ||
      !char_at(text, 16, ':', ':')) {
    return fail(not_an_instant("the time of day must have the form HH:MM:SS"));
  }
  if (hour > 23 || minute > 59 || second > 59) {
    return fail(not_an_instant("there is no such time of day"));
  }
  std::size_t at = 19;
  if (char_at(text, at, '.', '.')) {
    const std::size_t first_digit = ++at;
    while (char_at(text, at, '0', '0')) ++at;
    if (at == first_digit || number_at(text, at, 1) >= 0) {
      return fail(not_an_instant("a fraction of a second must be zero"));
    }
  }
  std::int64_t offset_seconds = 0;
  if (char_at(text, at, 'Z', 'z')) {
    ++at;
  } else if (char_at(text, at, '+', '-')) {
    const int hours = number_at(text, at + 1, 2);
    const int minutes = number_at(text, at + 4, 2);
    if (hours < 0 || minutes < 0 || !char_at(text, at + 3, ':', ':') || hours > 23 ||
        minutes > 59) {
      return fail(not_an_instant("the offset must have the form +HH:MM"));
    }
    offset_seconds = (hours * 60 + minutes) * 60;
    if (text[at] == '-') offset_seconds = -offset_seconds;
    at += 6;
  } else {
    return fail(not_an_instant("the zone is missing; end with Z or an offset"));
  }
  if (at != text.size()) return fail(not_an_instant("something stands behind the zone"));
  const std::int64_t days = std::chrono::sys_days{date}.time_since_epoch().count();
  const Instant instant{(((days * 24 + hour) * 60 + minute) * 60 + second - offset_seconds) *
                        kSecondMs};
  if (instant.unix_ms < 0 || instant.unix_ms > kLastInstantMs) {
    return fail(not_an_instant("the year must lie between 1970 and 9999"));
  }
  return instant;
}

std::string format_instant(Instant t) {
  const WallClock c = wall_clock(floor_div(t.unix_ms, kSecondMs));
  std::array<char, 48> text{};
  const int length = std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ",
                                   c.year, c.month, c.day, c.hour, c.minute, c.second);
  return std::string(text.data(), static_cast<std::size_t>(length));
}

std::string format_instant_ms(Instant t) {
  const std::int64_t seconds = floor_div(t.unix_ms, kSecondMs);
  const WallClock c = wall_clock(seconds);
  std::array<char, 64> text{};
  const int length = std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
                                   c.year, c.month, c.day, c.hour, c.minute, c.second,
                                   static_cast<int>(t.unix_ms - seconds * kSecondMs));
  return std::string(text.data(), static_cast<std::size_t>(length));
}

}  // namespace openavail::time
