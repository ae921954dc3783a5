// Civil time in an IANA zone. The only room that sees time-zone data; date/tz.h stays in zone.cc.
//
// Rule for wall times (arbitration contract, Zones): one that does not exist that day moves forward
// by the gap; one that exists twice means the first.
//
// Thread rule: a Zone is a cheap, immutable handle; safe from any thread. Data is loaded when the
// first zone is opened, not at start.
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "base/result.h"
#include "time/instant.h"

namespace openavail::time {

// A calendar day, without a zone. `days` counts from 1970-01-01.
struct LocalDate {
  std::int32_t days = 0;

  auto operator<=>(const LocalDate&) const = default;
  constexpr LocalDate operator+(int n) const { return {days + n}; }
  constexpr int operator-(LocalDate o) const { return days - o.days; }
  // 0 Sunday … 6 Saturday, as on the wire.
  int weekday() const;
  // "2026-03-29"
  std::string text() const;
  static LocalDate of(int year, unsigned month, unsigned day);
};

class Zone {
 public:
  // An IANA name ("Europe/Paris"). Errors: validation_failed for a name that the system's
  // time-zone data does not have.
  static Result<Zone> open(std::string_view name);
  static Zone utc();

  const std::string& name() const;

  LocalDate date_of(Instant t) const;
  // Seconds since local midnight on the wall clock, [0, 86400).
  int wall_seconds_of(Instant t) const;
  // Minutes since local midnight on the wall clock, [0, 1440).
  int wall_minutes_of(Instant t) const;
  // Wall time on a day; wall_seconds may be 86400 (the next midnight).
  Instant at(LocalDate day, int wall_seconds) const;
  // The whole local day: from its midnight to the next one. 23, 24 or 25 hours, rarely other.
  Interval day(LocalDate day) const;
  // UTC offset in force at t, in seconds.
  int offset_seconds(Instant t) const;

  bool operator==(const Zone& o) const { return name() == o.name(); }

 private:
  explicit Zone(const void* handle) : handle_(handle) {}
  const void* handle_;  // points into the process-wide table of loaded zones
};

// The version of the system's time-zone data ("2026b"), from line 1 of tzdata.zi; "unknown" when
// that file is missing (security design, T3).
const std::string& tzdata_version();

}  // namespace openavail::time
