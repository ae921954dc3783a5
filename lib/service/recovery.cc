#include "service/recovery.h"

#include <map>
#include <mutex>
#include <set>

#include "service/intents.h"
#include "service/ledger.h"
#include "service/owner_view.h"
#include "service/reading.h"

namespace openavail::service {
namespace {

// Bookings that threads of this process are at. Counted: an intent and its booking share an id.
struct Hands {
  std::mutex mutex;
  std::map<BookingId, int> count;
  std::set<BookingId> unwritten;
};

Hands& hands() {
  static Hands instance;
  return instance;
}

}  // namespace

WorkInHand::WorkInHand(BookingId booking, Event event) : booking_(std::move(booking)) {
  const std::lock_guard lock(hands().mutex);
  ++hands().count[booking_];
  if (event == Event::to_be_written) hands().unwritten.insert(booking_);
}

WorkInHand::~WorkInHand() {
  const std::lock_guard lock(hands().mutex);
  hands().unwritten.erase(booking_);
  const auto found = hands().count.find(booking_);
  if (--found->second == 0) hands().count.erase(found);
}

bool WorkInHand::has(const BookingId& booking) {
  const std::lock_guard lock(hands().mutex);
  return hands().count.count(booking) != 0;
}

void WorkInHand::begins_to_write(const BookingId& booking) {
  const std::lock_guard lock(hands().mutex);
  hands().unwritten.erase(booking);
}

bool WorkInHand::is_unwritten(const BookingId& booking) {
  const std::lock_guard lock(hands().mutex);
  return hands().unwritten.count(booking) != 0;
}

Result<bool> is_abandoned(const Parts& parts, const std::optional<WriterId>& writer,
                          const BookingId& booking) {
  if (!writer) return true;
  OA_TRY(const WriterId self, parts.store.writer());
  if (*writer == self) return !WorkInHand::has(booking);
  OA_TRY(const bool is_alive, parts.store.writer_is_alive(*writer));
  return !is_alive;
}

Result<bool> has_dead_writers(const Parts& parts, ports::Transaction& tx, const OwnerId& owner) {
  OA_TRY(const auto unsettled, tx.unsettled_bookings(owner));
  for (const ports::Booking& booking : unsettled) {
    if (booking.state != ports::BookingState::writing) continue;
    OA_TRY(const bool abandoned, is_abandoned(parts, booking.writer, booking.id));
    if (abandoned) return true;
  }
  OA_TRY(const auto owed, tx.intents(owner));
  for (const ports::Intent& intent : owed) {
    OA_TRY(const bool abandoned, is_abandoned(parts, intent.writer, intent.booking_id));
    if (abandoned && !WorkInHand::has(intent.booking_id)) return true;
  }
  return false;
}

namespace {

// Settles one booking that may have been left behind. False: there is nothing to settle.
Result<bool> settle(const Parts& parts, const ports::Booking& seen) {
  OA_TRY(const bool abandoned, is_abandoned(parts, seen.writer, seen.id));
  if (!abandoned) return false;
  OA_TRY(auto read, parts.store.begin(ports::Access::read));
  OA_TRY(const auto calendar, read->find_calendar(seen.calendar_id));
  read.reset();
  if (!calendar) return fail(ErrorCode::internal, "a booking's calendar is missing");
  // What is absent from a suspended calendar is not certainly absent.
  OA_TRY_STATUS(check_usable(*calendar));
  OA_TRY(const auto provider, open_provider(parts, *calendar));
  // Without a lock, which would make everyone wait for a calendar: nobody writes this event any
  // more, so what is seen stays true, and below the first to settle the booking is the only one.
  auto state = provider->look({seen.event_place, seen.event_uid}, time::Zone::utc());
  if (!state) return fail(name_calendar(std::move(state).error(), *calendar));
  OA_TRY(auto tx, parts.store.begin(ports::Access::write));
  OA_TRY(const auto booking, tx->find_booking(seen.id));
  if (!booking || booking->state != ports::BookingState::writing) return false;
  if (state->presence == ports::OwnEventState::Presence::present) {
    OA_TRY_STATUS(settle_committed(parts, *tx, *booking, state->hash));
  } else {
    OA_TRY_STATUS(settle_failed(parts, *tx, *booking));
  }
  OA_TRY_STATUS(tx->commit());
  return true;
}

}  // namespace

Result<int> recover_owner(const Parts& parts, const OwnerId& owner) {
  OA_TRY(auto read, parts.store.begin(ports::Access::read));
  OA_TRY(const auto unsettled, read->unsettled_bookings(owner));
  read.reset();
  int settled = 0;
  std::optional<Error> first;
  for (const ports::Booking& seen : unsettled) {
    if (seen.state != ports::BookingState::writing) continue;
    auto done = settle(parts, seen);
    if (done) {
      settled += *done ? 1 : 0;
    } else if (!first) {
      first = std::move(done).error();
    } else {
      tell_operator(parts, done.error());
    }
  }
  OA_TRY(const int done, carry_out_intents(parts, owner));
  if (first) return fail(std::move(*first));
  return settled + done;
}

}  // namespace openavail::service
