// What the rest of the house sees of calendar events. Times for deciding carry no text; text has a
// type of its own and is made only where it is asked for (architecture, "Read, use, forget").
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "time/instant.h"

namespace openavail::calendar {

// One busy stretch that an event causes, inside the window that was asked for. Transparent,
// cancelled and declined instances make none.
struct Occurrence {
  Interval interval;
  bool all_day = false;
  bool operator==(const Occurrence&) const = default;
};

struct Attendee {
  std::string email;
  std::string display_name;  // empty: none
  bool operator==(const Attendee&) const = default;
};

// The text of an event. Never stored, logged or put into an error.
struct EventText {
  std::string title;
  std::string description;
  std::vector<Attendee> attendees;
};

// An event of ours to be written.
struct EventDraft {
  std::string uid;  // derived from the booking id
  Interval interval;
  EventText text;
  std::string organizer_email;  // the owner's address; ORGANIZER when there are attendees
  Instant stamp;                // DTSTAMP, CREATED
};

// A change to an event of ours. Members that are not set stay as they are, and so do all
// properties that we do not know.
struct EventChange {
  std::optional<std::string> title;
  std::optional<std::string> description;
  std::optional<std::vector<Attendee>> attendees;
  // true: shown as free (TRANSP:TRANSPARENT) and the title starts with "[Displaced]"; false: both
  // taken back.
  std::optional<bool> displaced;
  std::string organizer_email;  // as in EventDraft, for when attendees appear
  Instant stamp;                // LAST-MODIFIED, DTSTAMP
};

}  // namespace openavail::calendar
