// One iCalendar object (RFC 5545): what time it makes busy, and the text of our own events in it.
// libical reads and iterates; overrides, zones and limits are ours. libical stays inside this room.
//
// Everything that can't be understood whole is an error (validation_failed): unknown is never free.
//
// Thread rule: safe from any thread; libical's calls are made one at a time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "calendar/event.h"
#include "time/instant.h"
#include "time/zone.h"

namespace openavail::calendar {

struct ReadOptions {
  Interval window;
  time::Zone zone;                           // floating times and DATE values
  std::vector<std::string> owner_addresses;  // for PARTSTAT:DECLINED, compared without case
};

// All that one object says of one UID.
struct ObjectEvent {
  std::string uid;
  bool is_busy = false;  // the master (or only) instance is opaque, not cancelled, not declined
  bool is_recurring = false;
  bool has_displaced_mark = false;      // transparent, and the title starts with kDisplacedMark
  std::optional<Interval> interval;     // of the first instance
  std::vector<Occurrence> occurrences;  // busy, inside the window, sorted
};

inline constexpr const char* kDisplacedMark = "[Displaced] ";

// VEVENTs only; other components are not busy. Errors: validation_failed that says what and, where
// it is known, of which UID.
Result<std::vector<ObjectEvent>> read_object(const std::string& bytes, const ReadOptions& options);

// The text and time of one event: text that people may have edited is cleaned (clean_text) and cut
// to the limits that we take ourselves. Errors: not_found (no such UID), validation_failed.
struct ReadText {
  EventText text;
  Interval interval;
  bool takes_time = false;  // opaque, not cancelled, and with a length
};
Result<ReadText> read_text(const std::string& bytes, const std::string& uid);

// Text as it is written: without control characters but line breaks and tabs; and for an address or
// a name besides without line breaks, tabs and quotation marks.
std::string clean_text(const std::string& text);
std::string clean_line(const std::string& text);

// A new object with one event. Control characters in text, but for line breaks, are left out.
std::string write_object(const EventDraft& draft);

// The same object with the event changed: unknown properties and what a person edited stay. Errors:
// not_found, validation_failed.
Result<std::string> change_object(const std::string& bytes, const std::string& uid,
                                  const EventChange& change);

}  // namespace openavail::calendar
