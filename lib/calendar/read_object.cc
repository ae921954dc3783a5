#include <algorithm>
#include <map>
#include <set>

#include "base/limits.h"
#include "calendar/ical.h"
#include "calendar/object.h"
#include "calendar/recurrence.h"

namespace openavail::calendar {
namespace {

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

bool is_declined(icalcomponent* event, const std::vector<std::string>& addresses) {
  for (icalproperty* p = icalcomponent_get_first_property(event, ICAL_ATTENDEE_PROPERTY);
       p != nullptr; p = icalcomponent_get_next_property(event, ICAL_ATTENDEE_PROPERTY)) {
    icalparameter* status = icalproperty_get_first_parameter(p, ICAL_PARTSTAT_PARAMETER);
    if (status == nullptr || icalparameter_get_partstat(status) != ICAL_PARTSTAT_DECLINED) continue;
    const char* attendee = icalproperty_get_attendee(p);
    std::string address = lower(attendee != nullptr ? attendee : "");
    if (address.rfind("mailto:", 0) == 0) address.erase(0, 7);
    for (const std::string& own : addresses) {
      if (lower(own) == address) return true;
    }
  }
  return false;
}

bool is_busy(icalcomponent* event, const std::vector<std::string>& addresses) {
  return !is_transparent(event) && icalcomponent_get_status(event) != ICAL_STATUS_CANCELLED &&
         !is_declined(event, addresses);
}

// How long an instance lasts: whole days on the wall, then elapsed time.
struct Length {
  int days = 0;
  Millis rest{0};
};

// RFC 5545 allows each of them once; which of two is meant can't be known.
Status check_single(icalcomponent* c) {
  constexpr icalproperty_kind kOnce[] = {ICAL_DTSTART_PROPERTY, ICAL_DTEND_PROPERTY,
                                         ICAL_DURATION_PROPERTY, ICAL_RECURRENCEID_PROPERTY};
  for (const icalproperty_kind kind : kOnce) {
    if (icalcomponent_count_properties(c, kind) > 1) {
      return fail(unreadable(std::string("an event with two of ") +
                             icalproperty_kind_to_string(kind)));
    }
  }
  if (icalcomponent_count_properties(c, ICAL_DTEND_PROPERTY) > 0 &&
      icalcomponent_count_properties(c, ICAL_DURATION_PROPERTY) > 0) {
    return fail(unreadable("an event with DTEND and DURATION"));
  }
  return {};
}

Result<Length> duration_of(const icaldurationtype& duration) {
  if (icaldurationtype_is_bad_duration(duration) != 0 || duration.is_neg != 0) {
    return fail(unreadable("a DURATION is not valid"));
  }
  Length length;
  length.days = static_cast<int>(duration.weeks * 7 + duration.days);
  length.rest = std::chrono::hours(duration.hours) + std::chrono::minutes(duration.minutes) +
                std::chrono::seconds(duration.seconds);
  return length;
}

// Beyond the limit the days of the end would no longer fit the calendar's arithmetic.
Status check_length(const Length& length) {
  if (length.days < 0 || length.rest < Millis{0}) {
    return fail(unreadable("an event ends before it starts"));
  }
  if (length.days > limits::kEventDaysMax ||
      length.rest > std::chrono::hours(24) * limits::kEventDaysMax) {
    return fail(unreadable("an event is longer than ten thousand years"));
  }
  return {};
}

class EventReader {
 public:
  EventReader(icalcomponent* calendar, const ReadOptions& options)
      : options_(options), times_(calendar, options.zone) {}

  Result<ObjectEvent> read(const std::string& uid, const std::vector<icalcomponent*>& components) {
    ObjectEvent event;
    event.uid = uid;
    icalcomponent* master = nullptr;
    std::vector<icalcomponent*> overrides;
    for (icalcomponent* c : components) {
      OA_TRY_STATUS(check_single(c));
      if (icalcomponent_get_first_property(c, ICAL_RECURRENCEID_PROPERTY) != nullptr) {
        overrides.push_back(c);
      } else if (master != nullptr) {
        return fail(unreadable("two events with one UID"));
      } else {
        master = c;
      }
    }
    std::set<Instant> replaced;
    for (icalcomponent* c : overrides) OA_TRY_STATUS(read_override(c, event, replaced));
    if (master != nullptr) OA_TRY_STATUS(read_master(master, event, replaced));
    event.is_recurring = event.is_recurring || !overrides.empty();
    std::sort(event.occurrences.begin(), event.occurrences.end(),
              [](const Occurrence& a, const Occurrence& b) {
                return std::tie(a.interval, a.all_day) < std::tie(b.interval, b.all_day);
              });
    return event;
  }

