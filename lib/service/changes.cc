#include "service/changes.h"

#include "base/identifiers.h"
#include "service/journal.h"

namespace openavail::service {

audit::Entry system_entry(const std::string& action, const OwnerId& owner) {
  audit::Entry entry;
  entry.kind = audit::Kind::decision;
  entry.action = action;
  entry.rule_fired = action;
  entry.actor = "system";
  entry.calendar_owner = owner;
  return entry;
}

audit::Entry expired_entry(const ports::Hold& hold) {
  audit::Entry entry = system_entry("hold_expired", hold.owner_id);
  entry.hold_id = hold.id;
  entry.decided_interval = hold.interval;
  return entry;
}

Status notify(const Parts& parts, ports::Transaction& tx, const ports::Booking& booking,
              const std::string& kind, Instant now, const std::optional<Interval>& previous,
              const std::optional<BookingId>& winner) {
  OA_TRY(const auto meeting_class, tx.find_class(booking.class_id));
  ports::Notification notification;
  notification.id = NotificationId(new_uuid_v7(now.unix_ms, parts.entropy));
  notification.agent_id = booking.agent_id;
  notification.kind = kind;
  notification.owner_id = booking.owner_id;
  notification.booking_id = booking.id;
  notification.meeting_class = meeting_class ? meeting_class->name : "";
  notification.interval = booking.interval;
  notification.previous_interval = previous;
  notification.winner = winner;
  notification.created_at = now;
  return tx.insert_notification(notification);
}

Result<bool> record_lapsed_holds(const Parts& parts, ports::Transaction& tx, const OwnerId& owner,
                                 Instant now) {
  OA_TRY(const auto lapsed, tx.lapsed_holds(owner, now));
  for (ports::Hold hold : lapsed) {
    hold.state = ports::HoldState::expired;
    OA_TRY_STATUS(tx.update_hold(hold));
    OA_TRY_STATUS(append_entry(parts, tx, expired_entry(hold)));
  }
  if (!lapsed.empty()) OA_TRY_STATUS(tx.bump_owner_revision(owner));
  return !lapsed.empty();
}

Status record_external_changes(const Parts& parts, ports::Transaction& tx, const OwnerId& owner,
                               const std::vector<ExternalChange>& changes, Instant now) {
  for (const ExternalChange& change : changes) {
    ports::Booking booking = change.booking;
    const Interval previous = booking.interval;
    if (change.moved_to) {
      booking.interval = *change.moved_to;
    } else {
      booking.state = ports::BookingState::cancelled;
    }
    OA_TRY_STATUS(tx.update_booking(booking));
    audit::Entry entry =
        system_entry(change.moved_to ? "moved_externally" : "cancelled_externally", owner);
    entry.booking_id = booking.id;
    entry.requested_interval = previous;
    entry.decided_interval = change.moved_to;
    OA_TRY_STATUS(append_entry(parts, tx, std::move(entry)));
    OA_TRY_STATUS(change.moved_to ? notify(parts, tx, booking, "booking.moved", now, previous)
                                  : notify(parts, tx, booking, "booking.cancelled", now));
  }
  if (changes.empty()) return {};
  return tx.bump_owner_revision(owner);
}

Status record_changes(const Parts& parts, Moment& moment) {
  ports::Transaction& tx = *moment.tx;
  const OwnerId& owner = moment.view.owner.id;
  OA_TRY_STATUS(record_lapsed_holds(parts, tx, owner, moment.who.now));
  return record_external_changes(parts, tx, owner, moment.changes, moment.who.now);
}

}  // namespace openavail::service
