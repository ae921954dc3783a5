// cancel: the booking ends in the ledger, and its event's removal is owed to the calendar.
#include <nlohmann/json.hpp>
#include <thread>

#include "service/agent_service.h"
#include "service/changes.h"
#include "service/idempotency.h"
#include "service/intents.h"
#include "service/owner_view.h"
#include "service/recovery.h"
#include "service/requests.h"

namespace openavail::service {
namespace {

using policy::Permission;
using ports::BookingState;

// Where the booking now counts: a person may have moved its event. What can't be asked now is taken
// to be where it was.
Interval present_interval(const Parts& parts, const ports::Booking& booking,
                          const std::optional<ports::Calendar>& calendar) {
  if (!calendar || !check_usable(*calendar)) return booking.interval;
  const auto provider = open_provider(parts, *calendar);
  if (!provider) return booking.interval;
  const auto state = (*provider)->look({booking.event_place, booking.event_uid}, time::Zone::utc());
  const bool is_known = state && state->presence == ports::OwnEventState::Presence::present &&
                        state->interval && !state->interval->empty();
  return is_known ? *state->interval : booking.interval;
}

class Canceller {
 public:
  Canceller(const Parts& parts, const AgentCall& call, const BookingId& id)
      : parts_(parts), id_(id), use_(parts, call, "cancel") {}

  Result<CancelAnswer> run() {
    auto answer = attempt();
    if (!answer) return fail(use_.refuse(std::move(answer).error()));
    if (owner_) carry_out(*owner_);
    return answer;
  }

 private:
  Result<CancelAnswer> attempt() {
    OA_TRY(const auto digests,
           idempotency_digests(parts_, use_.call(),
                               {{"operation", "cancel"}, {"booking", id_.text()}}));
    for (int tries = 0; tries < limits::kUnsettledTriesMax; ++tries) {
      OA_TRY(auto answer, cancel_once(digests));
      if (answer) return std::move(*answer);
      std::this_thread::sleep_for(limits::kUnsettledNap);
    }
    return fail(Error(ErrorCode::calendar_unavailable,
                      "another booking at that time is still being written",
                      "repeat the call in a second")
                    .with_details({{"cause", "unsettled"}}));
  }

  // Where the event is, asked before the store is begun for writing: nobody waits for a calendar in
  // there. Nothing: who may not cancel it has no need to know, and is told below.
  std::optional<Interval> look_at_event() {
    const auto interval = [&]() -> Result<Interval> {
      OA_TRY(auto tx, parts_.store.begin(ports::Access::read));
      OA_TRY(const Authorized who, use_.authorize(*tx, Permission::create_bookings));
      OA_TRY(const ports::Booking booking, find_booking_in_scope(*tx, who.agent, id_));
      OA_TRY(const auto calendar, tx->find_calendar(booking.calendar_id));
      tx.reset();
      return present_interval(parts_, booking, calendar);
    }();
    return interval ? std::optional(*interval) : std::nullopt;
  }

  // Nothing: the booking is being displaced, and what becomes of it is not settled.
  Result<std::optional<CancelAnswer>> cancel_once(
      const std::optional<IdempotencyDigests>& digests) {
    const std::optional<Interval> seen = look_at_event();
    OA_TRY(auto tx, parts_.store.begin(ports::Access::write));
    OA_TRY(const Authorized who, use_.authorize(*tx, Permission::create_bookings));
    OA_TRY(const auto first, find_outcome(parts_, *tx, who.agent.id, digests, who.now));
    if (first) {
      const nlohmann::json outcome = nlohmann::json::parse(first->outcome);
      OA_TRY_STATUS(record_replay(use_, *tx, *first));
      OA_TRY_STATUS(tx->commit());
      return std::optional(CancelAnswer{id_, outcome.at("correlation_id").get<std::string>()});
    }
    OA_TRY(const ports::Booking booking, find_booking_in_scope(*tx, who.agent, id_));
    use_.entry().calendar_owner = booking.owner_id;
    use_.entry().booking_id = booking.id;
    use_.entry().correlation_id = booking.correlation_id;
    if (booking.state == BookingState::displacing) {
      tx.reset();
      OA_TRY_STATUS(recover_owner(parts_, booking.owner_id).map([](int) {}));
      return std::optional<CancelAnswer>{};
    }
    const Interval interval = seen.value_or(booking.interval);
    if (booking.state == BookingState::cancelled || interval.start <= who.now) {
      return fail(ErrorCode::booking_not_cancellable,
                  "this booking has started, or is cancelled already",
                  "read the booking to see its status");
    }
    use_.entry().decided_interval = interval;
    OA_TRY_STATUS(record_lapsed_holds(parts_, *tx, booking.owner_id, who.now));
    OA_TRY_STATUS(end(*tx, booking, who));
    OA_TRY(const DecisionId decision, use_.record(*tx, audit::Kind::decision, "cancel"));
    OA_TRY_STATUS(keep_outcome(parts_, *tx, who.agent.id, digests, decision,
                               {{"correlation_id", booking.correlation_id}}, who.now));
    OA_TRY_STATUS(tx->commit());
    owner_ = booking.owner_id;
    return std::optional(CancelAnswer{booking.id, booking.correlation_id});
  }

  Status end(ports::Transaction& tx, ports::Booking booking, const Authorized& who) {
    booking.state = BookingState::cancelled;
    OA_TRY_STATUS(tx.update_booking(booking));
    ports::Intent removal;
    removal.kind = ports::IntentKind::remove_event;
    removal.owner_id = booking.owner_id;
    removal.booking_id = booking.id;
    removal.created_at = who.now;
    OA_TRY_STATUS(tx.insert_intent(removal).map([](std::int64_t) {}));
    if (booking.agent_id != who.agent.id) {
      OA_TRY_STATUS(notify(parts_, tx, booking, "booking.cancelled", who.now));
    }
    return tx.bump_owner_revision(booking.owner_id);
  }

  // Cancelled is cancelled; taking the event away is owed and repeated if it fails now.
  void carry_out(const OwnerId& owner) {
    const auto carried = carry_out_intents(parts_, owner);
    if (!carried) tell_operator(parts_, carried.error());
  }

  const Parts& parts_;
  const BookingId& id_;
  Use use_;
  std::optional<OwnerId> owner_;  // once something is owed
};

}  // namespace

Result<CancelAnswer> AgentService::cancel(const AgentCall& call, const BookingId& id) {
  return Canceller(parts_, call, id).run();
}

}  // namespace openavail::service
