#include <catch2/catch.hpp>
#include <vector>

#include "store/store_suite.h"

namespace openavail::store::testing {
namespace {

std::vector<std::string> ids_of(const std::vector<ports::Booking>& bookings) {
  std::vector<std::string> ids;
  for (const auto& booking : bookings) ids.push_back(booking.id.text());
  return ids;
}

void booking_suite(const StoreFactory& factory) {
  using ports::BookingState;
  const auto store = factory();
  populate(*store);
  auto tx = write(*store);
  auto first = make_booking("b1", hours(10, 11));
  REQUIRE(tx->insert_booking(first));

  SECTION("a booking comes back as it was written, and as it was changed") {
    first.state = BookingState::committed;
    first.committed_at = hour(1);
    first.writer.reset();
    first.content_hash = "abc";
    first.event_place = "moved.ics";
    first.interval = hours(12, 13);
    first.hold_id = HoldId("h1");
    first.undone = true;
    REQUIRE(tx->update_booking(first));
    const auto found = tx->find_booking(first.id).value().value();
    CHECK(found.state == BookingState::committed);
    CHECK(found.interval == hours(12, 13));
    CHECK(found.written == hours(10, 11));
    CHECK(found.committed_at == hour(1));
    CHECK_FALSE(found.writer);
    CHECK(found.content_hash == "abc");
    CHECK(found.event_place == "moved.ics");
    CHECK(found.event_uid == "b1@openavail");
    CHECK(found.hold_id == HoldId("h1"));
    CHECK(found.undone);
    CHECK(found.correlation_id == "cor_b1");
    CHECK_FALSE(tx->find_booking(BookingId("b9")).value());
  }
  SECTION("the guard refuses overlap by a minute, not the neighbour that touches") {
    const auto refused =
        tx->insert_booking(make_booking("b2", {hour(11) - Millis{60'000}, hour(12)}));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code() == ErrorCode::state_conflict);
    CHECK(tx->insert_booking(make_booking("b3", hours(11, 12))));
    CHECK(tx->insert_booking(make_booking("b4", hours(9, 10))));
  }
  SECTION("the guard lets a winner in over a displacing booking, and that one not back beside it") {
    first.state = BookingState::displacing;
    REQUIRE(tx->update_booking(first));
    auto winner = make_booking("b2", hours(10, 11));
    REQUIRE(tx->insert_booking(winner));
    first.displaced_by = winner.id;
    first.state = BookingState::committed;
    const auto refused = tx->update_booking(first);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code() == ErrorCode::state_conflict);
    winner.state = BookingState::failed;
    REQUIRE(tx->update_booking(winner));
    CHECK(tx->update_booking(first));
    CHECK(ids_of(tx->bookings_displaced_by(winner.id).value()) == std::vector<std::string>{"b1"});
  }
  SECTION("the guard exempts a booking that a person moved") {
    first.state = BookingState::committed;
    first.interval = hours(20, 21);
    REQUIRE(tx->update_booking(first));
    CHECK(tx->insert_booking(make_booking("b2", hours(20, 21))));
    CHECK(tx->insert_booking(make_booking("b3", hours(10, 11))));
  }
  SECTION("what was cancelled stays cancelled, and frees its time") {
    first.state = BookingState::cancelled;
    REQUIRE(tx->update_booking(first));
    first.state = BookingState::committed;
    CHECK(tx->update_booking(first).error().code() == ErrorCode::state_conflict);
    CHECK(tx->insert_booking(make_booking("b2", hours(10, 11))));
  }
  SECTION("occupying, unsettled and future bookings are told by state and time") {
    auto done = make_booking("b2", hours(12, 13));
    done.state = BookingState::committed;
    done.writer.reset();
    auto displaced = make_booking("b3", hours(14, 15));
    displaced.state = BookingState::needs_reschedule;
    auto gone = make_booking("b4", hours(16, 17));
    gone.state = BookingState::cancelled;
    for (const auto& booking : {done, displaced, gone}) REQUIRE(tx->insert_booking(booking));
    const OwnerId owner("own_1");
    using Ids = std::vector<std::string>;
    CHECK(ids_of(tx->occupying_bookings(owner, hours(0, 24)).value()) == Ids{"b1", "b2"});
    CHECK(ids_of(tx->occupying_bookings(owner, hours(11, 12)).value()).empty());
    CHECK(ids_of(tx->unsettled_bookings(std::nullopt).value()) == Ids{"b1"});
    CHECK(ids_of(tx->unsettled_bookings(OwnerId("own_2")).value()).empty());
    CHECK(ids_of(tx->bookings_with_events(owner, hour(0)).value()) == Ids{"b1", "b2", "b3"});
    CHECK(ids_of(tx->bookings_with_events(owner, hour(13)).value()) == Ids{"b3"});
    CHECK(tx->count_future_bookings(owner, hour(0)).value() == 2);
    CHECK(tx->count_future_bookings(ClassId("cls_1"), hour(11)).value() == 1);
    CHECK(tx->count_future_bookings(CalendarId("cal_1"), hour(13)).value() == 0);

    ports::Intent removal;
    removal.kind = ports::IntentKind::remove_event;
    removal.owner_id = owner;
    removal.booking_id = gone.id;
    removal.created_at = hour(1);
    const auto id = tx->insert_intent(removal).value();
    CHECK(ids_of(tx->bookings_with_events(owner, hour(0)).value()) == Ids{"b1", "b2", "b3", "b4"});
    removal.id = id;
    removal.attempts = 2;
    removal.writer = WriterId("w");
    REQUIRE(tx->update_intent(removal));
    const auto open = tx->intents(owner).value();
    REQUIRE(open.size() == 1);
    CHECK(open[0].attempts == 2);
    CHECK(open[0].writer == WriterId("w"));
    CHECK(open[0].kind == ports::IntentKind::remove_event);
    REQUIRE(tx->remove_intent(id));
    CHECK(tx->intents(std::nullopt).value().empty());
  }
  SECTION("a list in pages holds each booking once") {
    for (int i = 0; i < 7; ++i) {
      auto booking = make_booking("c" + std::to_string(i), hours(20 + i, 21 + i));
      booking.state = BookingState::committed;
      REQUIRE(tx->insert_booking(booking));
    }
    ports::BookingQuery query;
    query.owner_id = OwnerId("own_1");
    query.start_within = hours(0, 26);
    query.limit = 4;
    const auto page = tx->list_bookings(query).value();
    CHECK(ids_of(page) == std::vector<std::string>{"c0", "c1", "c2", "c3"});
    query.after_id = page.back().id;
    query.after_start = page.back().interval.start;
    CHECK(ids_of(tx->list_bookings(query).value()) == std::vector<std::string>{"c4", "c5"});
    query.calendar_id = CalendarId("cal_9");
    CHECK(tx->list_bookings(query).value().empty());
  }
}

void hold_suite(const StoreFactory& factory) {
  using ports::HoldState;
  const auto store = factory();
  populate(*store);
  auto tx = write(*store);
  REQUIRE(tx->now(hour(0)));
  auto hold = make_hold("h1", hours(10, 12), hour(1));
  hold.scope = ports::HoldScope::window;
  hold.duration = Millis{kHour};
  REQUIRE(tx->insert_hold(hold));

  SECTION("a hold comes back as it was written, and as it was changed") {
    hold.state = HoldState::promoting;
    hold.booking_id = BookingId("b1");
    REQUIRE(tx->update_hold(hold));
    const auto found = tx->find_hold(hold.id).value().value();
    CHECK(found.state == HoldState::promoting);
    CHECK(found.booking_id == BookingId("b1"));
    CHECK(found.scope == ports::HoldScope::window);
    CHECK(found.duration == Millis{kHour});
    CHECK(found.interval == hours(10, 12));
    CHECK(found.until == hour(1));
  }
  SECTION("no two live holds overlap, until the installation's time has passed the first") {
    CHECK(tx->insert_hold(make_hold("h2", hours(11, 13), hour(3))).error().code() ==
          ErrorCode::state_conflict);
    CHECK(tx->insert_hold(make_hold("h3", hours(12, 13), hour(3))));
    REQUIRE(tx->now(hour(1)));
    CHECK(tx->insert_hold(make_hold("h4", hours(10, 12), hour(3))));
  }
  SECTION("a hold is live before its end, lapsed from it on, and promoting whatever the time") {
    const OwnerId owner("own_1");
    const Instant just_before = hour(1) - Millis{1};
    CHECK(tx->live_holds(owner, hours(0, 24), just_before).value().size() == 1);
    CHECK(tx->live_holds(owner, hours(12, 24), just_before).value().empty());
    CHECK(tx->live_holds(owner, hours(0, 24), hour(1)).value().empty());
    CHECK(tx->count_live_holds(AgentId("agt_1"), just_before).value() == 1);
    CHECK(tx->count_live_holds(AgentId("agt_1"), hour(1)).value() == 0);
    CHECK(tx->lapsed_holds(owner, just_before).value().empty());
    CHECK(tx->lapsed_holds(owner, hour(1)).value().size() == 1);
    hold.state = HoldState::promoting;
    REQUIRE(tx->update_hold(hold));
    CHECK(tx->live_holds(owner, hours(0, 24), hour(5)).value().size() == 1);
    CHECK(tx->lapsed_holds(owner, hour(5)).value().empty());
  }
  SECTION("a hold may lie over a committed booking") {
    auto booking = make_booking("b1", hours(14, 15));
    booking.state = ports::BookingState::committed;
    REQUIRE(tx->insert_booking(booking));
    CHECK(tx->insert_hold(make_hold("h5", hours(14, 15), hour(1))));
  }
}

void notification_suite(const StoreFactory& factory) {
  const auto store = factory();
  populate(*store);
  auto tx = write(*store);
  REQUIRE(tx->insert_agent(make_agent("agt_2", "Other")));
  ports::Notification n;
  n.agent_id = AgentId("agt_1");
  n.kind = "booking.moved";
  n.owner_id = OwnerId("own_1");
  n.booking_id = BookingId("b1");
  n.meeting_class = "Regular";
  n.interval = hours(1, 2);
  n.previous_interval = hours(3, 4);
  for (int i = 0; i < 3; ++i) {
    n.id = NotificationId("n" + std::to_string(i));
    n.created_at = hour(i);
    REQUIRE(tx->insert_notification(n));
  }
  const AgentId mine("agt_1");
  CHECK(tx->notifications(mine, hour(1), false).value().size() == 2);
  CHECK(tx->notifications(AgentId("agt_2"), hour(0), true).value().empty());
  CHECK(tx->acknowledge(AgentId("agt_2"), {NotificationId("n0")}, hour(5)).value() == 0);
  CHECK(tx->acknowledge(mine, {NotificationId("n0"), NotificationId("zz")}, hour(5)).value() == 1);
  CHECK(tx->acknowledge(mine, {NotificationId("n0")}, hour(6)).value() == 0);
  CHECK(tx->notifications(mine, hour(0), false).value().size() == 2);
  const auto all = tx->notifications(mine, hour(0), true).value();
  REQUIRE(all.size() == 3);
  CHECK(all[0].acknowledged_at == hour(5));
  CHECK(all[0].previous_interval == hours(3, 4));
  CHECK_FALSE(all[0].winner);
}

void idempotency_suite(const StoreFactory& factory) {
  const auto store = factory();
  populate(*store);
  auto tx = write(*store);
  ports::IdempotencyRecord record;
  record.agent_id = AgentId("agt_1");
  record.key_digest = "k1";
  record.parameters_digest = "p1";
  record.writer = WriterId("w1");
  record.booking_id = BookingId("b1");
  record.decision_id = DecisionId("dec_1");
  record.outcome = "{}";
  record.created_at = hour(0);
  REQUIRE(tx->put_idempotency(record));

  SECTION("a record is one agent's, and is replaced by the next of its key") {
    CHECK_FALSE(tx->find_idempotency(AgentId("agt_2"), "k1").value());
    record.outcome = "{\"a\":1}";
    record.is_running = false;
    REQUIRE(tx->put_idempotency(record));
    const auto found = tx->find_idempotency(record.agent_id, "k1").value().value();
    CHECK_FALSE(found.is_running);
    CHECK(found.outcome == "{\"a\":1}");
    CHECK(found.parameters_digest == "p1");
    REQUIRE(tx->remove_idempotency(record.agent_id, "k1"));
    CHECK_FALSE(tx->find_idempotency(record.agent_id, "k1").value());
  }
  SECTION("recovery completes what runs for a booking, once, or frees it") {
    REQUIRE(tx->complete_idempotency_of(BookingId("b1"), "first"));
    REQUIRE(tx->complete_idempotency_of(BookingId("b1"), "second"));
    REQUIRE(tx->remove_idempotency_of(BookingId("b1")));
    CHECK(tx->find_idempotency(record.agent_id, "k1").value()->outcome == "first");
    record.key_digest = "k2";
    REQUIRE(tx->put_idempotency(record));
    REQUIRE(tx->remove_idempotency_of(BookingId("b1")));
    CHECK_FALSE(tx->find_idempotency(record.agent_id, "k2").value());
  }
  SECTION("what is old goes, what still runs stays") {
    REQUIRE(tx->purge_idempotency(hour(1)));
    CHECK(tx->find_idempotency(record.agent_id, "k1").value());
    REQUIRE(tx->complete_idempotency_of(BookingId("b1"), "{}"));
    REQUIRE(tx->purge_idempotency(hour(0)));
    CHECK(tx->find_idempotency(record.agent_id, "k1").value());
    REQUIRE(tx->purge_idempotency(hour(1)));
    CHECK_FALSE(tx->find_idempotency(record.agent_id, "k1").value());
  }
}

}  // namespace

void ledger_suite(const StoreFactory& factory) {
  SECTION("bookings") { booking_suite(factory); }
  SECTION("holds") { hold_suite(factory); }
  SECTION("notifications are an agent's own and are acknowledged once") {
    notification_suite(factory);
  }
  SECTION("idempotency") { idempotency_suite(factory); }
}

}  // namespace openavail::store::testing
