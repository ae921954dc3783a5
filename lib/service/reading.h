// Reading all calendars of an owner live, and setting what they say against what we recorded.
// What is read lives as long as the request (architecture, "Read, use, forget").
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "arbiter/situation.h"
#include "ports/calendar_provider.h"
#include "ports/store.h"
#include "service/context.h"
#include "service/owner_view.h"

namespace openavail::service {

// What the store claims stands in the calendars, taken before the read.
struct Claims {
  std::vector<ports::Booking> bookings;  // bookings_with_events
  std::vector<ports::Intent> intents;    // open changes: those events are in flux
  // When an administrator last took a calendar back into use (calendars check --accept): what was
  // booked before may be gone for good.
  std::map<CalendarId, Instant> accepted;
  // Of these bookings the reading knows nothing that counts: their rows changed after it began.
  std::set<BookingId> changed_since;
};
// The name under which that instant is kept (Transaction::meta, milliseconds as text).
std::string acceptance_name(const CalendarId& calendar);
Result<Claims> load_claims(ports::Transaction& tx, const OwnerId& owner, Instant since);

struct CalendarsRead {
  std::vector<calendar::Occurrence> external;
  // One for each of claims.bookings, in that order.
  std::vector<ports::OwnEventState> own;
  // Likewise: false for a booking of today whose calendar was removed since. Of it nothing is
  // known.
  std::vector<bool> was_asked;
};

// Errors: calendar_unavailable with calendar_type and cause; also when the last of three or more
// future bookings of a calendar have vanished at once (details cause changed_identity, and
// `suspend` names the calendar).
struct ReadFailure {
  Error error;
  std::optional<CalendarId> suspend;
};
tl::expected<CalendarsRead, ReadFailure> read_calendars(const Parts& parts, const OwnerView& view,
                                                        const Claims& claims,
                                                        const Interval& window, Instant now);

// Takes a calendar out of use, in a transaction of its own, until an administrator accepts it.
Status suspend_calendar(const Parts& parts, const CalendarId& id);

// A reading beside claims that were loaded after it: may it still be used, or have the calendars to
// be read again? An event of ours can make a reading wrong only where the reading took it for
// somebody else's, because the claims of that time did not name it. So the reading holds as long as
// each booking was claimed before it, or its event can't have been there yet: it is this process's
// and nobody has begun to write it. That is how those who are decided in one round, or while events
// of ours are being settled, do without another reading. Of a booking whose row has changed
// meanwhile only the ledger's word counts: what a calendar says of an event counts for bookings
// that were committed before the reading began (arbitration contract, Races).
//
// Nothing: read again. Otherwise the reading in the order of `now`, where what has changed is
// noted.
std::optional<CalendarsRead> carry_over(const Claims& then, const CalendarsRead& read, Claims& now);

// What a person did to an event of ours, as the reading shows it.
struct ExternalChange {
  ports::Booking booking;            // as recorded
  std::optional<Interval> moved_to;  // none: counts as cancelled
};
std::vector<ExternalChange> external_changes(const Claims& claims, const CalendarsRead& read);

// Occupants inside `window`: external events, our bookings where they now are, live holds but
// `without`. Sorted by arbiter::canonical_before.
Result<std::vector<arbiter::Occupant>> occupants(ports::Transaction& tx, const OwnerId& owner,
                                                 const Claims& claims, const CalendarsRead& read,
                                                 const Interval& window, Instant now,
                                                 const std::optional<HoldId>& without);

// calendar_unavailable as callers get it: with calendar_type and cause. Other errors as they are.
Error name_calendar(Error error, const ports::Calendar& calendar);

// The provider of a calendar.
Result<std::shared_ptr<ports::CalendarProvider>> open_provider(const Parts& parts,
                                                               const ports::Calendar& calendar);

}  // namespace openavail::service
