#include "calendar/ical.h"

#include <chrono>
#include <cstdlib>
#include <string_view>

#include "calendar/content_lines.h"
#include "calendar/object.h"
#include "calendar/raw_text.h"
#include "calendar/recurrence.h"

namespace openavail::calendar {
namespace {

time::LocalDate date_of(const icaltimetype& v) {
  return time::LocalDate::of(v.year, static_cast<unsigned>(v.month), static_cast<unsigned>(v.day));
}

int seconds_of(const icaltimetype& v) {
  return v.is_date ? 0 : v.hour * 3600 + v.minute * 60 + v.second;
}

// No place on earth is further from UTC; libical adds up whatever stands there.
constexpr int kOffsetSecondsMax = 24 * 3600;

// libical leaves a property of its own where it met an error: "No value for LOCATION property. …",
// "Can't parse as INTEGER value in PRIORITY property. …". Calendars in use are full of empty
// DESCRIPTION and LOCATION lines.
bool is_harmless(std::string_view message) {
  const auto end = message.find(" property. ");
  if (end == std::string_view::npos) return false;
  const std::string_view head = message.substr(0, end);
  const std::string_view name = head.substr(head.rfind(' ') + 1);
  return !is_time_property(name);
}

bool has_time(icalcomponent_kind kind) {
  return kind == ICAL_VCALENDAR_COMPONENT || kind == ICAL_VEVENT_COMPONENT ||
         kind == ICAL_VTIMEZONE_COMPONENT || kind == ICAL_XSTANDARD_COMPONENT ||
         kind == ICAL_XDAYLIGHT_COMPONENT;
}

// Alarms, tasks and journals make nothing busy; what is wrong inside them is not looked at.
bool has_harmful_error(icalcomponent* component) {
  if (!has_time(icalcomponent_isa(component))) return false;
  for (icalproperty* p = icalcomponent_get_first_property(component, ICAL_XLICERROR_PROPERTY);
       p != nullptr; p = icalcomponent_get_next_property(component, ICAL_XLICERROR_PROPERTY)) {
    const char* message = icalproperty_get_xlicerror(p);
    if (message == nullptr || !is_harmless(message)) return true;
  }
  for (icalcomponent* c = icalcomponent_get_first_component(component, ICAL_ANY_COMPONENT);
       c != nullptr; c = icalcomponent_get_next_component(component, ICAL_ANY_COMPONENT)) {
    if (has_harmful_error(c)) return true;
  }
  return false;
}

// libical expands the rules of a VTIMEZONE by itself, so they are held to what clock changes need.
bool has_tractable_zones(icalcomponent* calendar) {
  for (icalcomponent* zone = icalcomponent_get_first_component(calendar, ICAL_VTIMEZONE_COMPONENT);
       zone != nullptr;
       zone = icalcomponent_get_next_component(calendar, ICAL_VTIMEZONE_COMPONENT)) {
    for (icalcomponent* part = icalcomponent_get_first_component(zone, ICAL_ANY_COMPONENT);
         part != nullptr; part = icalcomponent_get_next_component(zone, ICAL_ANY_COMPONENT)) {
      for (icalproperty* p = icalcomponent_get_first_property(part, ICAL_RRULE_PROPERTY);
           p != nullptr; p = icalcomponent_get_next_property(part, ICAL_RRULE_PROPERTY)) {
        const icalrecurrencetype rule = icalproperty_get_rrule(p);
        const bool is_yearly = rule.freq == ICAL_YEARLY_RECURRENCE;
        if (!is_yearly || !check_tractable(rule)) return false;
      }
    }
  }
  return true;
}

int offset_of(icalcomponent* part, icalproperty_kind kind) {
  icalproperty* p = icalcomponent_get_first_property(part, kind);
  if (p == nullptr) return kOffsetSecondsMax;
  return kind == ICAL_TZOFFSETTO_PROPERTY ? icalproperty_get_tzoffsetto(p)
                                          : icalproperty_get_tzoffsetfrom(p);
}

// Of a zone without times or offsets libical makes UTC.
Status check_zone(icalcomponent* zone) {
  int parts = 0;
  for (icalcomponent* part = icalcomponent_get_first_component(zone, ICAL_ANY_COMPONENT);
       part != nullptr; part = icalcomponent_get_next_component(zone, ICAL_ANY_COMPONENT)) {
    const icalcomponent_kind kind = icalcomponent_isa(part);
    if (kind != ICAL_XSTANDARD_COMPONENT && kind != ICAL_XDAYLIGHT_COMPONENT) continue;
    ++parts;
    const bool has_start =
        icalcomponent_get_first_property(part, ICAL_DTSTART_PROPERTY) != nullptr &&
        is_valid_time(icalcomponent_get_dtstart(part));
    const bool has_offsets =
        std::abs(offset_of(part, ICAL_TZOFFSETTO_PROPERTY)) < kOffsetSecondsMax &&
        std::abs(offset_of(part, ICAL_TZOFFSETFROM_PROPERTY)) < kOffsetSecondsMax;
    if (!has_start || !has_offsets) return fail(unreadable("a VTIMEZONE is not whole"));
  }
  if (parts == 0) return fail(unreadable("a VTIMEZONE without STANDARD or DAYLIGHT"));
  return {};
}

}  // namespace

std::unique_lock<std::mutex> lock_libical() {
  static std::mutex mutex;
  std::unique_lock lock(mutex);
  static const bool is_set_up = [] {
    icalerror_set_errors_are_fatal(0);
    ical_set_unknown_token_handling_setting(ICAL_ASSUME_IANA_TOKEN);
    return true;
  }();
  static_cast<void>(is_set_up);
  return lock;
}

Error unreadable(const std::string& what) {
  return Error(ErrorCode::validation_failed, "not a readable iCalendar object: " + what,
               "mend or remove the file");
}

std::optional<time::Zone> iana_zone(const std::string& tzid) {
  // "/freeassociation.sourceforge.net/Europe/Paris"
  for (std::size_t at = 0; at < tzid.size();) {
    if (auto zone = time::Zone::open(tzid.substr(at))) return *zone;
    const auto slash = tzid.find('/', at);
    if (slash == std::string::npos) break;
    at = slash + 1;
  }
  return std::nullopt;
}

Result<Component> parse_calendar(const std::string& bytes, Extent extent) {
  OA_TRY(const std::string text, checked_text(bytes));
  const std::string seen = extent == Extent::whole ? text : deciding_lines(text);
  Component calendar(icalparser_parse_string(seen.c_str()));
  if (!calendar) return fail(unreadable("it can't be parsed"));
  if (icalcomponent_isa(calendar.get()) != ICAL_VCALENDAR_COMPONENT) {
    return fail(unreadable("more than one VCALENDAR, or none"));
  }
  if (has_harmful_error(calendar.get())) return fail(unreadable("a property is malformed"));
  if (!has_tractable_zones(calendar.get())) {
    return fail(unreadable("a VTIMEZONE has a rule that is not a yearly clock change"));
  }
  icalcomponent_strip_errors(calendar.get());
  return calendar;
}

std::vector<icalcomponent*> events_in(icalcomponent* calendar) {
  std::vector<icalcomponent*> events;
  for (icalcomponent* c = icalcomponent_get_first_component(calendar, ICAL_VEVENT_COMPONENT);
       c != nullptr; c = icalcomponent_get_next_component(calendar, ICAL_VEVENT_COMPONENT)) {
    events.push_back(c);
  }
  return events;
}

bool is_transparent(icalcomponent* event) {
  icalproperty* p = icalcomponent_get_first_property(event, ICAL_TRANSP_PROPERTY);
  if (p == nullptr) return false;
  const icalproperty_transp transp = icalproperty_get_transp(p);
  return transp == ICAL_TRANSP_TRANSPARENT || transp == ICAL_TRANSP_TRANSPARENTNOCONFLICT;
}

bool has_displaced_mark(icalcomponent* event) {
  const char* summary = icalcomponent_get_summary(event);
  return is_transparent(event) && summary != nullptr &&
         std::string_view(summary).starts_with(kDisplacedMark);
}

bool is_valid_time(const icaltimetype& value) {
  if (value.year < 0 || value.year > 9999 || value.month < 1 || value.month > 12) return false;
  if (value.day < 1 || value.day > icaltime_days_in_month(value.month, value.year)) return false;
  if (value.is_date != 0) return true;
  // A leap second, 60, is the next minute's first.
  return value.hour >= 0 && value.hour <= 23 && value.minute >= 0 && value.minute <= 59 &&
         value.second >= 0 && value.second <= 60;
}

std::string uid_of(icalcomponent* event) {
  const char* uid = icalcomponent_get_uid(event);
  return uid != nullptr ? uid : "";
}

Result<TimeReader::Wall> TimeReader::read(icalproperty* property, const icaltimetype& value) {
  if (icaltime_is_null_time(value) || !is_valid_time(value)) {
    return fail(unreadable("a date or time is not valid"));
  }
  Wall wall;
  wall.value = value;
  wall.value.zone = nullptr;
  wall.is_date = value.is_date != 0;
  if (icaltime_is_utc(value) != 0) {
    wall.is_utc = true;
    return wall;
  }
  icalparameter* parameter = icalproperty_get_first_parameter(property, ICAL_TZID_PARAMETER);
  if (parameter == nullptr || wall.is_date) {
    wall.zone = owner_zone_;
    return wall;
  }
  OA_TRY(const Place place, place_of(icalparameter_get_tzid(parameter)));
  wall.zone = place.zone;
  wall.custom = place.custom;
  return wall;
}

Result<TimeReader::Place> TimeReader::place_of(const std::string& tzid) {
  const auto known = places_.find(tzid);
  if (known != places_.end()) return known->second;
  Place place;
  place.zone = iana_zone(tzid);
  if (!place.zone) {
    place.custom = icalcomponent_get_timezone(calendar_, tzid.c_str());
    if (place.custom == nullptr) return fail(unreadable("a TZID is unknown and has no VTIMEZONE"));
    OA_TRY_STATUS(check_zone(icaltimezone_get_component(place.custom)));
  }
  return places_.emplace(tzid, place).first->second;
}

TimeReader::Wall TimeReader::with_value(const Wall& like, const icaltimetype& value) {
  Wall wall = like;
  wall.value = value;
  wall.value.zone = nullptr;
  return wall;
}

Instant TimeReader::to_instant(const Wall& wall) {
  if (wall.is_utc) {
    return time::Zone::utc().at(date_of(wall.value), seconds_of(wall.value));
  }
  if (wall.custom != nullptr) {
    const auto seconds =
        static_cast<std::int64_t>(icaltime_as_timet_with_zone(wall.value, wall.custom));
    return {seconds * 1000};
  }
  return wall.zone->at(date_of(wall.value), seconds_of(wall.value));
}

icaltimetype TimeReader::to_wall(Instant t, const Wall& like) {
  if (like.custom != nullptr) {
    return icaltime_from_timet_with_zone(static_cast<time_t>(t.unix_ms / 1000), 0, like.custom);
  }
  const time::Zone zone = like.is_utc ? time::Zone::utc() : *like.zone;
  const time::LocalDate date = zone.date_of(t);
  const int seconds = zone.wall_seconds_of(t);
  icaltimetype value = icaltime_null_time();
  const std::chrono::year_month_day day{std::chrono::sys_days{std::chrono::days{date.days}}};
  value.year = static_cast<int>(day.year());
  value.month = static_cast<int>(static_cast<unsigned>(day.month()));
  value.day = static_cast<int>(static_cast<unsigned>(day.day()));
  value.hour = seconds / 3600;
  value.minute = seconds / 60 % 60;
  value.second = seconds % 60;
  return value;
}

}  // namespace openavail::calendar
