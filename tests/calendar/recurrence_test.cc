// An old series is not followed from its beginning; that must not show.
#include <catch2/catch.hpp>
#include <string>

#include "calendar/object.h"

namespace openavail::calendar {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;

std::vector<Interval> busy(const std::string& first, const std::string& length,
                           const std::string& rule, const Interval& window) {
  const std::string bytes = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:one\r\nDTSTART" +
                            first + "\r\nDURATION:" + length + "\r\nRRULE:" + rule +
                            "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
  const auto events = read_object(bytes, {window, *time::Zone::open("Europe/Paris"), {}});
  REQUIRE(events);
  std::vector<Interval> out;
  for (const Occurrence& each : events->at(0).occurrences) {
    if (each.interval.overlaps(window)) out.push_back(each.interval);
  }
  return out;
}

// Instances of a window that begins long before the series are never left out.
std::vector<Interval> busy_by_brute_force(const std::string& first, const std::string& length,
                                          const std::string& rule, const Interval& window) {
  std::vector<Interval> out;
  for (const Interval& each : busy(first, length, rule, {Instant{0}, window.end})) {
    if (each.overlaps(window)) out.push_back(each);
  }
  return out;
}

}  // namespace

TEST_CASE("the instances in a window are the same wherever the reading begins") {
  const char* firsts[] = {";TZID=Europe/Paris:20220131T093000",
                          ";TZID=America/New_York:20211104T230000", ":20220102T003000Z",
                          ";VALUE=DATE:20220201", ";TZID=Pacific/Apia:20220105T000000"};
  const char* rules[] = {"FREQ=DAILY",
                         "FREQ=DAILY;INTERVAL=3",
                         "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR",
                         "FREQ=DAILY;BYMONTH=3,10",
                         "FREQ=DAILY;INTERVAL=2;BYMONTHDAY=1,2,15,-1",
                         "FREQ=WEEKLY",
                         "FREQ=WEEKLY;BYDAY=MO,WE,SU",
                         "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=MO",
                         "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU",
                         "FREQ=WEEKLY;INTERVAL=5;BYMONTH=3,4",
                         "FREQ=WEEKLY;BYDAY=FR;UNTIL=20240401T120000Z",
                         "FREQ=DAILY;UNTIL=20230101T000000Z",
                         "FREQ=WEEKLY;COUNT=150;BYDAY=MO,TH",
                         "FREQ=WEEKLY;BYDAY=MO,TU,WE;BYSETPOS=-1",
                         "FREQ=MONTHLY;BYDAY=-1SU",
                         "FREQ=MONTHLY",
                         "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU"};
  std::size_t instances = 0;
  for (const std::string first : firsts) {
    for (const std::string rule : rules) {
      for (const char* length : {"PT1H", "PT30H", "P3D"}) {
        for (int n = 0; n < 6; ++n) {
          // Days before, at and after clock changes, and one long after.
          const Instant start{*time::parse_instant("2024-03-29T00:00:00Z") +
                              Millis{kDayMs * (n < 5 ? n * 43 : 900)}};
          const Interval window{start, start + Millis{kDayMs * (1 + n % 3)}};
          INFO(first << " " << rule << " " << length << " " << time::format_instant(start));
          const auto found = busy(first, length, rule, window);
          CHECK(found == busy_by_brute_force(first, length, rule, window));
          instances += found.size();
        }
      }
    }
  }
  CHECK(instances > 1'000);
}

}  // namespace openavail::calendar
