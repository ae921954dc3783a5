// What is displaced: seen in the calendar, in the store, and by its agent.
#include "service/agent_house.h"

namespace openavail::service::testing {
namespace {

TEST_CASE("a displaced event is shown as free with its mark, and its booking needs another time") {
  AgentHouse house;
  const Agent lesser = house.scheduler();
  const Agent chief = house.chief();
  const BookingId loser = lesser.booked("10:00-11:00");
  const auto won = chief.book("10:30-11:30", "Important");
  REQUIRE(won);
  REQUIRE(won->displaced.size() == 1);
  CHECK(won->displaced[0].booking_id == loser);
  CHECK(won->displaced[0].interval == slot("10:00-11:00"));
  CHECK(won->displaced[0].meeting_class == "Regular");
  CHECK(won->displaced[0].title == "Meeting at 10:00-11:00");
  const json row = house.last_row();
  CHECK(row.at("action") == "preempt");
  CHECK(row.at("displaced_booking_ids") == json::array({loser.text()}));
  const std::string text = house.event(loser);
  CHECK(text.find("SUMMARY:[Displaced] Meeting at") != std::string::npos);
  CHECK(text.find("TRANSP:TRANSPARENT") != std::string::npos);
  const ports::Booking stored = house.stored(loser);
  CHECK(stored.state == ports::BookingState::needs_reschedule);
  CHECK(stored.displaced_by == won->booking_id);
  CHECK(house.owed() == 0);
  CHECK(lesser.get(loser)->status == "needs_reschedule");
  CHECK(lesser.book("10:00-10:30"));  // what the winner does not need is free
}

TEST_CASE("the agent of a reschedulable booking is told, that of a replaceable one is not") {
  AgentHouse house;
  const Agent regular = house.scheduler();
  const Agent tentative = house.scheduler("Second");
  const Agent chief = house.chief();
  const BookingId first = regular.booked("10:00-11:00", "Regular");
  const BookingId second = tentative.booked("11:00-12:00", "Tentative");
  const auto won = chief.book("10:00-12:00", "Critical");
  REQUIRE(won);
  CHECK(won->displaced.size() == 2);
  const auto told = house.service.notifications(regular.call());
  REQUIRE(told);
  REQUIRE(told->size() == 1);
  CHECK(told->at(0).kind == "booking.displaced");
  CHECK(told->at(0).booking_id == first);
  CHECK(told->at(0).winner == won->booking_id);
  CHECK(told->at(0).interval == slot("10:00-11:00"));
  CHECK(told->at(0).meeting_class == "Regular");
  CHECK(told->at(0).owner_email == kJane);
  CHECK(tentative.told().empty());
  CHECK(chief.told().empty());
  CHECK(house.stored(second).state == ports::BookingState::needs_reschedule);
}

TEST_CASE("equal and higher tiers, protected classes and old meetings stay") {
  AgentHouse house;
  const Agent lesser = house.scheduler();
  const Agent chief = house.chief();
  lesser.booked("10:00-11:00", "Important");
  CHECK(details_of(chief.book("10:00-11:00", "Important")).at("blocking_reason") == "NO_CAPACITY");
  CHECK(details_of(chief.book("10:00-11:00", "Regular")).at("blocking_reason") == "NO_CAPACITY");
  REQUIRE(house.admin.update_class("Tentative", {}, {}, policy::PreemptPolicy::protected_, {}));
  lesser.booked("12:00-13:00", "Tentative");
  CHECK(details_of(chief.book("12:00-13:00", "Critical")).at("blocking_reason") ==
        "SACRED_MEETING");
  REQUIRE(house.admin.update_class("Tentative", {}, {}, policy::PreemptPolicy::replaceable, {}));
  house.rules(
      [](policy::RuleLayer& layer) { layer.sacred_meeting_age_hours = policy::Field<int>::of(1); });
  house.pass(std::chrono::seconds{3600});
  CHECK(details_of(chief.book("12:00-13:00", "Critical")).at("blocking_reason") ==
        "SACRED_MEETING");
  CHECK(lesser.told().empty());
}

TEST_CASE("an agent without preempt is told that a lesser meeting is in the way") {
  AgentHouse house;
  const Agent lesser = house.scheduler();
  lesser.booked("10:00-11:00", "Tentative");
  const auto refused = lesser.book("10:00-11:00", "Critical");
  CHECK(details_of(refused).at("blocking_reason") == "PERMISSION_DENIED_PREEMPT");
  CHECK(house.events() == 1);
}

TEST_CASE("titles of what was displaced are for who may read events") {
  AgentHouse house;
  const Agent lesser = house.scheduler();
  const Agent blind = house.agent("Blind", {"create_bookings", "preempt"});
  lesser.booked("10:00-11:00", "Tentative");
  const auto won = blind.book("10:00-11:00", "Critical");
  REQUIRE(won);
  REQUIRE(won->displaced.size() == 1);
  CHECK_FALSE(won->displaced[0].title);
}

TEST_CASE("what a person put into a displaced event stays, and the mark is put on once") {
  AgentHouse house;
  const Agent lesser = house.scheduler();
  const Agent chief = house.chief();
  const BookingId loser = lesser.booked("10:00-11:00");
  house.edit(loser, "END:VEVENT", "LOCATION:Room 5\r\nX-NOTE:bring cake\r\nEND:VEVENT");
  REQUIRE(chief.book("10:00-11:00", "Important"));
  REQUIRE(lesser.rename(loser, "New name"));
  const std::string text = house.event(loser);
  CHECK(text.find("LOCATION:Room 5") != std::string::npos);
  CHECK(text.find("X-NOTE:bring cake") != std::string::npos);
  CHECK(text.find("SUMMARY:[Displaced] New name") != std::string::npos);
  CHECK(text.find("TRANSP:TRANSPARENT") != std::string::npos);
}

TEST_CASE("a displaced event that a person makes busy again takes its time") {
  AgentHouse house;
  const Agent lesser = house.scheduler();
  const Agent chief = house.chief();
  const BookingId loser = lesser.booked("10:00-11:00");
  const auto won = chief.book("10:00-11:00", "Important");
  REQUIRE(won);
  REQUIRE(chief.cancel(won->booking_id));
  CHECK(lesser.simulate("10:00-11:00")->decision.verdict == arbiter::Verdict::accept);
  house.edit(loser, "TRANSP:TRANSPARENT", "TRANSP:OPAQUE");
  CHECK(lesser.simulate("10:00-11:00")->decision.blocking_reason == arbiter::Reason::no_capacity);
}

}  // namespace
}  // namespace openavail::service::testing
