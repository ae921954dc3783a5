// Finishing what a dead process left half done (arbitration contract, "From decision to calendar").
// Touches only rows whose writer is dead; safe to run at any time, in any number of processes.
#pragma once

#include "ports/store.h"
#include "service/context.h"

namespace openavail::service {

// Is there a booking being written, or a change owed, by a process that is gone?
Result<bool> has_dead_writers(const Parts& parts, ports::Transaction& tx, const OwnerId& owner);

// Settles them: asks the calendar for each booking that was being written (there: committed;
// certainly absent: failed), then carries out what changes are owed. How many were settled. Errors:
// calendar_unavailable when a calendar can't be asked; what could be settled is.
Result<int> recover_owner(const Parts& parts, const OwnerId& owner);

// Rows that this process is working on right now, and so does not recover itself.
class WorkInHand {
 public:
  enum class Event { stands, to_be_written };

  explicit WorkInHand(BookingId booking, Event event = Event::stands);
  ~WorkInHand();
  WorkInHand(const WorkInHand&) = delete;
  WorkInHand& operator=(const WorkInHand&) = delete;
  static bool has(const BookingId& booking);
  // From here on a reader of the calendar may see the event.
  static void begins_to_write(const BookingId& booking);
  // A booking of this process whose event nobody has begun to write: no reading that is over can
  // have seen it.
  static bool is_unwritten(const BookingId& booking);

 private:
  BookingId booking_;
};

// The writer is dead, or is this process and no longer at it.
Result<bool> is_abandoned(const Parts& parts, const std::optional<WriterId>& writer,
                          const BookingId& booking);

}  // namespace openavail::service
