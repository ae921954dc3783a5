#include "cmd/owner_zone.h"

#include <cstdlib>

#include "keys/key_text.h"

namespace openavail::cmd {
namespace {

constexpr const char* kWeekdays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

// Errors mean "nothing is known": the answer itself has been printed or will be.
Result<std::string> only_owner_of(service::Administration& admin, std::string_view api_key) {
  const auto ref = keys::parse_key(api_key);
  if (!ref) return fail(ErrorCode::not_found, "no such key");
  OA_TRY(const auto all, admin.keys(std::nullopt));
  for (const ports::Key& key : all) {
    if (key.ref != *ref) continue;
    OA_TRY(const auto info, admin.agent(key.agent_id.text()));
    if (info.owner_emails.size() == 1) return info.owner_emails.front();
  }
  return fail(ErrorCode::not_found, "not one owner");
}

Result<time::Zone> zone_of(service::Administration& admin, const std::string& email) {
  OA_TRY(const auto calendars, admin.calendars(email));
  for (const auto& status : calendars) {
    if (status.calendar.is_primary && status.calendar.timezone) {
      return time::Zone::open(*status.calendar.timezone);
    }
  }
  OA_TRY(const auto owner, admin.owner(email));
  if (!owner.timezone) return fail(ErrorCode::not_found, "no zone");
  return time::Zone::open(*owner.timezone);
}

std::string two(int number) { return (number < 10 ? "0" : "") + std::to_string(number); }

}  // namespace

time::Zone zone_for(Installation& installation, std::string_view api_key,
                    const std::string& owner_email) {
  service::Administration& admin = installation.administration();
  const Result<time::Zone> found = [&]() -> Result<time::Zone> {
    std::string email = owner_email;
    if (email.empty()) {
      OA_TRY(email, only_owner_of(admin, api_key));
    }
    return zone_of(admin, email);
  }();
  return found ? *found : time::Zone::utc();
}

std::string local_instant(const time::Zone& zone, Instant t) {
  const int offset = zone.offset_seconds(t);
  const std::string utc = time::format_instant(t + std::chrono::seconds(offset));
  if (offset == 0) return utc;
  const int minutes = std::abs(offset) / 60;
  return utc.substr(0, utc.size() - 1) + (offset < 0 ? "-" : "+") + two(minutes / 60) + ":" +
         two(minutes % 60);
}

std::string weekday_of(const time::Zone& zone, Instant t) {
  return kWeekdays[zone.date_of(t).weekday()];
}

std::string clock_of(const time::Zone& zone, Instant t) {
  const int minutes = zone.wall_minutes_of(t);
  return two(minutes / 60) + ":" + two(minutes % 60);
}

std::string local_span(const time::Zone& zone, const Interval& interval) {
  const auto day = [&](Instant t) { return weekday_of(zone, t) + " " + zone.date_of(t).text(); };
  const std::string first = day(interval.start);
  const std::string last = day(interval.end);
  return first + " " + clock_of(zone, interval.start) + "-" + (last == first ? "" : last + " ") +
         clock_of(zone, interval.end);
}

}  // namespace openavail::cmd
