// undo: an administrator takes a preemption back.
#include "service/agent_house.h"

namespace openavail::service::testing {
namespace {

struct Preempted : AgentHouse {
  Agent lesser = scheduler();
  Agent chief_agent = chief();
  BookingId loser = lesser.booked("10:00-11:00");
  BookingId second = lesser.booked("11:00-12:00", "Tentative");
  BookingId winner;

  Preempted() {
    const auto won = chief_agent.book("10:30-11:30", "Important");
    REQUIRE(won);
    REQUIRE(won->displaced.size() == 2);
    winner = won->booking_id;
  }
};

TEST_CASE("undo cancels the winner and restores all that it displaced, and tells both agents") {
  Preempted house;
  const auto undone = house.admin.undo(house.winner);
  REQUIRE(undone);
  CHECK(undone->winner == house.winner);
  CHECK(undone->restored == std::vector<BookingId>{house.loser, house.second});
  CHECK_FALSE(house.has_event(house.winner));
  CHECK(house.stored(house.winner).state == ports::BookingState::cancelled);
  for (const BookingId& id : {house.loser, house.second}) {
    CHECK(house.stored(id).state == ports::BookingState::committed);
    CHECK_FALSE(house.stored(id).displaced_by);
    CHECK(house.event(id).find("[Displaced]") == std::string::npos);
    CHECK(house.event(id).find("TRANSP:OPAQUE") != std::string::npos);
  }
  CHECK(house.owed() == 0);
  const json row = house.last_row();
  CHECK(row.at("action") == "undo");
  CHECK(row.at("kind") == "decision");
  CHECK(row.at("actor") == "admin");
  CHECK(row.at("api_key_id").is_null());
  CHECK(row.at("booking_id") == house.winner.text());
  CHECK(row.at("displaced_booking_ids").size() == 2);
  CHECK(house.chief_agent.told() == std::vector<std::string>{"booking.cancelled"});
  CHECK(house.lesser.told() ==
        std::vector<std::string>{"booking.displaced", "booking.restored", "booking.restored"});
  CHECK_FALSE(house.chief_agent.book("10:00-11:00", "Regular"));
  const std::size_t before = house.rows().size();
  REQUIRE(house.lesser.book("15:00-16:00"));  // and it is no change from outside
  CHECK(house.actions_after(before) == std::vector<std::string>{"accept"});
}

TEST_CASE("undo works once") {
  Preempted house;
  REQUIRE(house.admin.undo(house.winner));
  const std::size_t before = house.rows().size();
  CHECK(code_of(house.admin.undo(house.winner)) == "STATE_CONFLICT");
  CHECK(code_of(house.admin.undo(house.loser)) == "STATE_CONFLICT");
  CHECK(code_of(house.admin.undo(BookingId("0190a5b4-0000-7000-8000-000000000000"))) ==
        "BOOKING_NOT_FOUND");
  CHECK(house.rows().size() == before);
}

TEST_CASE("undo is possible until a displaced meeting's start, not at it") {
  Preempted house;
  SECTION("just before") {
    house.clock.now_ms = at("10:00").unix_ms - 1;
    CHECK(house.admin.undo(house.winner));
  }
  SECTION("at it") {
    house.clock.now_ms = at("10:00").unix_ms;
    CHECK(code_of(house.admin.undo(house.winner)) == "STATE_CONFLICT");
    CHECK(house.has_event(house.winner));
  }
}

TEST_CASE("a time that is taken again is named, and nothing changes") {
  Preempted house;
  SECTION("by a booking") { house.lesser.booked("10:00-10:30"); }
  SECTION("by a hold") { house.lesser.held("10:00-10:15"); }
  SECTION("by an event that a person made") {
    house.put_event("walk-in", event_file("walk-in", slot("10:15-10:30")));
  }
  const std::size_t before = house.rows().size();
  const auto refused = house.admin.undo(house.winner);
  CHECK(code_of(refused) == "STATE_CONFLICT");
  CHECK(refused.error().message().find(house.loser.text()) != std::string::npos);
  CHECK(details_of(refused).at("booking_id") == house.loser.text());
  CHECK(house.rows().size() == before);
  CHECK(house.stored(house.winner).state == ports::BookingState::committed);
  CHECK(house.stored(house.loser).state == ports::BookingState::needs_reschedule);
  CHECK(house.stored(house.second).state == ports::BookingState::needs_reschedule);
  CHECK(house.has_event(house.winner));
}

TEST_CASE("what was displaced and is cancelled since stays cancelled") {
  Preempted house;
  REQUIRE(house.lesser.cancel(house.loser));
  const auto undone = house.admin.undo(house.winner);
  REQUIRE(undone);
  CHECK(undone->restored == std::vector<BookingId>{house.second});
  CHECK_FALSE(house.has_event(house.loser));
}

TEST_CASE("a displaced event that a person deleted is not restored") {
  Preempted house;
  std::filesystem::remove(house.path_of(house.loser));
  const auto undone = house.admin.undo(house.winner);
  REQUIRE(undone);
  CHECK(undone->restored == std::vector<BookingId>{house.second});
  CHECK(house.stored(house.loser).state == ports::BookingState::cancelled);
  CHECK(house.count_actions("cancelled_externally") == 1);
}

TEST_CASE("a displaced event that a person moved is restored where it is, if that is free") {
  Preempted house;
  house.move_event(house.loser, "10:00-11:00", "19 10:00-11:00");
  SECTION("free") {
    REQUIRE(house.admin.undo(house.winner));
    CHECK(house.stored(house.loser).interval == slot("19 10:00-11:00"));
    CHECK_FALSE(house.chief_agent.book("19 10:00-11:00", "Regular"));
    CHECK(house.chief_agent.book("10:00-11:00", "Regular"));
  }
  SECTION("taken") {
    house.put_event("walk-in", event_file("walk-in", slot("19 10:30-11:30")));
    CHECK(code_of(house.admin.undo(house.winner)) == "STATE_CONFLICT");
    CHECK(house.stored(house.winner).state == ports::BookingState::committed);
  }
}

TEST_CASE("when the winner's event is deleted by hand, what it displaced can still be restored") {
  Preempted house;
  std::filesystem::remove(house.path_of(house.winner));
  REQUIRE(house.lesser.book("15:00-16:00"));  // records it as cancelled
  CHECK(house.stored(house.winner).state == ports::BookingState::cancelled);
  const auto undone = house.admin.undo(house.winner);
  REQUIRE(undone);
  CHECK(undone->restored.size() == 2);
  CHECK(house.chief_agent.told() == std::vector<std::string>{"booking.cancelled"});  // once
  CHECK(code_of(house.admin.undo(house.winner)) == "STATE_CONFLICT");
}

TEST_CASE("restored bookings stand although the calendar can't be changed yet") {
  Preempted house;
  house.providers.steps.changes = false;
  REQUIRE(house.admin.undo(house.winner));
  CHECK(house.owed() == 3);
  CHECK(house.event(house.loser).find("[Displaced]") != std::string::npos);
  CHECK_FALSE(house.chief_agent.book("10:00-10:30", "Regular"));
  CHECK(house.stored(house.loser).state == ports::BookingState::committed);
  house.providers.steps.changes = true;
  REQUIRE(house.lesser.book("15:00-16:00"));
  CHECK(house.owed() == 0);
  CHECK_FALSE(house.has_event(house.winner));
  CHECK(house.event(house.loser).find("[Displaced]") == std::string::npos);
  CHECK(house.count_actions("cancelled_externally") == 0);
}

TEST_CASE("a mark that is still owed when the preemption is undone never comes after") {
  AgentHouse house;
  const Agent lesser = house.scheduler();
  const BookingId loser = lesser.booked("10:00-11:00");
  house.providers.steps.changes = false;
  const auto won = house.chief().book("10:00-11:00", "Important");
  REQUIRE(won);
  REQUIRE(house.owed() == 1);
  REQUIRE(house.admin.undo(won->booking_id));
  house.providers.steps.changes = true;
  house.providers.steps.changes_lost = 1;
  CHECK(house.admin.recover());
  CHECK(house.owed() == 2);  // the winner's event is gone, the displaced one waits in its order
  CHECK(house.admin.recover());
  CHECK(house.owed() == 0);
  CHECK(house.event(loser).find("[Displaced]") == std::string::npos);
  CHECK(house.event(loser).find("TRANSP:OPAQUE") != std::string::npos);
}

TEST_CASE("a change between the read and the commit is seen before anything is undone") {
  Preempted house;
  house.providers.steps.after_read = [&] { house.lesser.booked("10:00-10:30"); };
  CHECK(code_of(house.admin.undo(house.winner)) == "STATE_CONFLICT");
  CHECK(house.stored(house.winner).state == ports::BookingState::committed);
}

}  // namespace
}  // namespace openavail::service::testing
