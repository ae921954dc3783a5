#include "policy/resolve.h"

#include <catch2/catch.hpp>

namespace openavail::policy {
namespace {

using time::LocalDate;
using time::Zone;

Instant t(const char* text) { return time::parse_instant(text).value(); }
Interval span(const char* a, const char* b) { return {t(a), t(b)}; }
Zone paris() { return Zone::open("Europe/Paris").value(); }

ResolvedRules resolved(const EffectiveRules& rules, const Interval& request) {
  const Interval horizon = whole_local_days(request, paris());
  return resolve(rules, paris(), horizon, request.start).value();
}

EffectiveRules hours(const char* row) {
  EffectiveRules rules;
  rules.working_hours = std::vector<WeeklyRow>{parse_weekly_row(row).value()};
  return rules;
}

}  // namespace

TEST_CASE("the days that a span touches are whole, and its end does not touch the next") {
  const Zone zone = paris();
  CHECK(whole_local_days(span("2026-03-29T08:00:00Z", "2026-03-29T22:00:00Z"), zone) ==
        span("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"));
  CHECK(whole_local_days(span("2026-03-29T08:00:00Z", "2026-03-29T22:00:01Z"), zone) ==
        span("2026-03-28T23:00:00Z", "2026-03-30T22:00:00Z"));
  CHECK(whole_local_days(span("2026-03-29T22:00:00Z", "2026-03-29T22:00:00Z"), zone) ==
        span("2026-03-29T22:00:00Z", "2026-03-30T22:00:00Z"));
}

TEST_CASE("rows become intervals, one per row and day, also those that reach in") {
  const ResolvedRules rules =
      resolved(hours("Daily 22:00-02:00"), span("2026-03-03T10:00:00Z", "2026-03-03T11:00:00Z"));
  CHECK(rules.working_hours_configured);
  CHECK(rules.working_hours ==
        std::vector<Interval>{span("2026-03-02T21:00:00Z", "2026-03-03T01:00:00Z"),
                              span("2026-03-03T21:00:00Z", "2026-03-04T01:00:00Z")});
}

TEST_CASE("local days are contiguous over a clock change") {
  const ResolvedRules rules = resolved({}, span("2026-03-28T10:00:00Z", "2026-03-30T10:00:00Z"));
  REQUIRE(rules.local_days.size() == 3);
  CHECK(rules.local_days[1] == span("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"));
  CHECK(rules.local_days[0].end == rules.local_days[1].start);
  CHECK(rules.local_days[1].end == rules.local_days[2].start);
  CHECK_FALSE(rules.working_hours_configured);
}

TEST_CASE("a day that a zone leaves out is no local day") {
  const Zone apia = Zone::open("Pacific/Apia").value();
  const Interval request{apia.at(LocalDate::of(2011, 12, 29), 36'000),
                         apia.at(LocalDate::of(2011, 12, 31), 36'000)};
  const Interval horizon = whole_local_days(request, apia);
  const ResolvedRules rules = resolve({}, apia, horizon, request.start).value();
  CHECK(rules.local_days.size() == 2);
  CHECK(rules.local_days[0].end == rules.local_days[1].start);
}

TEST_CASE("the same wall time of the next seven days follows the gap rule") {
  const ResolvedRules rules = resolved({}, span("2026-03-28T01:30:00Z", "2026-03-28T02:00:00Z"));
  REQUIRE(rules.same_wall_time.size() == 7);
  CHECK(rules.same_wall_time[0] == t("2026-03-29T01:30:00Z"));
  CHECK(rules.same_wall_time[1] == t("2026-03-30T00:30:00Z"));
  CHECK(rules.same_wall_time[6] == t("2026-04-04T00:30:00Z"));
}

TEST_CASE("a row in a zone that the system does not know is an error, not a missing row") {
  const Interval day = span("2026-03-02T23:00:00Z", "2026-03-03T23:00:00Z");
  const auto rules = resolve(hours("Daily 09:00-17:00 Mars/Olympus"), paris(), day, day.start);
  REQUIRE_FALSE(rules.has_value());
  CHECK(rules.error().code() == ErrorCode::validation_failed);
  EffectiveRules blocked;
  blocked.hard_blocks = {parse_weekly_row("Daily 12:00-13:00 Lunch Mars/Olympus").value()};
  CHECK_FALSE(resolve(blocked, paris(), day, day.start).has_value());
}

TEST_CASE("where the clock goes back over midnight the evening comes again on the new day") {
  // On 2010-11-07 at 00:01 it was 23:01 on the 6th once more.
  const Zone goose_bay = Zone::open("America/Goose_Bay").value();
  const Interval sunday = span("2010-11-07T03:00:00Z", "2010-11-08T04:00:00Z");
  for (const char* time :
       {"2010-11-07T03:00:30Z", "2010-11-07T03:30:00Z", "2010-11-07T12:00:00Z"}) {
    const Interval second{t(time), t(time) + Millis{1'000}};
    CHECK(whole_local_days(second, goose_bay) == sunday);
  }
}

TEST_CASE("hard blocks are sorted by time, then label") {
  EffectiveRules rules;
  for (const char* row : {"Tue 12:00-13:00 B", "Tue 12:00-13:00 A", "Tue 08:00-09:00 C"}) {
    rules.hard_blocks.push_back(parse_weekly_row(row).value());
  }
  const ResolvedRules out = resolved(rules, span("2026-03-03T10:00:00Z", "2026-03-03T11:00:00Z"));
  REQUIRE(out.hard_blocks.size() == 3);
  CHECK(out.hard_blocks[0].label == "C");
  CHECK(out.hard_blocks[1].label == "A");
  CHECK(out.hard_blocks[2].label == "B");
}

}  // namespace openavail::policy
