#include <algorithm>

#include "base/limits.h"
#include "base/utf8.h"
#include "calendar/ical.h"
#include "calendar/object.h"

namespace openavail::calendar {
namespace {

constexpr const char* kProductId = "-//Openavail//openavail//EN";

icaltimetype utc_time(Instant t) {
  return icaltime_from_timet_with_zone(static_cast<time_t>(t.unix_ms / 1000), 0,
                                       icaltimezone_get_utc_timezone());
}

void remove_all(icalcomponent* event, icalproperty_kind kind) {
  while (icalproperty* p = icalcomponent_get_first_property(event, kind)) {
    icalcomponent_remove_property(event, p);
    icalproperty_free(p);
  }
}

// In a parameter ^n, ^' and ^^ stand for other characters (RFC 6868); libical reads them so, but
// does not write them.
std::string parameter_text(const std::string& text) {
  std::string out;
  for (const char c : clean_line(text)) out += c == '^' ? "^^" : std::string(1, c);
  return out;
}

void put_attendees(icalcomponent* event, const std::vector<Attendee>& attendees,
                   const std::string& organizer) {
  // Whoever stays keeps the line with its answer (PARTSTAT) and what else a person put there.
  std::vector<std::string> kept;
  std::vector<icalproperty*> gone;
  for (icalproperty* p = icalcomponent_get_first_property(event, ICAL_ATTENDEE_PROPERTY);
       p != nullptr; p = icalcomponent_get_next_property(event, ICAL_ATTENDEE_PROPERTY)) {
    const char* value = icalproperty_get_attendee(p);
    const std::string address = value != nullptr ? value : "";
    const bool stays = std::any_of(attendees.begin(), attendees.end(), [&](const Attendee& a) {
      return address == "mailto:" + clean_line(a.email);
    });
    if (stays) {
      kept.push_back(address);
    } else {
      gone.push_back(p);
    }
  }
  for (icalproperty* p : gone) {
    icalcomponent_remove_property(event, p);
    icalproperty_free(p);
  }
  for (const Attendee& attendee : attendees) {
    const std::string address = "mailto:" + clean_line(attendee.email);
    if (std::find(kept.begin(), kept.end(), address) != kept.end()) continue;
    icalproperty* p = icalproperty_new_attendee(address.c_str());
    const std::string name = parameter_text(attendee.display_name);
    if (!name.empty()) icalproperty_add_parameter(p, icalparameter_new_cn(name.c_str()));
    icalcomponent_add_property(event, p);
  }
  const bool has_organizer =
      icalcomponent_get_first_property(event, ICAL_ORGANIZER_PROPERTY) != nullptr;
  if (!attendees.empty() && !has_organizer && !organizer.empty()) {
    icalcomponent_add_property(
        event, icalproperty_new_organizer(("mailto:" + clean_line(organizer)).c_str()));
  }
}

// Text that may have come from anyone: clean, and not longer than what we take ourselves.
std::string shown(const char* text, std::size_t bytes_max) {
  return cut_to(clean_text(text != nullptr ? text : ""), bytes_max);
}

void put_description(icalcomponent* event, const std::string& description) {
  remove_all(event, ICAL_DESCRIPTION_PROPERTY);
  if (!description.empty()) icalcomponent_set_description(event, clean_text(description).c_str());
}

std::string text_of(icalcomponent* calendar) {
  char* text = icalcomponent_as_ical_string_r(calendar);
  std::string out = text != nullptr ? text : "";
  icalmemory_free_buffer(text);
  return out;
}

void put_transparency(icalcomponent* event, icalproperty_transp transp) {
  remove_all(event, ICAL_TRANSP_PROPERTY);
  icalcomponent_add_property(event, icalproperty_new_transp(transp));
}

void put_displaced(icalcomponent* event, bool displaced) {
  const char* summary = icalcomponent_get_summary(event);
  std::string title = summary != nullptr ? summary : "";
  const bool is_marked = has_displaced_mark(event);
  if (displaced && !is_marked) title = kDisplacedMark + title;
  if (!displaced && is_marked) title.erase(0, std::string(kDisplacedMark).size());
  icalcomponent_set_summary(event, title.c_str());
  put_transparency(event, displaced ? ICAL_TRANSP_TRANSPARENT : ICAL_TRANSP_OPAQUE);
}

void touch(icalcomponent* event, Instant stamp) {
  icalcomponent_set_sequence(event, icalcomponent_get_sequence(event) + 1);
  remove_all(event, ICAL_LASTMODIFIED_PROPERTY);
  icalcomponent_add_property(event, icalproperty_new_lastmodified(utc_time(stamp)));
  icalcomponent_set_dtstamp(event, utc_time(stamp));
}

}  // namespace

std::string clean_text(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    // The second set of control characters, U+0080 to U+009F, has two bytes each.
    if (byte(i) == 0xc2 && i + 1 < text.size() && byte(i + 1) >= 0x80 && byte(i + 1) <= 0x9f) {
      ++i;
      continue;
    }
    const bool is_control = byte(i) < 0x20 || byte(i) == 0x7f;
    if (!is_control || text[i] == '\n' || text[i] == '\t') out += text[i];
  }
  return out;
}

