// What a deciding transaction writes besides its own decision: holds that ran out, and events of
// ours that a person moved or deleted.
#pragma once

#include "service/deciding.h"

namespace openavail::service {

// Writes hold_expired for each hold of the owner that ran out, once. Whatever changes something for
// an owner calls it. True: there was one, and the owner's revision moved.
Result<bool> record_lapsed_holds(const Parts& parts, ports::Transaction& tx, const OwnerId& owner,
                                 Instant now);

// Writes moved_externally and cancelled_externally with their rows and notifications. Moves the
// owner's revision when there was anything.
Status record_external_changes(const Parts& parts, ports::Transaction& tx, const OwnerId& owner,
                               const std::vector<ExternalChange>& changes, Instant now);

// Both, for a decision.
Status record_changes(const Parts& parts, Moment& moment);

// A notification about a booking, to the agent that booked it.
Status notify(const Parts& parts, ports::Transaction& tx, const ports::Booking& booking,
              const std::string& kind, Instant now,
              const std::optional<Interval>& previous = std::nullopt,
              const std::optional<BookingId>& winner = std::nullopt);

// A row that no key acted for: actor `system`, about one booking.
audit::Entry system_entry(const std::string& action, const OwnerId& owner);
// The row of a hold that ran out.
audit::Entry expired_entry(const ports::Hold& hold);

}  // namespace openavail::service
