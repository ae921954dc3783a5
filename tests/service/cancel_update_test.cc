// cancel and update.
#include "service/agent_house.h"

namespace openavail::service::testing {
namespace {

TEST_CASE("a cancelled booking's event is deleted and its time is free") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const auto booked = agent.book("10:00-11:00");
  REQUIRE(booked);
  const auto cancelled = agent.cancel(booked->booking_id);
  REQUIRE(cancelled);
  CHECK(cancelled->booking_id == booked->booking_id);
  CHECK(cancelled->correlation_id == booked->correlation_id);
  CHECK_FALSE(house.has_event(booked->booking_id));
  CHECK(house.owed() == 0);
  CHECK(house.stored(booked->booking_id).state == ports::BookingState::cancelled);
  const json row = house.last_row();
  CHECK(row.at("action") == "cancel");
  CHECK(row.at("kind") == "decision");
  CHECK(row.at("booking_id") == booked->booking_id.text());
  CHECK(agent.told().empty());
  CHECK(agent.book("10:00-11:00"));
}

TEST_CASE("what has started or is cancelled already can't be cancelled") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const BookingId booking = agent.booked("10:00-11:00");
  const BookingId started = agent.booked("12:00-13:00");
  REQUIRE(agent.cancel(booking));
  CHECK(code_of(agent.cancel(booking)) == "BOOKING_NOT_CANCELLABLE");
  house.clock.now_ms = at("11:59").unix_ms;
  const BookingId later = agent.booked("14:00-15:00");
  house.clock.now_ms = at("12:00").unix_ms;
  CHECK(code_of(agent.cancel(started)) == "BOOKING_NOT_CANCELLABLE");
  CHECK(house.has_event(started));
  CHECK(agent.cancel(later));
}

TEST_CASE("whether a booking has started is judged where its event now stands") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const BookingId put_off = agent.booked("10:00-11:00");
  const BookingId brought_forward = agent.booked("16:00-17:00");
  house.move_event(put_off, "10:00-11:00", "15:00-16:00");
  house.move_event(brought_forward, "16:00-17:00", "11:00-12:00");
  house.clock.now_ms = at("11:30").unix_ms;
  CHECK(code_of(agent.cancel(brought_forward)) == "BOOKING_NOT_CANCELLABLE");
  CHECK(agent.cancel(put_off));
  CHECK_FALSE(house.has_event(put_off));
}

TEST_CASE("a displaced booking can be cancelled") {
  AgentHouse house;
  const Agent lesser = house.scheduler();
  const BookingId loser = lesser.booked("10:00-11:00");
  REQUIRE(house.chief().book("10:00-11:00", "Important"));
  REQUIRE(lesser.cancel(loser));
  CHECK_FALSE(house.has_event(loser));
  CHECK(lesser.get(loser)->status == "cancelled");
}

TEST_CASE("any agent of the owner may cancel; the one that booked is told, no other") {
  AgentHouse house;
  const Agent booker = house.scheduler();
  const Agent other = house.agent("Other", {"create_bookings", "read_freebusy"});
  const BookingId booking = booker.booked("10:00-11:00");
  REQUIRE(other.cancel(booking));
  const auto told = house.service.notifications(booker.call());
  REQUIRE(told);
  REQUIRE(told->size() == 1);
  CHECK(told->at(0).kind == "booking.cancelled");
  CHECK(told->at(0).booking_id == booking);
  CHECK(other.told().empty());
}

TEST_CASE("a cancellation stands when the calendar fails; the event goes with the next decision") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const BookingId booking = agent.booked("10:00-11:00");
  house.providers.steps.changes = false;
  REQUIRE(agent.cancel(booking));
  CHECK(house.has_event(booking));
  CHECK(house.owed() == 1);
  CHECK_FALSE(house.operator_lines.empty());
  CHECK(agent.simulate("10:00-11:00")->decision.verdict == arbiter::Verdict::accept);
  house.providers.steps.changes = true;
  REQUIRE(agent.book("14:00-15:00"));
  CHECK_FALSE(house.has_event(booking));
  CHECK(house.owed() == 0);
}

TEST_CASE("an event that a person edits is deleted all the same") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const BookingId booking = agent.booked("10:00-11:00");
  house.edit(booking, "END:VEVENT", "LOCATION:Room 5\r\nEND:VEVENT");
  REQUIRE(agent.cancel(booking));
  CHECK_FALSE(house.has_event(booking));
}

