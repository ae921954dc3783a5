#include "service/intents.h"

#include <set>
#include <utility>

#include "service/owner_view.h"
#include "service/reading.h"
#include "service/recovery.h"

namespace openavail::service {
namespace {

// A person may edit the event between our look and our change; then it is looked at again.
constexpr int kChangeTriesMax = 5;

// Takes the intent for this process; false when another live one has it, or it is done.
Result<bool> claim(const Parts& parts, std::int64_t id, const OwnerId& owner) {
  OA_TRY(auto tx, parts.store.begin(ports::Access::write));
  OA_TRY(const auto all, tx->intents(owner));
  for (ports::Intent intent : all) {
    if (intent.id != id) continue;
    OA_TRY(const WriterId self, parts.store.writer());
    OA_TRY(const bool abandoned, is_abandoned(parts, intent.writer, intent.booking_id));
    if (intent.writer && !abandoned) return false;
    intent.writer = self;
    ++intent.attempts;
    OA_TRY_STATUS(tx->update_intent(intent));
    OA_TRY_STATUS(tx->commit());
    return true;
  }
  return false;
}

// The new content hash, empty when the event is gone.
Result<std::string> apply(const Parts& parts, const ports::Intent& intent,
                          const ports::Booking& booking, ports::CalendarProvider& provider,
                          const time::Zone& zone) {
  const ports::OwnEventRef ref{booking.event_place, booking.event_uid};
  for (int tries = 0;; ++tries) {
    OA_TRY(const auto state, provider.look(ref, zone));
    if (state.presence != ports::OwnEventState::Presence::present) return std::string{};
    if (intent.kind == ports::IntentKind::remove_event) {
      const auto removed = provider.remove(ref, state.hash);
      if (removed) return std::string{};
      if (removed.error().code() != ErrorCode::state_conflict || tries >= kChangeTriesMax) {
        return fail(removed.error());
      }
      continue;
    }
    calendar::EventChange change;
    change.displaced = intent.kind == ports::IntentKind::show_displaced;
    change.stamp = Instant{parts.clock.wall_ms()};
    const auto changed = provider.change(ref, state.hash, change);
    if (changed) return changed->hash;
    if (changed.error().code() == ErrorCode::not_found) return std::string{};
    if (changed.error().code() != ErrorCode::state_conflict || tries >= kChangeTriesMax) {
      return fail(changed.error());
    }
  }
}

Status finish(const Parts& parts, const ports::Intent& intent, const std::string& hash) {
  OA_TRY(auto tx, parts.store.begin(ports::Access::write));
  OA_TRY(auto booking, tx->find_booking(intent.booking_id));
  if (booking && !hash.empty()) {
    booking->content_hash = hash;
    OA_TRY_STATUS(tx->update_booking(*booking));
  }
  OA_TRY_STATUS(tx->remove_intent(intent.id));
  OA_TRY_STATUS(tx->bump_owner_revision(intent.owner_id));
  return tx->commit();
}

Status release(const Parts& parts, ports::Intent intent) {
  OA_TRY(auto tx, parts.store.begin(ports::Access::write));
  intent.writer.reset();
  ++intent.attempts;
  OA_TRY_STATUS(tx->update_intent(intent));
  return tx->commit();
}

}  // namespace

Result<int> carry_out_intents(const Parts& parts, const OwnerId& owner) {
  OA_TRY(auto tx, parts.store.begin(ports::Access::read));
  OA_TRY(const auto all, tx->intents(owner));
  tx.reset();
  int done = 0;
  // What is owed to one event is done in its order, or the last word would not be the last.
  std::set<BookingId> waiting;
  for (const ports::Intent& intent : all) {
    if (waiting.count(intent.booking_id) != 0) continue;
    const WorkInHand in_hand(intent.booking_id);
    OA_TRY(const bool ours, claim(parts, intent.id, owner));
    if (!ours) {
      waiting.insert(intent.booking_id);
      continue;
    }
    OA_TRY(auto lookup, parts.store.begin(ports::Access::read));
    OA_TRY(const auto booking, lookup->find_booking(intent.booking_id));
    std::optional<ports::Calendar> calendar;
    if (booking) {
      OA_TRY(calendar, lookup->find_calendar(booking->calendar_id));
    }
    lookup.reset();
    if (!booking || !calendar) {
      OA_TRY_STATUS(finish(parts, intent, {}));
      continue;
    }
    const auto hash = [&]() -> Result<std::string> {
      // What is absent from a suspended calendar is not certainly absent.
      OA_TRY_STATUS(check_usable(*calendar));
      OA_TRY(const auto provider, open_provider(parts, *calendar));
      return apply(parts, intent, *booking, *provider, time::Zone::utc());
    }();
    if (!hash) {
      waiting.insert(intent.booking_id);
      tell_operator(parts, hash.error());
      OA_TRY_STATUS(release(parts, intent));
      continue;
    }
    OA_TRY_STATUS(finish(parts, intent, *hash));
    ++done;
  }
  return done;
}

}  // namespace openavail::service
