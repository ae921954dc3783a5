#include "time/zone.h"

#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <thread>

namespace openavail::time {
namespace {

Zone zone(const char* name) {
  Result<Zone> z = Zone::open(name);
  REQUIRE(z.has_value());
  return *z;
}

std::string at(const Zone& z, LocalDate day, int hour, int minute) {
  return format_instant(z.at(day, (hour * 60 + minute) * 60));
}

}  // namespace

TEST_CASE("days know their weekday and text") {
  CHECK(LocalDate{0}.weekday() == 4);
  CHECK(LocalDate{-5}.weekday() == 6);
  CHECK(LocalDate::of(2026, 3, 29).weekday() == 0);
  CHECK(LocalDate::of(2026, 3, 29).text() == "2026-03-29");
  CHECK(LocalDate::of(2026, 3, 29) - LocalDate::of(2026, 2, 28) == 29);
}

TEST_CASE("an unknown zone is refused, whatever its form") {
  for (const char* name : {"", "Europe/Nowhere", "europe/paris", "../etc/passwd", "/etc/passwd",
                           "right/Europe/Paris", "Europe/Paris\n", "tzdata.zi", "UTC+2"}) {
    INFO(name);
    const Result<Zone> z = Zone::open(name);
    REQUIRE_FALSE(z.has_value());
    CHECK(z.error().code() == ErrorCode::validation_failed);
  }
}

TEST_CASE("the same name gives equal zones, also from many threads") {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([] {
      for (const char* name : {"Asia/Tokyo", "America/Lima", "Europe/Oslo"}) {
        if (!Zone::open(name)) std::abort();
      }
    });
  }
  for (std::thread& t : threads) t.join();
  CHECK(zone("Asia/Tokyo") == zone("Asia/Tokyo"));
  CHECK_FALSE(zone("Asia/Tokyo") == Zone::utc());
  CHECK(zone("UTC") == Zone::utc());
}

TEST_CASE("a wall time that does not exist moves forward by the gap") {
  const Zone paris = zone("Europe/Paris");
  const LocalDate day = LocalDate::of(2026, 3, 29);
  CHECK(at(paris, day, 1, 59) == "2026-03-29T00:59:00Z");
  CHECK(at(paris, day, 2, 0) == "2026-03-29T01:00:00Z");
  CHECK(at(paris, day, 2, 30) == "2026-03-29T01:30:00Z");
  CHECK(paris.wall_minutes_of(paris.at(day, 9000)) == 210);
  CHECK(at(paris, day, 3, 0) == "2026-03-29T01:00:00Z");
}

TEST_CASE("a wall time that exists twice means the first") {
  const Zone paris = zone("Europe/Paris");
  const LocalDate day = LocalDate::of(2026, 10, 25);
  CHECK(at(paris, day, 2, 30) == "2026-10-25T00:30:00Z");
  CHECK(at(paris, day, 3, 0) == "2026-10-25T02:00:00Z");
  CHECK(paris.offset_seconds(paris.at(day, 9000)) == 7200);
}

TEST_CASE("days have 23, 24 or 25 hours, half an hour off, or none at all") {
  const auto hours = [](const Zone& z, LocalDate d) {
    return z.day(d).length() / std::chrono::duration<double, std::ratio<3600>>(1);
  };
  const Zone paris = zone("Europe/Paris");
  CHECK(hours(paris, LocalDate::of(2026, 3, 28)) == 24);
  CHECK(hours(paris, LocalDate::of(2026, 3, 29)) == 23);
  CHECK(hours(paris, LocalDate::of(2026, 10, 25)) == 25);
  CHECK(hours(zone("Australia/Lord_Howe"), LocalDate::of(2026, 4, 5)) == 24.5);
  CHECK(hours(zone("Pacific/Apia"), LocalDate::of(2011, 12, 30)) == 0);
  CHECK(hours(zone("Pacific/Apia"), LocalDate::of(2011, 12, 29)) == 24);
}

TEST_CASE("a day whose midnight does not exist starts at the clock change") {
  const Zone cairo = zone("Africa/Cairo");
  const Interval day = cairo.day(LocalDate::of(2026, 4, 24));
  CHECK(format_instant(day.start) == "2026-04-23T22:00:00Z");
  CHECK(cairo.wall_minutes_of(day.start) == 60);
  CHECK(day.length() == std::chrono::hours(23));
}

TEST_CASE("wall time is floored to the second before 1970 as well") {
  CHECK(Zone::utc().date_of({-1}).days == -1);
  CHECK(Zone::utc().wall_seconds_of({-1}) == 86'399);
  CHECK(Zone::utc().wall_minutes_of({60'000}) == 1);
}

TEST_CASE("an instant lies in the day of its date, and days follow without a gap") {
  const std::vector<Zone> zones = {zone("Europe/Paris"),   zone("America/New_York"),
                                   zone("Asia/Kathmandu"), zone("Australia/Lord_Howe"),
                                   zone("America/Havana"), Zone::utc()};
  CHECK(rc::check([&zones] {
    const Zone& z = zones[*rc::gen::inRange<std::size_t>(0, zones.size())];
    const Instant t{*rc::gen::inRange<std::int64_t>(1'700'000'000, 1'900'000'000) * 1000};
    const LocalDate date = z.date_of(t);
    RC_ASSERT(z.day(date).contains(t));
    RC_ASSERT(z.day(date).end == z.day(date + 1).start);
  }));
}

TEST_CASE("the version of the time-zone data is read from the system") {
  CHECK(tzdata_version().size() >= 5);
  CHECK(tzdata_version().substr(0, 2) == "20");
}

}  // namespace openavail::time
