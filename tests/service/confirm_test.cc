// confirm: a hold becomes a booking.
#include "service/agent_house.h"

namespace openavail::service::testing {
namespace {

using std::chrono::seconds;

TEST_CASE("a candidate hold is confirmed with exactly its own start and end") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const HoldId hold = agent.held("10:00-11:00");
  for (const char* other : {"10:00-10:30", "10:15-11:15", "10:00-11:15", "12:00-13:00"}) {
    CAPTURE(other);
    CHECK(code_of(agent.confirm(hold, other)) == "SLOT_OUTSIDE_HOLD");
  }
  CHECK(house.stored(hold).state == ports::HoldState::live);
  const auto booked = agent.confirm(hold, "10:00-11:00");
  REQUIRE(booked);
  CHECK(booked->interval == slot("10:00-11:00"));
  CHECK(booked->correlation_id == hold.text());
  CHECK(house.has_event(booked->booking_id));
  CHECK(house.events() == 1);
  const ports::Hold kept = house.stored(hold);
  CHECK(kept.state == ports::HoldState::promoted);
  CHECK(kept.booking_id == booked->booking_id);
  const json row = house.last_row();
  CHECK(row.at("action") == "accept");
  CHECK(row.at("decision_id") == booked->audit_row_id.text());
  CHECK(row.at("hold_id") == hold.text());
  CHECK(row.at("booking_id") == booked->booking_id.text());
}

TEST_CASE("a window hold is confirmed anywhere inside it, on the grid or off it") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const auto window = [&] { return agent.hold_window("13:00-17:00", 45)->hold_id; };
  const HoldId hold = window();
  for (const char* other : {"13:00-14:00", "13:00-13:30", "12:45-13:30", "16:30-17:15"}) {
    CAPTURE(other);
    CHECK(code_of(agent.confirm(hold, other)) == "SLOT_OUTSIDE_HOLD");
  }
  for (const char* inside : {"13:00-13:45", "16:15-17:00", "14:07-14:52"}) {
    CAPTURE(inside);
    const HoldId fresh = house.stored(hold).state == ports::HoldState::live ? hold : window();
    const auto booked = agent.confirm(fresh, inside);
    REQUIRE(booked);
    CHECK(booked->interval == slot(inside));
    CHECK(house.stored(fresh).state == ports::HoldState::promoted);
    REQUIRE(agent.cancel(booked->booking_id));
  }
}

TEST_CASE("a confirmed hold gives back what it does not need") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const Agent other = house.scheduler("Second");
  const auto window = agent.hold_window("13:00-17:00", 60);
  REQUIRE(window);
  CHECK_FALSE(other.book("15:00-16:00"));
  REQUIRE(agent.confirm(window->hold_id, "13:00-14:00"));
  CHECK(other.book("15:00-16:00"));
}

TEST_CASE("a hold whose time is over can't be confirmed, from its very end on") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const HoldId hold = agent.held("10:00-11:00");
  house.pass(seconds{300});
  CHECK(code_of(agent.confirm(hold, "10:00-11:00")) == "HOLD_EXPIRED");
  REQUIRE(agent.book("12:00-13:00"));  // writes the expiry
  CHECK(code_of(agent.confirm(hold, "10:00-11:00")) == "HOLD_EXPIRED");
  CHECK(house.events() == 1);
}

TEST_CASE("a hold is confirmed once") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const HoldId hold = agent.held("10:00-11:00");
  REQUIRE(agent.confirm(hold, "10:00-11:00"));
  CHECK(code_of(agent.confirm(hold, "10:00-11:00")) == "HOLD_ALREADY_PROMOTED");
  CHECK(house.events() == 1);
}

TEST_CASE("a rejected confirm leaves the hold live, and offers times inside the hold first") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const HoldId hold = agent.hold_window("13:00-16:00", 60)->hold_id;
  house.put_event("walk-in", event_file("walk-in", slot("13:00-14:00")));
  const auto refused = agent.confirm(hold, "13:00-14:00");
  CHECK(reason_of(refused) == "COUNTER_PROPOSED");
  const json alternatives = details_of(refused).at("alternatives");
  REQUIRE(alternatives.size() == 5);
  CHECK(alternatives[0].at("start") == "2027-01-18T14:00:00Z");
  for (const json& each : alternatives) {
    CHECK(each.at("start") >= "2027-01-18T14:00:00Z");
    CHECK(each.at("end") <= "2027-01-18T16:00:00Z");
    CHECK(each.at("reason_code") == "suggested_alternative");
  }
  CHECK(house.stored(hold).state == ports::HoldState::live);
  CHECK(house.last_row().at("action") == "counter");
  CHECK(house.last_row().at("hold_id") == hold.text());
  CHECK(agent.confirm(hold, "14:00-15:00"));
}

TEST_CASE("a confirm keeps the rules of the moment, not those of the hold") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const HoldId hold = agent.held("10:00-11:00");
  house.working_hours("Mon-Fri 12:00-17:00");
  const auto refused = agent.confirm(hold, "10:00-11:00");
  CHECK(details_of(refused).at("blocking_reason") == "WORKING_HOURS");
  CHECK(house.stored(hold).state == ports::HoldState::live);
}

TEST_CASE("a title that is left out becomes the name of the hold's class") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const HoldId hold = agent.held("10:00-11:00", "Important");
  const auto booked = house.service.confirm(agent.call(), {hold, slot("10:00-11:00"), {}});
  REQUIRE(booked);
  CHECK(booked->text.title == "Important");
  CHECK(house.event(booked->booking_id).find("SUMMARY:Important") != std::string::npos);
  CHECK(house.stored(booked->booking_id).class_id ==
        (*house.store->begin(ports::Access::read))->find_class_by_name("Important")->value().id);
}

}  // namespace
}  // namespace openavail::service::testing