 private:
  Result<TimeReader::Wall> start_of(icalcomponent* c) {
    icalproperty* p = icalcomponent_get_first_property(c, ICAL_DTSTART_PROPERTY);
    if (p == nullptr) return fail(unreadable("an event without DTSTART"));
    return times_.read(p, icalproperty_get_dtstart(p));
  }

  Result<Length> length_of(icalcomponent* c, const TimeReader::Wall& start) {
    Length length;
    if (icalproperty* p = icalcomponent_get_first_property(c, ICAL_DTEND_PROPERTY)) {
      OA_TRY(const TimeReader::Wall end, times_.read(p, icalproperty_get_dtend(p)));
      if (end.is_date != start.is_date) return fail(unreadable("DTSTART and DTEND of two kinds"));
      if (start.is_date) {
        length.days = static_cast<int>(
            (icaltime_as_timet(end.value) - icaltime_as_timet(start.value)) / 86'400);
      } else {
        length.rest = TimeReader::to_instant(end) - TimeReader::to_instant(start);
      }
    } else if (icalproperty* d = icalcomponent_get_first_property(c, ICAL_DURATION_PROPERTY)) {
      OA_TRY(length, duration_of(icalproperty_get_duration(d)));
    } else if (start.is_date) {
      length.days = 1;
    }
    OA_TRY_STATUS(check_length(length));
    return length;
  }

  static Interval interval_at(const TimeReader::Wall& start, const Length& length) {
    Interval interval;
    interval.start = TimeReader::to_instant(start);
    TimeReader::Wall end = start;
    if (length.days > 0) icaltime_adjust(&end.value, length.days, 0, 0, 0);
    interval.end = TimeReader::to_instant(end) + length.rest;
    return interval;
  }

  Status add(ObjectEvent& event, const Interval& interval, bool all_day) {
    if (interval.empty() || !interval.overlaps(options_.window)) return {};
    if (event.occurrences.size() == limits::kOccurrencesPerEventMax) {
      return fail(unreadable("an event has too many instances in the time asked for"));
    }
    event.occurrences.push_back({interval, all_day});
    return {};
  }

  Status read_override(icalcomponent* c, ObjectEvent& event, std::set<Instant>& replaced) {
    icalproperty* id = icalcomponent_get_first_property(c, ICAL_RECURRENCEID_PROPERTY);
    if (icalproperty_get_first_parameter(id, ICAL_RANGE_PARAMETER) != nullptr) {
      return fail(unreadable("RECURRENCE-ID with RANGE is not supported"));
    }
    OA_TRY(const TimeReader::Wall original, times_.read(id, icalproperty_get_recurrenceid(id)));
    replaced.insert(TimeReader::to_instant(original));
    if (original.is_date) replaced_days_.insert(day_of(original));
    OA_TRY(const TimeReader::Wall start, start_of(c));
    OA_TRY(const Length length, length_of(c, start));
    const Interval interval = interval_at(start, length);
    if (!event.interval) event.interval = interval;
    if (!is_busy(c, options_.owner_addresses)) return {};
    event.is_busy = true;
    return add(event, interval, start.is_date);
  }

  static std::string day_of(const TimeReader::Wall& wall) {
    return std::to_string(wall.value.year * 10'000 + wall.value.month * 100 + wall.value.day);
  }

  Status read_excluded(icalcomponent* c, std::set<Instant>& excluded) {
    for (icalproperty* p = icalcomponent_get_first_property(c, ICAL_EXDATE_PROPERTY); p != nullptr;
         p = icalcomponent_get_next_property(c, ICAL_EXDATE_PROPERTY)) {
      OA_TRY(const TimeReader::Wall wall, times_.read(p, icalproperty_get_exdate(p)));
      excluded.insert(TimeReader::to_instant(wall));
      if (wall.is_date) replaced_days_.insert(day_of(wall));
    }
    return {};
  }

  Status read_master(icalcomponent* c, ObjectEvent& event, std::set<Instant>& replaced) {
    OA_TRY(const TimeReader::Wall first, start_of(c));
    OA_TRY(const Length length, length_of(c, first));
    event.interval = interval_at(first, length);
    event.has_displaced_mark = has_displaced_mark(c);
    const bool busy = is_busy(c, options_.owner_addresses);
    event.is_busy = event.is_busy || busy;
    // Gathered first: libical has one cursor per component, which every other look would move.
    std::vector<icalrecurrencetype> rules;
    for (icalproperty* p = icalcomponent_get_first_property(c, ICAL_RRULE_PROPERTY); p != nullptr;
         p = icalcomponent_get_next_property(c, ICAL_RRULE_PROPERTY)) {
      rules.push_back(icalproperty_get_rrule(p));
    }
    event.is_recurring = !rules.empty() ||
                         icalcomponent_get_first_property(c, ICAL_RDATE_PROPERTY) != nullptr;
    if (icalcomponent_get_first_property(c, ICAL_EXRULE_PROPERTY) != nullptr) {
      return fail(unreadable("EXRULE is not supported"));
    }
    // A rule is checked even where the event is free: it may be made busy by one edit.
    for (const icalrecurrencetype& rule : rules) OA_TRY_STATUS(check_tractable(rule));
    if (!busy) return {};
    OA_TRY_STATUS(read_excluded(c, replaced));

    std::set<Instant> seen;
    const auto instance = [&](const TimeReader::Wall& start) -> Status {
      const Interval interval = interval_at(start, length);
      if (replaced.count(interval.start) != 0 || replaced_days_.count(day_of(start)) != 0)
        return {};
      if (!seen.insert(interval.start).second) return {};
      return add(event, interval, start.is_date);
    };
    OA_TRY_STATUS(instance(first));
    // What starts before it ends before the window, whatever the clocks do meanwhile.
    const Instant from =
        options_.window.start - length.rest - std::chrono::hours(24) * (length.days + 2);
    for (const icalrecurrencetype& rule : rules) {
      Status status;
      OA_TRY_STATUS(each_start(rule, first, {from, options_.window.end},
                               [&](const TimeReader::Wall& start) {
                                 if (TimeReader::to_instant(start) >= options_.window.end) {
                                   return false;
                                 }
                                 status = instance(start);
                                 return status.has_value();
                               }));
      OA_TRY_STATUS(status);
    }
    for (icalproperty* p = icalcomponent_get_first_property(c, ICAL_RDATE_PROPERTY); p != nullptr;
         p = icalcomponent_get_next_property(c, ICAL_RDATE_PROPERTY)) {
      const icaldatetimeperiodtype value = icalproperty_get_rdate(p);
      if (!icaltime_is_null_time(value.time)) {
        OA_TRY(const TimeReader::Wall start, times_.read(p, value.time));
        OA_TRY_STATUS(instance(start));
        continue;
      }
      OA_TRY(const TimeReader::Wall start, times_.read(p, value.period.start));
      Length given;
      if (!icaltime_is_null_time(value.period.end)) {
        OA_TRY(const TimeReader::Wall end, times_.read(p, value.period.end));
        given.rest = TimeReader::to_instant(end) - TimeReader::to_instant(start);
      } else {
        OA_TRY(given, duration_of(value.period.duration));
      }
      OA_TRY_STATUS(check_length(given));
      const Interval interval = interval_at(start, given);
      if (replaced.count(interval.start) == 0) OA_TRY_STATUS(add(event, interval, false));
    }
    return {};
  }

  const ReadOptions& options_;
  TimeReader times_;
  std::set<std::string> replaced_days_;
};

}  // namespace

Result<std::vector<ObjectEvent>> read_object(const std::string& bytes, const ReadOptions& options) {
  const auto lock = lock_libical();
  OA_TRY(const Component calendar, parse_calendar(bytes, Extent::deciding));
  std::map<std::string, std::vector<icalcomponent*>> by_uid;
  for (icalcomponent* event : events_in(calendar.get())) by_uid[uid_of(event)].push_back(event);
  std::vector<ObjectEvent> events;
  for (const auto& [uid, components] : by_uid) {
    OA_TRY(ObjectEvent event, EventReader(calendar.get(), options).read(uid, components));
    events.push_back(std::move(event));
  }
  return events;
}

}  // namespace openavail::calendar
