// Files that were made to hurt: each is refused, at once, and none is ever read as free.
#include <catch2/catch.hpp>
#include <string>

#include "calendar/object.h"

namespace openavail::calendar {
namespace {

Instant at(const char* text) { return *time::parse_instant(text); }

std::string object(const std::string& body) {
  return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\n" + body + "END:VCALENDAR\r\n";
}

std::string event(const std::string& lines) {
  return "BEGIN:VEVENT\r\nUID:one\r\n" + lines + "\r\nEND:VEVENT\r\n";
}

Result<std::vector<ObjectEvent>> read(const std::string& body) {
  return read_object(
      object(body),
      {{at("2031-03-01T00:00:00Z"), at("2031-04-01T00:00:00Z")}, time::Zone::utc(), {}});
}

std::string repeated(const std::string& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

std::string zone(const std::string& parts) {
  return "BEGIN:VTIMEZONE\r\nTZID:Z\r\n" + parts + "END:VTIMEZONE\r\n" +
         event("DTSTART;TZID=Z:20310303T100000\r\nDURATION:PT1H");
}

}  // namespace

TEST_CASE("days and times of day that do not exist are refused wherever they stand") {
  for (const char* time : {"20310303T250000Z", "20310303T240000Z", "20310303T106000Z",
                           "20310303T100061Z", "20310230T100000Z", "20311303T100000Z"}) {
    CAPTURE(time);
    const std::string when = time;
    const std::string ten = "DTSTART:20310303T100000Z\r\n";
    CHECK_FALSE(read(event("DTSTART:" + when)));
    CHECK_FALSE(read(event(ten + "DTEND:" + when)));
    CHECK_FALSE(read(event(ten + "RDATE:" + when)));
    CHECK_FALSE(read(event(ten + "EXDATE:" + when)));
    CHECK_FALSE(read(event(ten + "RECURRENCE-ID:" + when)));
    CHECK_FALSE(read(event(ten + "RRULE:FREQ=DAILY;UNTIL=" + when)));
  }
  CHECK(read(event("DTSTART:20310303T235960Z\r\nDURATION:PT1H")));
}

TEST_CASE("numbers that libical would cut are refused, folded or not") {
  const std::string ten = "DTSTART:20310303T100000Z\r\n";
  for (const char* lines :
       {"DURATION:P99999999999D", "DURATION:P2147483647W", "DURATION:PT429496\r\n 7297S",
        "DURATION:P99999999D", "DURATION:PT", "DURATION;X-A=b:P999999999D",
        "RDATE;VALUE=PERIOD:20310305T100000Z/PT99999999999H",
        "RDATE;VALUE=PERIOD:20310305T100000Z/20310305T090000Z",
        "RDATE;VALUE=PERIOD:20310305T100000Z/-PT1H", "RRULE:FREQ=DAILY;COUNT=99999999999999",
        "RRULE:FREQ=DAILY;COUNT=42949\r\n 67297"}) {
    CAPTURE(lines);
    CHECK_FALSE(read(event(ten + lines)));
  }
  const auto forever = read(event("DTSTART;VALUE=DATE:20310303\r\nDTEND;VALUE=DATE:99991231"));
  REQUIRE(forever);
  CHECK(forever->at(0).occurrences.size() == 1);
}

TEST_CASE("components nested by the hundred thousand end no process") {
  const std::string begin = "BEGIN:VEVENT\r\n", end = "END:VEVENT\r\n";
  CHECK_FALSE(read(repeated(begin, 150'000) + repeated(end, 150'000)));
  // Hidden from whoever looks at raw lines, or for an exact BEGIN.
  CHECK_FALSE(read(repeated("BEG\r\n IN:VEVENT\r\n", 150'000) + repeated(end, 150'000)));
  CHECK_FALSE(
      read(repeated("BEGIN;X=1:VEVENT\r\n", 100'000) + repeated("END;X=1:VEVENT\r\n", 100'000)));
  const std::string alarm = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT5M\r\nEND:VALARM";
  CHECK(read(event("DTSTART:20310303T100000Z\r\n" + alarm)));
}

TEST_CASE("every rule of an event is held to the limits and followed, not only the first") {
  const std::string ten = "DTSTART:20310303T100000Z\r\nDURATION:PT1H\r\n";
  const std::string others = "RDATE:20310304T100000Z\r\nEXDATE:20310306T100000Z\r\n";
  CHECK_FALSE(read(event(ten + others + "RRULE:FREQ=DAILY;COUNT=2\r\nRRULE:FREQ=SECONDLY")));
  const auto both =
      read(event(ten + others + "RRULE:FREQ=DAILY;COUNT=2\r\nRRULE:FREQ=WEEKLY;COUNT=3"));
  REQUIRE(both);
  CHECK(both->at(0).occurrences.size() == 4);  // the 3rd, 4th, 10th and 17th
}

TEST_CASE("of two answers to one question none is taken") {
  const std::string ten = "DTSTART:20310303T100000Z\r\n";
  CHECK_FALSE(read(event(ten + "DTSTART:20310303T120000Z")));
  CHECK_FALSE(read(event(ten + "DTEND:20310303T110000Z\r\nDTEND:20310303T230000Z")));
  CHECK_FALSE(read(event(ten + "DURATION:PT1H\r\nDURATION:PT9H")));
  CHECK_FALSE(read(event(ten + "DTEND:20310303T110000Z\r\nDURATION:PT9H")));
}

TEST_CASE("a VTIMEZONE that says nothing is not UTC") {
  const std::string start = "DTSTART:19700101T000000\r\n";
  const std::string offsets = "TZOFFSETFROM:+0100\r\nTZOFFSETTO:+0100\r\n";
  const auto standard = [](const std::string& lines) {
    return zone("BEGIN:STANDARD\r\n" + lines + "END:STANDARD\r\n");
  };
  CHECK(read(standard(start + offsets)));
  CHECK_FALSE(read(zone("")));
  CHECK_FALSE(read(standard(offsets)));
  CHECK_FALSE(read(standard(start)));
  CHECK_FALSE(read(standard(start + "TZOFFSETTO:+0100\r\n")));
  CHECK_FALSE(read(standard(start + "TZOFFSETFROM:+9999\r\nTZOFFSETTO:+9999\r\n")));
}

TEST_CASE("an event of ours at the ends of what is decided reads back as it was written") {
  for (const char* day : {"1970-01-01", "2038-01-20", "2501-02-28"}) {
    CAPTURE(day);
    const std::string date = day;
    const EventDraft draft{"mine",
                           {at((date + "T10:00:00Z").c_str()), at((date + "T11:00:00Z").c_str())},
                           {"title", "", {}},
                           "",
                           at("2026-01-01T00:00:00Z")};
    const auto found = read_text(write_object(draft), "mine");
    REQUIRE(found);
    CHECK(found->interval == draft.interval);
  }
}

TEST_CASE("no text gets out of its property") {
  for (const char* text : {"x\nEND:VEVENT\nEND:VCALENDAR", "x\r\nDTSTART:20310101T000000Z",
                           "\r\n\r\n", "a\\nb\\;c\\,d", "\x01\x1b[31m\x7f",
                           "\xf0\x9f\x98\x80 \xe2\x80\xae", ";X=1:\",", "BEGIN:VEVENT"}) {
    CAPTURE(text);
    const EventDraft draft{"mine",
                           {at("2031-03-03T10:00:00Z"), at("2031-03-03T11:00:00Z")},
                           {text, text, {{text, text}}},
                           text,
                           at("2026-01-01T00:00:00Z")};
    const std::string bytes = write_object(draft);
    const auto events = read_object(
        bytes, {{at("2031-01-01T00:00:00Z"), at("2032-01-01T00:00:00Z")}, time::Zone::utc(), {}});
    REQUIRE(events);
    REQUIRE(events->size() == 1);
    REQUIRE(events->at(0).occurrences.size() == 1);
    CHECK(events->at(0).occurrences[0].interval == draft.interval);
    const std::string kept = read_text(bytes, "mine")->text.title;
    for (const char c : kept) CHECK((static_cast<unsigned char>(c) >= 0x20 || c == '\n'));
    CHECK(kept.find('\x7f') == std::string::npos);
  }
}

}  // namespace openavail::calendar
