#include "time/zone.h"

#include <date/tz.h>

#include <array>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>

#include "base/check.h"

namespace openavail::time {
namespace {

constexpr std::size_t kZoneNameBytesMax = 64;
constexpr std::int64_t kSecondMs = 1000;
constexpr std::int64_t kDaySeconds = 86'400;

struct LoadedZone {
  std::string name;
  const date::time_zone* zone;  // null: UTC, which needs no data
};

const LoadedZone& loaded(const void* handle) { return *static_cast<const LoadedZone*>(handle); }

const LoadedZone* utc_zone() {
  static const LoadedZone utc{"UTC", nullptr};
  return &utc;
}

bool has_form_of_a_zone(std::string_view name) {
  if (name.empty() || name.size() > kZoneNameBytesMax) return false;
  // "right/" counts leap seconds; both folders repeat zones that have a plain name.
  if (name.substr(0, 6) == "right/" || name.substr(0, 6) == "posix/") return false;
  for (const char c : name) {
    const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    const bool other = (c >= '0' && c <= '9') || c == '/' || c == '_' || c == '-' || c == '+';
    if (!letter && !other) return false;
  }
  return true;
}

Error unknown_zone(std::string_view name) {
  return Error(ErrorCode::validation_failed,
               "unknown time zone \"" + std::string(name.substr(0, kZoneNameBytesMax)) + "\"",
               "use an IANA name such as Europe/Paris or America/New_York");
}

std::int64_t floor_seconds(Instant t) {
  return t.unix_ms / kSecondMs - (t.unix_ms % kSecondMs < 0 ? 1 : 0);
}

std::int64_t local_seconds(const LoadedZone& zone, Instant t) {
  const std::int64_t seconds = floor_seconds(t);
  if (zone.zone == nullptr) return seconds;
  const date::sys_info info = zone.zone->get_info(date::sys_seconds{std::chrono::seconds{seconds}});
  return seconds + info.offset.count();
}

std::int64_t floor_days(std::int64_t seconds) {
  return seconds / kDaySeconds - (seconds % kDaySeconds < 0 ? 1 : 0);
}

// The first instant of the day: its midnight, or, where a clock change leaps over midnight, the
// change itself.
Instant first_instant(const LoadedZone& zone, LocalDate day) {
  const std::int64_t midnight = day.days * kDaySeconds;
  if (zone.zone == nullptr) return {midnight * kSecondMs};
  const date::local_info info =
      zone.zone->get_info(date::local_seconds{std::chrono::seconds{midnight}});
  if (info.result == date::local_info::nonexistent) {
    return {info.first.end.time_since_epoch().count() * kSecondMs};
  }
  return {(midnight - info.first.offset.count()) * kSecondMs};
}

std::string read_tzdata_version() {
  std::ifstream file("/usr/share/zoneinfo/tzdata.zi");
  std::string line;
  const std::string prefix = "# version ";
  if (!std::getline(file, line) || line.compare(0, prefix.size(), prefix) != 0) return "unknown";
  const std::string version = line.substr(prefix.size());
  return version.empty() ? "unknown" : version;
}

}  // namespace

int LocalDate::weekday() const {
  const int shifted = (days % 7 + 4) % 7;  // 1970-01-01 was a Thursday
  return shifted < 0 ? shifted + 7 : shifted;
}

std::string LocalDate::text() const {
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{days}}};
  std::array<char, 32> text{};
  const int length =
      std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
                    static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return std::string(text.data(), static_cast<std::size_t>(length));
}

LocalDate LocalDate::of(int year, unsigned month, unsigned day) {
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{month},
                                         std::chrono::day{day}};
  return {static_cast<std::int32_t>(std::chrono::sys_days{date}.time_since_epoch().count())};
}

Result<Zone> Zone::open(std::string_view name) {
  if (name == "UTC") return utc();
  if (!has_form_of_a_zone(name)) return fail(unknown_zone(name));
  static std::mutex mutex;
  // Never destroyed: handles may outlive main.
  static auto& table = *new std::map<std::string, std::unique_ptr<const LoadedZone>, std::less<>>;
  const std::lock_guard lock(mutex);
  const auto found = table.find(name);
  if (found != table.end()) return Zone(found->second.get());
  try {
    const date::time_zone* zone = date::locate_zone(name);
    // Reads the zone's file now, so that no later call can fail.
    static_cast<void>(zone->get_info(date::sys_seconds{}));
    auto entry = std::make_unique<const LoadedZone>(LoadedZone{std::string(name), zone});
    const void* handle = entry.get();
    table.emplace(std::string(name), std::move(entry));
    return Zone(handle);
  } catch (const std::exception&) {  // the library's only way to say that it has no such zone
    return fail(unknown_zone(name));
  }
}

Zone Zone::utc() { return Zone(utc_zone()); }

const std::string& Zone::name() const { return loaded(handle_).name; }

LocalDate Zone::date_of(Instant t) const {
  return {static_cast<std::int32_t>(floor_days(local_seconds(loaded(handle_), t)))};
}

int Zone::wall_seconds_of(Instant t) const {
  const std::int64_t seconds = local_seconds(loaded(handle_), t);
  return static_cast<int>(seconds - floor_days(seconds) * kDaySeconds);
}

int Zone::wall_minutes_of(Instant t) const { return wall_seconds_of(t) / 60; }

Instant Zone::at(LocalDate day, int wall_seconds) const {
  OA_CHECK(wall_seconds >= 0 && wall_seconds <= kDaySeconds);
  const LoadedZone& zone = loaded(handle_);
  const std::int64_t local = day.days * kDaySeconds + wall_seconds;
  if (zone.zone == nullptr) return {local * kSecondMs};
  const date::local_info info =
      zone.zone->get_info(date::local_seconds{std::chrono::seconds{local}});
  // The offset before the change moves a missing time forward by the gap, and is the first of two.
  return {(local - info.first.offset.count()) * kSecondMs};
}

Interval Zone::day(LocalDate day) const {
  const LoadedZone& zone = loaded(handle_);
  return {first_instant(zone, day), first_instant(zone, day + 1)};
}

int Zone::offset_seconds(Instant t) const {
  return static_cast<int>(local_seconds(loaded(handle_), t) - floor_seconds(t));
}

const std::string& tzdata_version() {
  static const std::string version = read_tzdata_version();
  return version;
}

}  // namespace openavail::time
