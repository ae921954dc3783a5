// undo and recover: what an administrator does to the ledger.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "service/administration.h"
#include "service/changes.h"
#include "service/intents.h"
#include "service/journal.h"
#include "service/reading.h"
#include "service/recovery.h"
#include "service/refusal.h"

namespace openavail::service {
namespace {

using ports::BookingState;

struct Undoable {
  ports::Booking winner;
  std::vector<ports::Booking> displaced;
  OwnerView view;
  Instant now;
};

Result<Undoable> find_undoable(const Parts& parts, ports::Transaction& tx, const BookingId& id) {
  OA_TRY(const Instant now, tx.now(Instant{parts.clock.wall_ms()}));
  OA_TRY(const auto winner, tx.find_booking(id));
  if (!winner) {
    return fail(ErrorCode::booking_not_found, "there is no such booking",
                "openavail audit list --action preempt shows them");
  }
  OA_TRY(auto all, tx.bookings_displaced_by(id));
  std::vector<ports::Booking> displaced;
  for (ports::Booking& booking : all) {
    if (booking.state == BookingState::needs_reschedule) displaced.push_back(std::move(booking));
  }
  // A winner that is cancelled since left what it displaced where it was.
  const bool has_won =
      winner->state == BookingState::committed || winner->state == BookingState::cancelled;
  if (!has_won || winner->undone || displaced.empty()) {
    return fail(ErrorCode::state_conflict, "this booking has no preemption to take back",
                "openavail audit list --action preempt shows them");
  }
  for (const ports::Booking& booking : displaced) {
    if (booking.interval.start > now) continue;
    return fail(ErrorCode::state_conflict, "a displaced meeting's start has passed",
                "book it anew at another time");
  }
  OA_TRY(const auto owner, tx.find_owner(winner->owner_id));
  if (!owner) return fail(ErrorCode::internal, "a booking's owner is missing");
  OA_TRY(OwnerView view, load_owner_view(tx, *owner));
  return Undoable{*winner, std::move(displaced), std::move(view), now};
}

Interval span_of(const std::vector<ports::Booking>& bookings) {
  Interval span = bookings.front().interval;
  for (const ports::Booking& booking : bookings) {
    span.start = std::min(span.start, booking.interval.start);
    span.end = std::max(span.end, booking.interval.end);
  }
  return span;
}

Status restore(const Parts& parts, ports::Transaction& tx, const Undoable& undoable) {
  ports::Booking winner = undoable.winner;
  const bool was_standing = winner.state == BookingState::committed;
  winner.state = BookingState::cancelled;
  winner.undone = true;
  OA_TRY_STATUS(tx.update_booking(winner));
  ports::Intent removal;
  removal.kind = ports::IntentKind::remove_event;
  removal.owner_id = winner.owner_id;
  removal.booking_id = winner.id;
  removal.created_at = undoable.now;
  if (was_standing) {
    OA_TRY_STATUS(tx.insert_intent(removal).map([](std::int64_t) {}));
    OA_TRY_STATUS(notify(parts, tx, winner, "booking.cancelled", undoable.now));
  }
  for (ports::Booking booking : undoable.displaced) {
    booking.state = BookingState::committed;
    booking.displaced_by.reset();
    OA_TRY_STATUS(tx.update_booking(booking));
    ports::Intent intent = removal;
    intent.kind = ports::IntentKind::show_restored;
    intent.booking_id = booking.id;
    OA_TRY_STATUS(tx.insert_intent(intent).map([](std::int64_t) {}));
    OA_TRY_STATUS(notify(parts, tx, booking, "booking.restored", undoable.now));
  }
  return tx.bump_owner_revision(winner.owner_id);
}

// Only the winner may stand where the displaced ones go back to.
Status check_free(ports::Transaction& tx, const Undoable& undoable, const Claims& claims,
                  const CalendarsRead& read, const Interval& span) {
  OA_TRY(const auto present,
         occupants(tx, undoable.view.owner.id, claims, read, span, undoable.now, std::nullopt));
  for (const arbiter::Occupant& occupant : present) {
    if (occupant.booking_id == undoable.winner.id) continue;
    for (const ports::Booking& booking : undoable.displaced) {
      if (!occupant.interval.overlaps(booking.interval)) continue;
      return fail(Error(ErrorCode::state_conflict,
                        "the time of booking " + booking.id.text() + " is no longer free (" +
                            time::format_instant(booking.interval.start) + ")",
                        "nothing was changed; free that time first")
                      .with_details({{"booking_id", booking.id.text()}}));
    }
  }
  return {};
}

// What people did to events meanwhile, but to the winner's own: whether that still stands does not
// matter, it is to go.
std::vector<ExternalChange> changes_besides(const Undoable& undoable, const Claims& claims,
                                            const CalendarsRead& read) {
  std::vector<ExternalChange> changes = external_changes(claims, read);
  changes.erase(std::remove_if(changes.begin(), changes.end(),
                               [&](const ExternalChange& change) {
                                 return change.booking.id == undoable.winner.id;
                               }),
                changes.end());
  return changes;
}

Result<UndoAnswer> take_back(const Parts& parts, ports::Transaction& tx, const Undoable& undoable) {
  const OwnerId& owner = undoable.winner.owner_id;
  OA_TRY_STATUS(record_lapsed_holds(parts, tx, owner, undoable.now));
  OA_TRY_STATUS(restore(parts, tx, undoable));
  audit::Entry entry;
  entry.kind = audit::Kind::decision;
  entry.action = "undo";
  entry.rule_fired = "undo";
  entry.actor = "admin";
  entry.calendar_owner = owner;
  entry.booking_id = undoable.winner.id;
  entry.decided_interval = undoable.winner.interval;
  UndoAnswer answer;
  answer.winner = undoable.winner.id;
  for (const ports::Booking& booking : undoable.displaced) answer.restored.push_back(booking.id);
  entry.displaced_booking_ids = answer.restored;
  OA_TRY(answer.audit_row_id, append_entry(parts, tx, std::move(entry)));
  return answer;
}

}  // namespace

Result<UndoAnswer> Administration::undo(const BookingId& id) {
  for (int moves = 0;;) {
    // As for every decision: nothing stale, and after a few moves the store is locked first.
    const bool locked = moves >= limits::kOwnerMovesBeforeLock;
    OA_TRY(auto tx, parts_.store.begin(locked ? ports::Access::write : ports::Access::read));
    OA_TRY(Undoable undoable, find_undoable(parts_, *tx, id));
    const Interval span = span_of(undoable.displaced);
    OA_TRY(const Claims claims,
           load_claims(*tx, undoable.view.owner.id, std::min(span.start, undoable.now)));
    if (!locked) tx.reset();
    auto read = read_calendars(parts_, undoable.view, claims, span, undoable.now);
    if (!read) {
      tx.reset();
      if (read.error().suspend) OA_TRY_STATUS(suspend_calendar(parts_, *read.error().suspend));
      return fail(std::move(read.error().error));
    }
    const std::int64_t revision = undoable.view.owner.revision;
    if (!locked) {
      OA_TRY(tx, parts_.store.begin(ports::Access::write));
      OA_TRY(undoable, find_undoable(parts_, *tx, id));
      if (undoable.view.owner.revision != revision) {
        ++moves;
        continue;
      }
    }
    // A displaced event may be gone, or be elsewhere now: that is recorded, and looked at again.
    const auto changes = changes_besides(undoable, claims, *read);
    if (!changes.empty()) {
      OA_TRY_STATUS(
          record_external_changes(parts_, *tx, undoable.view.owner.id, changes, undoable.now));
      OA_TRY_STATUS(tx->commit());
      ++moves;
      continue;
    }
    OA_TRY_STATUS(check_free(*tx, undoable, claims, *read, span));
    OA_TRY(const UndoAnswer answer, take_back(parts_, *tx, undoable));
    OA_TRY_STATUS(tx->commit());
    const auto carried = carry_out_intents(parts_, undoable.winner.owner_id);
    if (!carried) tell_operator(parts_, carried.error());
    return answer;
  }
}

Result<int> Administration::recover() {
  OA_TRY(auto tx, parts_.store.begin(ports::Access::read));
  OA_TRY(const auto all, tx->owners());
  tx.reset();
  int settled = 0;
  std::optional<Error> first;
  for (const ports::Owner& owner : all) {
    // One calendar that can't be asked does not keep the others from being settled.
    const auto here = recover_owner(parts_, owner.id);
    if (here) {
      settled += *here;
    } else if (!first) {
      first = here.error();
    }
  }
  if (first) return fail(std::move(*first));
  return settled;
}

}  // namespace openavail::service
