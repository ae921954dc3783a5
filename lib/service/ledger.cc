#include "service/ledger.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/identifiers.h"
#include "service/changes.h"
#include "service/intents.h"
#include "service/journal.h"
#include "service/recovery.h"

namespace openavail::service {
namespace {

using ports::BookingState;

std::string event_uid(const BookingId& id) { return id.text() + "@openavail"; }

Status finish_hold(const Parts& parts, ports::Transaction& tx, const ports::Booking& booking,
                   bool committed, Instant now) {
  if (!booking.hold_id) return {};
  OA_TRY(auto hold, tx.find_hold(*booking.hold_id));
  if (!hold || hold->state != ports::HoldState::promoting) return {};
  if (committed) {
    hold->state = ports::HoldState::promoted;
  } else {
    hold->booking_id.reset();
    // While its booking was being written another hold may have been made over a part of it.
    OA_TRY(const auto others, tx.live_holds(hold->owner_id, hold->interval, now));
    const bool is_taken = std::any_of(others.begin(), others.end(), [](const ports::Hold& other) {
      return other.state == ports::HoldState::live;
    });
    const bool lives_on = now < hold->until && !is_taken;
    hold->state = lives_on ? ports::HoldState::live : ports::HoldState::expired;
    if (!lives_on) OA_TRY_STATUS(append_entry(parts, tx, expired_entry(*hold)));
  }
  return tx.update_hold(*hold);
}

}  // namespace

nlohmann::json outcome_of(const ports::Booking& booking, const std::vector<BookingId>& displaced,
                          const DecisionId& decision) {
  nlohmann::json ids = nlohmann::json::array();
  for (const BookingId& id : displaced) ids.push_back(id.text());
  return {{"booking_id", booking.id.text()},
          {"displaced", std::move(ids)},
          {"decision_id", decision.text()},
          {"start", time::format_instant(booking.interval.start)},
          {"end", time::format_instant(booking.interval.end)}};
}

Result<ports::Booking> record_writing(const Parts& parts, Moment& moment,
                                      const Placement& placement, const BookingId& id) {
  ports::Transaction& tx = *moment.tx;
  OA_TRY(const WriterId writer, parts.store.writer());
  for (const BookingId& displaced_id : placement.displaced) {
    OA_TRY(auto displaced, tx.find_booking(displaced_id));
    if (!displaced) return fail(ErrorCode::internal, "a booking to be displaced is missing");
    displaced->state = BookingState::displacing;
    displaced->displaced_by = id;
    displaced->writer = writer;
    OA_TRY_STATUS(tx.update_booking(*displaced));
  }
  ports::Booking booking;
  booking.id = id;
  booking.owner_id = moment.view.owner.id;
  booking.calendar_id = placement.calendar.id;
  booking.class_id = placement.meeting_class.id;
  booking.agent_id = moment.who.agent.id;
  booking.state = BookingState::writing;
  booking.interval = placement.interval;
  booking.written = placement.interval;
  booking.created_at = moment.who.now;
  booking.writer = writer;
  booking.event_uid = event_uid(id);
  OA_TRY(const auto provider, open_provider(parts, placement.calendar));
  booking.event_place = provider->place_for(booking.event_uid);
  booking.decision_id = placement.decision_id;
  booking.correlation_id = placement.hold ? placement.hold->id.text()
                                          : new_uuid_v7(moment.who.now.unix_ms, parts.entropy);
  if (placement.hold) booking.hold_id = placement.hold->id;
  // The hold gives way first: the guard sees its booking in its stead.
  if (placement.hold) {
    ports::Hold hold = *placement.hold;
    hold.state = ports::HoldState::promoting;
    hold.booking_id = id;
    OA_TRY_STATUS(tx.update_hold(hold));
  }
  OA_TRY_STATUS(tx.insert_booking(booking));
  OA_TRY_STATUS(note_running(parts, tx, booking.agent_id, placement.digests, id,
                             placement.decision_id, moment.who.now));
  OA_TRY_STATUS(tx.bump_owner_revision(booking.owner_id));
  return booking;
}

Status settle_committed(const Parts& parts, ports::Transaction& tx, ports::Booking booking,
                        const std::string& content_hash) {
  OA_TRY(const Instant now, tx.now(Instant{parts.clock.wall_ms()}));
  OA_TRY(const auto current, tx.find_booking(booking.id));
  if (!current || current->state != BookingState::writing) {
    return fail(ErrorCode::internal, "a booking was settled by another while it was being written");
  }
  OA_TRY(auto displaced, tx.bookings_displaced_by(booking.id));
  std::vector<BookingId> displaced_ids;
  for (ports::Booking& loser : displaced) {
    if (loser.state != BookingState::displacing) continue;
    loser.state = BookingState::needs_reschedule;
    loser.writer.reset();
    OA_TRY_STATUS(tx.update_booking(loser));
    displaced_ids.push_back(loser.id);
    ports::Intent intent;
    intent.kind = ports::IntentKind::show_displaced;
    intent.owner_id = loser.owner_id;
    intent.booking_id = loser.id;
    intent.created_at = now;
    OA_TRY_STATUS(tx.insert_intent(intent));
    OA_TRY(const auto meeting_class, tx.find_class(loser.class_id));
    if (meeting_class && meeting_class->policy == policy::PreemptPolicy::reschedulable) {
      OA_TRY_STATUS(notify(parts, tx, loser, "booking.displaced", now, std::nullopt, booking.id));
    }
  }
  booking.state = BookingState::committed;
  booking.committed_at = now;
  booking.writer.reset();
  booking.content_hash = content_hash;
  OA_TRY_STATUS(tx.update_booking(booking));
  OA_TRY_STATUS(finish_hold(parts, tx, booking, true, now));
  OA_TRY_STATUS(tx.complete_idempotency_of(
      booking.id, outcome_of(booking, displaced_ids, booking.decision_id).dump()));
  return tx.bump_owner_revision(booking.owner_id);
}

Status settle_failed(const Parts& parts, ports::Transaction& tx, ports::Booking booking) {
  OA_TRY(const Instant now, tx.now(Instant{parts.clock.wall_ms()}));
  booking.state = BookingState::failed;
  booking.writer.reset();
  OA_TRY_STATUS(tx.update_booking(booking));
  OA_TRY(auto displaced, tx.bookings_displaced_by(booking.id));
  for (ports::Booking& loser : displaced) {
    if (loser.state != BookingState::displacing) continue;
    loser.state = BookingState::committed;
    loser.writer.reset();
    loser.displaced_by.reset();
    OA_TRY_STATUS(tx.update_booking(loser));
  }
  OA_TRY_STATUS(finish_hold(parts, tx, booking, false, now));
  OA_TRY_STATUS(tx.remove_idempotency_of(booking.id));
  audit::Entry entry = system_entry("write_failed", booking.owner_id);
  entry.booking_id = booking.id;
  entry.hold_id = booking.hold_id;
  entry.decided_interval = booking.interval;
  entry.correlation_id = booking.correlation_id;
  entry.subject.emplace_back("decision", booking.decision_id.text());
  OA_TRY_STATUS(append_entry(parts, tx, std::move(entry)));
  return tx.bump_owner_revision(booking.owner_id);
}

Error after_write(const Error& error) {
  return Error(ErrorCode::internal,
               "the calendar was written, but that could not be recorded; nothing is lost",
               "repeat the call with the same idempotency key, or list the bookings, once an "
               "administrator has seen to the data directory (openavail doctor)")
      .with_operator_detail(error.operator_detail().empty() ? error.message()
                                                            : error.operator_detail());
}

Result<ports::Booking> write_event(const Parts& parts, const ports::Booking& booking,
                                   const calendar::EventText& text,
                                   const std::string& organizer_email) {
  OA_TRY(auto read, parts.store.begin(ports::Access::read));
  OA_TRY(const auto calendar, read->find_calendar(booking.calendar_id));
  read.reset();
  if (!calendar) return fail(ErrorCode::internal, "a booking's calendar is missing");
  OA_TRY(const auto provider, open_provider(parts, *calendar));
  calendar::EventDraft draft;
  draft.uid = booking.event_uid;
  draft.interval = booking.interval;
  draft.text = text;
  draft.organizer_email = organizer_email;
  draft.stamp = booking.created_at;
  WorkInHand::begins_to_write(booking.id);
  auto written = provider->create(draft);
  if (!written) {
    const nlohmann::json& details = written.error().details();
    const bool is_unknown =
        !details.is_object() || details.value("outcome", "unknown") == "unknown";
    Error error = name_calendar(written.error(), *calendar);
    if (!is_unknown) {
      const auto settled = [&]() -> Status {
        OA_TRY(auto tx, parts.store.begin(ports::Access::write));
        OA_TRY_STATUS(settle_failed(parts, *tx, booking));
        return tx->commit();
      }();
      // The next call for this owner settles it: the calendar is why this one failed.
      if (!settled) tell_operator(parts, settled.error());
    }
    return fail(std::move(error));
  }
  auto committed = [&]() -> Result<ports::Booking> {
    OA_TRY(auto tx, parts.store.begin(ports::Access::write));
    OA_TRY_STATUS(settle_committed(parts, *tx, booking, written->hash));
    OA_TRY(const auto settled, tx->find_booking(booking.id));
    OA_TRY_STATUS(tx->commit());
    return *settled;
  }();
  if (committed) return committed;
  return fail(after_write(committed.error()));
}

}  // namespace openavail::service
