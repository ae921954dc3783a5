#include <catch2/catch.hpp>

#include "calendar/object.h"

using namespace openavail;

TEST_CASE("an INTERVAL that libical would cut short is refused, folded or not") {
  const auto read = [](const std::string& rule) {
    const std::string bytes =
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//T//T//EN\r\nBEGIN:VEVENT\r\nUID:u\r\n"
        "DTSTAMP:20260101T000000Z\r\nDTSTART:20260601T090000Z\r\nDTEND:20260601T100000Z\r\n"
        "RRULE:FREQ=DAILY;" + rule + "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    return calendar::read_object(bytes, {{}, time::Zone::utc(), {}}).has_value();
  };
  CHECK(read("INTERVAL=2"));
  CHECK_FALSE(read("INTERVAL=65537"));
  CHECK_FALSE(read("INTERVAL=65\r\n 537"));
}
