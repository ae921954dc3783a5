#include "cmd/demo_calendar.h"

#include <algorithm>

namespace openavail::cmd {
namespace {

std::string basic(time::LocalDate date) {
  std::string text = date.text();
  text.erase(std::remove(text.begin(), text.end(), '-'), text.end());
  return text;
}

std::string object(const std::string& uid, const std::string& lines) {
  return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Demo//Demo//EN\r\n" +
         std::string("BEGIN:VEVENT\r\nUID:") + uid + "\r\nDTSTAMP:20260101T000000Z\r\n" + lines +
         "END:VEVENT\r\nEND:VCALENDAR\r\n";
}

std::string at(const std::string& zone, time::LocalDate day, const std::string& from,
               const std::string& to) {
  return "DTSTART;TZID=" + zone + ":" + basic(day) + "T" + from + "\r\nDTEND;TZID=" + zone + ":" +
         basic(day) + "T" + to + "\r\n";
}

}  // namespace

std::vector<std::pair<std::string, std::string>> demo_calendar(time::LocalDate tuesday,
                                                               const std::string& owner) {
  const std::string paris = "Europe/Paris";
  const time::LocalDate weeks_ago = tuesday + -28;
  const std::string standup = at(paris, weeks_ago, "100000", "101500") +
                              "SUMMARY:Stand-up\r\nRRULE:FREQ=WEEKLY;BYDAY=TU,TH\r\n" +
                              "EXDATE;TZID=" + paris + ":" + basic(weeks_ago + 7) + "T100000\r\n";
  const std::string moved_instance =
      "END:VEVENT\r\nBEGIN:VEVENT\r\nUID:standup@demo\r\nDTSTAMP:20260101T000000Z\r\n"
      "RECURRENCE-ID;TZID=" +
      paris + ":" + basic(tuesday) + "T100000\r\n" + at(paris, tuesday, "103000", "104500") +
      "SUMMARY:Stand-up\r\n";
  return {
      {"standup.ics", object("standup@demo", standup + moved_instance)},
      {"call-new-york.ics",
       object("newyork@demo", at("America/New_York", tuesday, "080000", "090000") +
                                  "SUMMARY:Call with New York (08:00 there)\r\n")},
      {"offsite.ics", object("offsite@demo", "DTSTART;VALUE=DATE:" + basic(tuesday + 1) +
                                                 "\r\nDTEND;VALUE=DATE:" + basic(tuesday + 2) +
                                                 "\r\nSUMMARY:Off-site\r\n")},
      {"birthday.ics",
       object("birthday@demo",
              "DTSTART;VALUE=DATE:" + basic(tuesday) +
                  "\r\nSUMMARY:Birthday (marked as free)\r\nTRANSP:TRANSPARENT\r\n")},
      {"cancelled.ics",
       object("cancelled@demo", at(paris, tuesday, "090000", "100000") +
                                    "SUMMARY:Board call (cancelled)\r\nSTATUS:CANCELLED\r\n")},
      {"declined.ics",
       object("declined@demo",
              at(paris, tuesday, "090000", "093000") +
                  "SUMMARY:Vendor pitch (declined)\r\nORGANIZER:mailto:sales@vendor.example\r\n"
                  "ATTENDEE;PARTSTAT=DECLINED:mailto:" +
                  owner + "\r\n")},
  };
}

}  // namespace openavail::cmd
