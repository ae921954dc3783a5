// What a deciding transaction writes besides its own decision: holds that ran out, and events of
// ours that a person moved or deleted.
#pragma once

#include "service/deciding.h"

namespace openavail::service {

// Writes hold_expired, moved_externally and cancelled_externally with their rows and notifications.
// Bumps the owner's revision when there was anything.
Status record_changes(const Parts& parts, Moment& moment);

// A notification about a booking, to the agent that booked it.
Status notify(const Parts& parts, ports::Transaction& tx, const ports::Booking& booking,
              const std::string& kind, Instant now,
              const std::optional<Interval>& previous = std::nullopt,
              const std::optional<BookingId>& winner = std::nullopt);

// A row that no key acted for: actor `system`, about one booking.
audit::Entry system_entry(const std::string& action, const OwnerId& owner);

}  // namespace openavail::service