TEST_CASE("a booking that does not exist and one out of scope can't be told apart") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const BookingId booking = agent.booked("10:00-11:00");
  REQUIRE(house.admin.add_owner("omar@example.org", "UTC", {}));
  const Agent stranger =
      house.agent("Stranger", {"read_events", "create_bookings"}, {"omar@example.org"});
  const BookingId unknown("0190a5b4-0000-7000-8000-000000000000");
  for (const BookingId& id : {booking, unknown}) {
    CHECK(code_of(stranger.get(id)) == "BOOKING_NOT_FOUND");
    CHECK(code_of(stranger.cancel(id)) == "BOOKING_NOT_FOUND");
    CHECK(code_of(stranger.rename(id, "Mine")) == "BOOKING_NOT_FOUND");
    CHECK(house.last_row().at("calendar_owner").is_null());
  }
  CHECK(house.has_event(booking));
}

TEST_CASE("an update changes what was named and leaves the rest, a person's edits too") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  BookRequest request;
  request.interval = slot("10:00-11:00");
  request.meeting_class = "Regular";
  request.text = {"Old", "Numbers", {{"omar@example.org", "Omar"}}};
  const BookingId booking = house.service.book(agent.call(), request)->booking_id;
  house.edit(booking, "END:VEVENT", "LOCATION:Room 5\r\nEND:VEVENT");
  const auto renamed = agent.rename(booking, "New");
  REQUIRE(renamed);
  CHECK(renamed->title == "New");
  CHECK(renamed->description == "Numbers");
  CHECK(renamed->interval == slot("10:00-11:00"));
  CHECK(house.last_row().at("action") == "update");
  CHECK(house.last_row().at("kind") == "decision");
  UpdateRequest others;
  others.booking_id = booking;
  others.attendees = std::vector<calendar::Attendee>{{"ann@example.org", ""}};
  others.description = "";
  REQUIRE(house.service.update(agent.call(), others));
  const auto view = agent.get(booking);
  REQUIRE(view);
  CHECK(view->title == "New");
  CHECK(view->description == "");
  REQUIRE(view->attendees.size() == 1);
  CHECK(view->attendees[0].email == "ann@example.org");
  CHECK(house.event(booking).find("LOCATION:Room 5") != std::string::npos);
}

TEST_CASE("an update with a key is made once, and again only if the first one failed") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  UpdateRequest request;
  request.booking_id = agent.booked("10:00-11:00");
  request.title = "First";
  REQUIRE(house.service.update(agent.call("key"), request));
  REQUIRE(agent.rename(request.booking_id, "Later"));
  const auto again = house.service.update(agent.call("key"), request);
  REQUIRE(again);
  CHECK(again->title == "Later");
  CHECK(house.last_row().at("kind") == "access");
  UpdateRequest other = request;
  other.title = "Other";
  CHECK(code_of(house.service.update(agent.call("key"), other)) == "IDEMPOTENCY_CONFLICT");
  CHECK(agent.get(request.booking_id)->title == "Later");

  house.providers.steps.reads = false;
  CHECK(code_of(house.service.update(agent.call("broken"), other)) == "CALENDAR_UNAVAILABLE");
  house.providers.steps.reads = true;
  REQUIRE(house.service.update(agent.call("broken"), other));
  CHECK(agent.get(request.booking_id)->title == "Other");
}

TEST_CASE("an update that names nothing, or whose booking or event is gone, is refused") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const BookingId booking = agent.booked("10:00-11:00");
  UpdateRequest empty;
  empty.booking_id = booking;
  CHECK(code_of(house.service.update(agent.call(), empty)) == "VALIDATION_FAILED");
  const BookingId cancelled = agent.booked("12:00-13:00");
  REQUIRE(agent.cancel(cancelled));
  CHECK(code_of(agent.rename(cancelled, "New")) == "BOOKING_NOT_FOUND");
  std::filesystem::remove(house.path_of(booking));
  CHECK(code_of(agent.rename(booking, "New")) == "BOOKING_NOT_FOUND");
}

TEST_CASE("an update that the calendar does not take leaves its row and one that says so") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const BookingId booking = agent.booked("10:00-11:00");
  house.providers.steps.changes = false;
  const std::size_t before = house.rows().size();
  const auto refused = agent.rename(booking, "New");
  CHECK(code_of(refused) == "CALENDAR_UNAVAILABLE");
  CHECK(details_of(refused).at("calendar_type") == "work");
  CHECK(house.actions_after(before) == std::vector<std::string>{"update", "write_failed"});
  house.providers.steps.changes = true;
  CHECK(agent.get(booking)->title == "Meeting at 10:00-11:00");
}

TEST_CASE("who may not read events gets back only the text that was sent") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const Agent blind = house.agent("Blind", {"create_bookings"});
  const BookingId booking = agent.booked("10:00-11:00");
  UpdateRequest request;
  request.booking_id = booking;
  request.description = "Bring cake";
  const auto view = house.service.update(blind.call(), request);
  REQUIRE(view);
  CHECK_FALSE(view->title);
  CHECK(view->description == "Bring cake");
  CHECK(view->attendees.empty());
}

}  // namespace
}  // namespace openavail::service::testing
