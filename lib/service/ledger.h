// The one way into a calendar: a booking is recorded, written, and recorded again (arbitration
// contract, "From decision to calendar"). Direct bookings and confirmed holds both take it.
#pragma once

#include <optional>
#include <string>

#include "calendar/event.h"
#include "service/deciding.h"
#include "service/idempotency.h"

namespace openavail::service {

struct Placement {
  Interval interval;
  policy::MeetingClass meeting_class;
  ports::Calendar calendar;
  std::vector<BookingId> displaced;
  std::optional<ports::Hold> hold;  // being confirmed
  DecisionId decision_id;           // whose audit row stands in this transaction
  std::optional<IdempotencyDigests> digests;
};

// Step 2: records the booking as writing, what it displaces as displacing, the hold as promoting.
// Errors: internal; state_conflict when the store's guard refuses, which is a broken promise of
// ours.
Result<ports::Booking> record_writing(const Parts& parts, Moment& moment,
                                      const Placement& placement, const BookingId& id);

// Steps 3 to 5: writes the event, records the outcome, carries out what follows. Errors: the
// provider's, after which the booking is failed (refused) or left to recovery (unknown).
Result<ports::Booking> write_event(const Parts& parts, const ports::Booking& booking,
                                   const calendar::EventText& text,
                                   const std::string& organizer_email);

// Step 4: the event stands. Also what recovery does when it finds the event there.
Status settle_committed(const Parts& parts, ports::Transaction& tx, ports::Booking booking,
                        const std::string& content_hash);
// The event was certainly never written: everything is as it was.
Status settle_failed(const Parts& parts, ports::Transaction& tx, ports::Booking booking);

// The outcome's fields that a replay answers from: ids and times.
nlohmann::json outcome_of(const ports::Booking& booking, const std::vector<BookingId>& displaced,
                          const DecisionId& decision);

// The error of a store that failed once the calendar had been written: what it says of "nothing" no
// longer holds, and the next call for the owner settles the rest.
Error after_write(const Error& error);

}  // namespace openavail::service
