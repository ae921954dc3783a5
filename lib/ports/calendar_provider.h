// CalendarProvider: one connected calendar, behind whatever protocol. Unknown is never free:
// whatever can't be read whole and certain is an error, calendar_unavailable, with details
// {"cause": …} for the caller and operator_detail (path, file, line) for the operator.
//
// Thread rule: safe to call from any thread; each call reads anew, nothing is cached.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "calendar/event.h"
#include "time/instant.h"
#include "time/zone.h"

namespace openavail::ports {

// Where an event of ours stands: for vdir the file's name. Opaque to everyone else.
using EventPlace = std::string;

// SHA-256 (lower-case hex) of the object's bytes as stored by the provider.
using ContentHash = std::string;

struct OwnEventRef {
  EventPlace place;
  std::string uid;
};

// An event that this owner's bookings claim as ours, as it stands now, wherever it now is.
struct OwnEventState {
  OwnEventRef ref;
  enum class Presence {
    present,  // there, with the recorded UID
    absent,   // no object at the place
    foreign,  // an object with another UID at the place: not ours (it is read as external)
  } presence = Presence::absent;
  bool busy = false;                 // opaque, not cancelled, not declined
  bool recurring = false;            // made recurring by a person
  bool displaced_mark = false;       // carries our "[Displaced]" mark and is transparent
  std::optional<Interval> interval;  // of the single (or first) instance
  ContentHash hash;
};

struct ReadRequest {
  Interval window;
  time::Zone zone;                           // floating times and DATE values
  std::vector<std::string> owner_addresses;  // for PARTSTAT:DECLINED, compared without case
  std::vector<OwnEventRef> own;              // events to report on, also outside the window
};

struct CalendarReading {
  std::vector<calendar::Occurrence> external;  // not ours, inside the window, sorted
  // For every entry of `own`, in that order. A recurring own event's instances in the window are in
  // own_occurrences (same index).
  std::vector<OwnEventState> own;
  std::vector<std::vector<calendar::Occurrence>> own_occurrences;
};

struct WrittenEvent {
  EventPlace place;
  ContentHash hash;
};

class CalendarProvider {
 public:
  virtual ~CalendarProvider() = default;

  // Errors: calendar_unavailable.
  virtual Result<CalendarReading> read(const ReadRequest& request) = 0;

  // The place that create() uses for this UID; known beforehand, so that it can be recorded first.
  virtual EventPlace place_for(const std::string& uid) const = 0;

  // Create-only: never replaces. If an object already stands at place_for(draft.uid) and carries
  // that UID, it is the earlier write of the same event: its hash is returned. Errors:
  // calendar_unavailable (details "outcome": "refused" when certainly nothing was written,
  // "unknown" when it may have been).
  virtual Result<WrittenEvent> create(const calendar::EventDraft& draft) = 0;

  // Compare-and-replace: changes the event only if its bytes still hash to `expected`. Errors:
  // not_found (gone), state_conflict (changed meanwhile: read again), calendar_unavailable.
  virtual Result<WrittenEvent> change(const OwnEventRef& ref, const ContentHash& expected,
                                      const calendar::EventChange& change) = 0;

  // Compare-and-delete. Errors as change(); an event that is gone already is success.
  virtual Status remove(const OwnEventRef& ref, const ContentHash& expected) = 0;

  // The text and hash of one event of ours. Errors: not_found (absent, or another UID),
  // calendar_unavailable.
  struct FetchedEvent {
    calendar::EventText text;
    Interval interval;
    bool takes_time = false;  // opaque, not cancelled, and with a length
    ContentHash hash;
  };
  virtual Result<FetchedEvent> fetch(const OwnEventRef& ref) = 0;

  // Presence of one event, without parsing others: for recovery. Errors: calendar_unavailable.
  virtual Result<OwnEventState> look(const OwnEventRef& ref, const time::Zone& zone) = 0;
};

// A calendar as recorded in the store, enough to open its provider.
struct CalendarConnection {
  CalendarId id;
  std::string provider;  // "vdir"
  std::string location;  // vdir: absolute path of the folder
};

class CalendarProviders {
 public:
  virtual ~CalendarProviders() = default;
  // Errors: validation_failed for an unknown provider name. Opening touches nothing.
  virtual Result<std::shared_ptr<CalendarProvider>> open(const CalendarConnection& connection) = 0;
  // Takes possession when a calendar is added: checks the folder, leaves the marker that carries
  // the calendar's id. Errors: validation_failed (no such folder, not writable, marked by another
  // calendar), calendar_unavailable.
  virtual Status adopt(const CalendarConnection& connection) = 0;
  // Takes the marker away again (calendars remove); a folder that is gone is success.
  virtual Status release(const CalendarConnection& connection) = 0;
  // Leaves a new marker in a folder that lost its own (calendars check --accept).
  virtual Status accept(const CalendarConnection& connection) = 0;
  // Reads every object as a request for `window` would and names each file that can't be used; for
  // `calendars check`, doctor.
  struct Problem {
    std::string file;
    std::string what;
  };
  struct CheckReport {
    int objects = 0;
    std::vector<Problem> problems;
  };
  virtual Result<CheckReport> check(const CalendarConnection& connection,
                                    const time::Zone& zone, const Interval& window) = 0;
};

}  // namespace openavail::ports
