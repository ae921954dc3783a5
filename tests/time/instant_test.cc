#include "time/instant.h"

#include <rapidcheck.h>

#include <catch2/catch.hpp>

namespace openavail::time {
namespace {

std::int64_t parsed(const char* text) {
  INFO(text);
  const Result<Instant> t = parse_instant(text);
  REQUIRE(t.has_value());
  return t->unix_ms;
}

}  // namespace

TEST_CASE("a time is read with Z, an offset and a zero fraction") {
  CHECK(parsed("1970-01-01T00:00:00Z") == 0);
  CHECK(parsed("2026-07-01T14:00:00Z") == 1'782'914'400'000);
  CHECK(parsed("2026-07-01T16:00:00+02:00") == parsed("2026-07-01T14:00:00Z"));
  CHECK(parsed("2026-06-30T23:30:00-14:30") == parsed("2026-07-01T14:00:00Z"));
  CHECK(parsed("2026-07-01T14:00:00.000Z") == parsed("2026-07-01T14:00:00Z"));
  CHECK(parsed("2026-07-01t14:00:00z") == parsed("2026-07-01T14:00:00Z"));
  CHECK(parsed("2028-02-29T00:00:00Z") - parsed("2028-02-28T00:00:00Z") == 86'400'000);
  CHECK(parsed("9999-12-31T23:59:59Z") == 253'402'300'799'000);
}

TEST_CASE("what is no time, or one without a zone, is refused") {
  for (const char* text : {"",
                           "now",
                           "2026-07-01",
                           "2026-07-01T14:00:00",
                           "2026-07-01 14:00:00Z",
                           "2026-07-01T14:00Z",
                           "2026-02-29T00:00:00Z",
                           "2026-13-01T00:00:00Z",
                           "2026-00-01T00:00:00Z",
                           "2026-07-32T00:00:00Z",
                           "2026-07-01T24:00:00Z",
                           "2026-07-01T14:60:00Z",
                           "2026-07-01T14:00:60Z",
                           "2026-07-01T14:00:00.5Z",
                           "2026-07-01T14:00:00.Z",
                           "2026-07-01T14:00:00.0001Z",
                           "2026-07-01T14:00:00+0200",
                           "2026-07-01T14:00:00+24:00",
                           "2026-07-01T14:00:00+02:60",
                           "2026-07-01T14:00:00ZZ",
                           "2026-07-01T14:00:00Z ",
                           "1969-12-31T23:59:59Z",
                           "1970-01-01T00:00:00+00:01",
                           "9999-12-31T23:59:59-00:01",
                           "+026-07-01T14:00:00Z"}) {
    INFO(text);
    const Result<Instant> t = parse_instant(text);
    REQUIRE_FALSE(t.has_value());
    CHECK(t.error().code() == ErrorCode::validation_failed);
    CHECK_FALSE(t.error().next().empty());
  }
}

TEST_CASE("writing cuts milliseconds off towards the past") {
  CHECK(format_instant({1'782'914'400'999}) == "2026-07-01T14:00:00Z");
  CHECK(format_instant({-1}) == "1969-12-31T23:59:59Z");
  CHECK(format_instant_ms({1'782'914'400'023}) == "2026-07-01T14:00:00.023Z");
  CHECK(format_instant_ms({-1}) == "1969-12-31T23:59:59.999Z");
}

TEST_CASE("reading what was written gives the same instant") {
  CHECK(rc::check([] {
    const Instant t{*rc::gen::inRange<std::int64_t>(0, 253'402'300'799) * 1000};
    const Result<Instant> back = parse_instant(format_instant(t));
    RC_ASSERT(back.has_value());
    RC_ASSERT(*back == t);
  }));
}

TEST_CASE("merging joins what overlaps or touches and drops what is empty") {
  const auto i = [](std::int64_t a, std::int64_t b) { return Interval{{a}, {b}}; };
  CHECK(merged({i(5, 7), i(1, 3), i(3, 4), i(6, 9), i(8, 8), i(20, 10)}) ==
        std::vector<Interval>{i(1, 4), i(5, 9)});
  CHECK(merged({i(1, 10), i(2, 3)}) == std::vector<Interval>{i(1, 10)});
  CHECK(merged({}).empty());
}

}  // namespace openavail::time
