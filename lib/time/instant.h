// Instant: a point in UTC time, in milliseconds. Interval: half-open, [start, end).
//
// Thread rule: plain values.
#pragma once

#include <algorithm>
#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace openavail::time {

using Millis = std::chrono::milliseconds;

struct Instant {
  std::int64_t unix_ms = 0;

  auto operator<=>(const Instant&) const = default;
  constexpr Instant operator+(Millis d) const { return {unix_ms + d.count()}; }
  constexpr Instant operator-(Millis d) const { return {unix_ms - d.count()}; }
  constexpr Millis operator-(Instant other) const { return Millis{unix_ms - other.unix_ms}; }
};

struct Interval {
  Instant start;
  Instant end;

  auto operator<=>(const Interval&) const = default;  // by start, then end
  constexpr Millis length() const { return end - start; }
  constexpr bool empty() const { return end <= start; }
  constexpr bool overlaps(const Interval& o) const { return start < o.end && o.start < end; }
  constexpr bool contains(const Interval& o) const { return start <= o.start && o.end <= end; }
  constexpr bool contains(Instant t) const { return start <= t && t < end; }
};

// The overlap of two intervals; empty() when there is none.
constexpr Interval clip(const Interval& a, const Interval& b) {
  return {std::max(a.start, b.start), std::min(a.end, b.end)};
}

// Sorts, drops empty intervals, merges those that overlap or touch.
std::vector<Interval> merged(std::vector<Interval> intervals);

// RFC 3339 with an offset or Z, whole seconds; a fraction must be zero (wire contract, section 1).
// Errors: validation_failed that says which part is wrong. Years 1970 to 9999.
Result<Instant> parse_instant(std::string_view text);

// "2026-07-01T14:00:00Z". Milliseconds are cut off (towards the past).
std::string format_instant(Instant t);

// "2026-07-01T14:00:00.123Z": audit rows.
std::string format_instant_ms(Instant t);

}  // namespace openavail::time

namespace openavail {
using time::Instant;
using time::Interval;
using time::Millis;
}  // namespace openavail
