// What libical gets to see of an object's lines, and what it must not mend without a word.
#include "calendar/content_lines.h"

#include <catch2/catch.hpp>
#include <string>

#include "calendar/object.h"

namespace openavail::calendar {
namespace {

std::string calendar(const std::string& lines) {
  return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" + lines + "END:VCALENDAR\r\n";
}

std::string event(const std::string& lines) {
  return "BEGIN:VEVENT\r\nUID:one\r\nDTSTART:20260610T100000Z\r\nDTEND:20260610T110000Z\r\n" +
         lines + "END:VEVENT\r\n";
}

// "busy", "free" or why the object is refused.
std::string seen(const std::string& text) {
  const Interval june{*time::parse_instant("2026-06-01T00:00:00Z"),
                      *time::parse_instant("2026-07-01T00:00:00Z")};
  const auto events = read_object(text, {june, time::Zone::utc(), {"me@example.org"}});
  if (!events) return events.error().message();
  std::size_t count = 0;
  for (const ObjectEvent& each : *events) count += each.occurrences.size();
  return count > 0 ? "busy" : "free";
}

}  // namespace

TEST_CASE("deciding rests on times, flags and who declined, on nothing else") {
  const std::string zone =
      "BEGIN:VTIMEZONE\r\nTZID:Europe/Paris\r\nBEGIN:STANDARD\r\nTZOFFSETTO:+0100\r\n"
      "END:STANDARD\r\nEND:VTIMEZONE\r\n";
  const std::string own_zone =
      "BEGIN:VTIMEZONE\r\nTZID:Our Town\r\nBEGIN:STANDARD\r\nTZOFFSETTO:+0100\r\n"
      "END:STANDARD\r\nEND:VTIMEZONE\r\n";
  const std::string kept =
      "BEGIN:VEVENT\r\nUID:one\r\ndtstart:20260610T100000Z\r\n"
      "ATTENDEE;PARTSTAT=DECLINED:mailto:a@example.org\r\n"
      "SUMMARY:[Displaced] x\r\n";
  const std::string dropped =
      "DTSTAMP:20260101T000000Z\r\nSUMMARY:Secret\r\nDESCRIPTION:Long\r\n er\r\nX-ODD_NAME:1\r\n"
      "ATTENDEE;PARTSTAT=ACCEPTED:mailto:b@example.org\r\n"
      "BEGIN:VALARM\r\nDURATION:PT5M\r\nBEGIN:X-DEEP\r\nUID:two\r\nEND:X-DEEP\r\nEND:VALARM\r\n";
  const std::string task = "BEGIN:VTODO\r\nUID:t\r\nEND:VTODO\r\n";
  CHECK(deciding_lines(calendar(zone + own_zone + kept + dropped + "END:VEVENT\r\n" + task)) ==
        "BEGIN:VCALENDAR\r\n" + own_zone + kept + "END:VEVENT\r\nEND:VCALENDAR\r\n");
}

TEST_CASE("a zone inside a zone hides no event behind it") {
  const std::string known = "BEGIN:VTIMEZONE\r\nTZID:Europe/Paris\r\nEND:VTIMEZONE\r\n";
  CHECK(seen(calendar("BEGIN:VTIMEZONE\r\n" + known + "END:VTIMEZONE\r\n" + event(""))) == "busy");
  CHECK(seen(calendar("BEGIN:VTIMEZONE\r\nTZID:Our Town\r\n" + known + "END:VTIMEZONE\r\n" +
                      event(""))) == "busy");
  const std::string twice =
      "BEGIN:VTIMEZONE\r\nTZID:Our Town\r\nTZID:Europe/Paris\r\nEND:VTIMEZONE\r\n";
  CHECK(deciding_lines(calendar(twice)) == "BEGIN:VCALENDAR\r\n" + twice + "END:VCALENDAR\r\n");
}

TEST_CASE("lines are read unfolded, whatever breaks them") {
  CHECK(deciding_lines(calendar("DTSTART;TZID=Euro\r\n pe/Pa\n\tris:2026\r\n 0610T100000\n\n")) ==
        "BEGIN:VCALENDAR\r\nDTSTART;TZID=Europe/Paris:20260610T100000\r\nEND:VCALENDAR\r\n");
  CHECK(seen(calendar(event("TRANSP:TRANS\r\n PARENT\r\n"))) == "free");
  CHECK(seen(calendar(event("transp:transparent\r\n"))) == "free");
  CHECK(seen(calendar(event("ATTENDEE;PARTSTAT=DECL\r\n INED:mailto:me@exa\r\n mple.org\r\n"))) ==
        "free");
  CHECK(seen(calendar(event("DESCRIPTION:as in\r\n END:VEVENT\r\n TRANSP:TRANSPARENT\r\n"))) ==
        "busy");
  CHECK(seen("BEGIN:VCALENDAR\r\nBEGIN:VEV\r\n ENT\r\nUID:one\r\nDTSTART:20260610T100000Z\r\n"
             "DURATION:PT1H\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n") == "busy");
}

TEST_CASE("what libical would pass over without a word is refused") {
  const auto refused = [](const std::string& text) {
    return seen(text).rfind("not a readable iCalendar object: ", 0) == 0;
  };
  CHECK(refused(calendar("BEGIN:VEVENT\r\nUID:one\r\n")));
  CHECK(refused(calendar(event("END:VEVENT\r\n"))));
  CHECK(refused(calendar(event("BEGIN:VALARM\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nEND:VALARM\r\n"))));
  CHECK(refused(calendar("BEGIN;X=1:VEVENT\r\nUID:one\r\nEND:VEVENT\r\n")));
  CHECK(
      refused(calendar("BEGIN:VEVENT\r\nUID:one\r\nDTSTART:20260610T100000Z\r\n"
                       "DTEND :20260610T110000Z\r\nEND:VEVENT\r\n")));
  CHECK(refused(calendar(event("RRULE:FREQ=DAILY;interval=123\r\n 45\r\n"))));
  CHECK(refused(calendar(event("a line that no property begins\r\n"))));
  // Text that only looks like it.
  CHECK(seen(calendar(event("DESCRIPTION:INTERVAL=12345\r\n"))) == "busy");
}

}  // namespace openavail::calendar
