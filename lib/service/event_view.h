// A booking as a caller with read_events sees it: the record, and the text fetched live.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "audit/entry.h"
#include "service/answers.h"
#include "service/context.h"
#include "service/reading.h"

namespace openavail::service {

// Without text.
Result<BookingView> booking_view(ports::Transaction& tx, const ports::Booking& booking);

// Bookings whose events we owe a change to: what the calendar says of them is not the last word.
Result<std::set<BookingId>> bookings_in_flux(ports::Transaction& tx, const OwnerId& owner);

// Fetches title, description, attendees and the present times from the calendar, and reports what a
// person did there: an event that is gone leaves the title empty (null on the wire), and one that
// is gone or takes no time any more has the status cancelled. Errors: calendar_unavailable.
Status add_text(const Parts& parts, const ports::Calendar& calendar, const ports::Booking& booking,
                bool is_in_flux, BookingView& view);

// Appends a row that no key acted for.
Status record_system(const Parts& parts, ports::Transaction& tx, audit::Entry entry);

// ASCII letters compare without case; everything else byte by byte.
bool equal_without_case(std::string_view a, std::string_view b);
bool contains_without_case(std::string_view text, std::string_view part);

}  // namespace openavail::service