std::string clean_line(const std::string& text) {
  std::string out;
  for (const char c : clean_text(text)) {
    if (c != '"' && c != '\n' && c != '\t') out += c;
  }
  return out;
}

std::string write_object(const EventDraft& draft) {
  const auto lock = lock_libical();
  const Component calendar(icalcomponent_new_vcalendar());
  icalcomponent_add_property(calendar.get(), icalproperty_new_version("2.0"));
  icalcomponent_add_property(calendar.get(), icalproperty_new_prodid(kProductId));
  icalcomponent* event = icalcomponent_new_vevent();
  icalcomponent_add_component(calendar.get(), event);
  icalcomponent_set_uid(event, draft.uid.c_str());
  icalcomponent_set_dtstamp(event, utc_time(draft.stamp));
  icalcomponent_add_property(event, icalproperty_new_created(utc_time(draft.stamp)));
  icalcomponent_set_dtstart(event, utc_time(draft.interval.start));
  icalcomponent_set_dtend(event, utc_time(draft.interval.end));
  icalcomponent_set_summary(event, clean_text(draft.text.title).c_str());
  put_description(event, draft.text.description);
  put_attendees(event, draft.text.attendees, draft.organizer_email);
  put_transparency(event, ICAL_TRANSP_OPAQUE);
  icalcomponent_set_status(event, ICAL_STATUS_CONFIRMED);
  return text_of(calendar.get());
}

Result<std::string> change_object(const std::string& bytes, const std::string& uid,
                                  const EventChange& change) {
  const auto lock = lock_libical();
  OA_TRY(const Component calendar, parse_calendar(bytes, Extent::whole));
  bool found = false;
  for (icalcomponent* event : events_in(calendar.get())) {
    if (uid_of(event) != uid) continue;
    found = true;
    if (change.title) {
      const bool is_marked = has_displaced_mark(event);
      icalcomponent_set_summary(
          event, ((is_marked ? kDisplacedMark : "") + clean_text(*change.title)).c_str());
    }
    if (change.description) put_description(event, *change.description);
    if (change.attendees) put_attendees(event, *change.attendees, change.organizer_email);
    if (change.displaced) put_displaced(event, *change.displaced);
    touch(event, change.stamp);
  }
  if (!found) return fail(ErrorCode::not_found, "the object has no event of that UID");
  return text_of(calendar.get());
}

Result<ReadText> read_text(const std::string& bytes, const std::string& uid) {
  ReadOptions options{{}, time::Zone::utc(), {}};
  OA_TRY(const auto events, read_object(bytes, options));
  ReadText read;
  bool found = false;
  for (const ObjectEvent& event : events) {
    if (event.uid != uid || !event.interval) continue;
    read.interval = *event.interval;
    read.takes_time = event.is_busy && (event.is_recurring || !event.interval->empty());
    found = true;
  }
  if (!found) return fail(ErrorCode::not_found, "the object has no event of that UID");
  const auto lock = lock_libical();
  OA_TRY(const Component calendar, parse_calendar(bytes, Extent::whole));
  for (icalcomponent* event : events_in(calendar.get())) {
    if (uid_of(event) != uid) continue;
    if (icalcomponent_get_first_property(event, ICAL_RECURRENCEID_PROPERTY) != nullptr) continue;
    const char* summary = icalcomponent_get_summary(event);
    const char* description = icalcomponent_get_description(event);
    read.text.title = shown(summary, limits::kTitleBytesMax);
    read.text.description = shown(description, limits::kDescriptionBytesMax);
    for (icalproperty* p = icalcomponent_get_first_property(event, ICAL_ATTENDEE_PROPERTY);
         p != nullptr; p = icalcomponent_get_next_property(event, ICAL_ATTENDEE_PROPERTY)) {
      if (read.text.attendees.size() == limits::kAttendeesMax) break;
      Attendee attendee;
      attendee.email = shown(icalproperty_get_attendee(p), limits::kEmailBytesMax);
      if (attendee.email.rfind("mailto:", 0) == 0) attendee.email.erase(0, 7);
      if (icalparameter* cn = icalproperty_get_first_parameter(p, ICAL_CN_PARAMETER)) {
        attendee.display_name = shown(icalparameter_get_cn(cn), limits::kNameBytesMax);
      }
      read.text.attendees.push_back(std::move(attendee));
    }
  }
  return read;
}

}  // namespace openavail::calendar
