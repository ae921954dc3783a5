// hold and release.
#include "service/agent_house.h"

namespace openavail::service::testing {
namespace {

using std::chrono::seconds;

TEST_CASE("a candidate hold lives for the owner's hold time and keeps the slot from others") {
  AgentHouse house;
  const Agent one = house.scheduler();
  const Agent two = house.chief();
  const auto made = one.hold("10:00-11:00");
  REQUIRE(made);
  CHECK(made->scope == ports::HoldScope::candidate);
  CHECK(made->held_window == slot("10:00-11:00"));
  CHECK(made->expires_at == at("08:05"));
  CHECK(made->expires_in_seconds == 300);
  CHECK(made->resolved_calendar_type == CalendarType::work);
  const json row = house.last_row();
  CHECK(row.at("action") == "accept");
  CHECK(row.at("kind") == "decision");
  CHECK(row.at("hold_id") == made->hold_id.text());
  CHECK(house.events() == 0);

  const auto refused = two.book("10:30-11:30", "Critical");
  CHECK(reason_of(refused) == "COUNTER_PROPOSED");
  CHECK(details_of(refused).at("blocking_reason") == "NO_CAPACITY");
  CHECK(refused.error().message().find(made->hold_id.text()) == std::string::npos);
  CHECK(two.book("11:00-11:30"));
}

TEST_CASE("the hold time is the owner's rule") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  house.rules(
      [](policy::RuleLayer& layer) { layer.hold_ttl_seconds = policy::Field<int>::of(90); });
  const auto made = agent.hold("10:00-11:00");
  REQUIRE(made);
  CHECK(made->expires_in_seconds == 90);
  CHECK(house.stored(made->hold_id).until == at("08:00") + seconds{90});
}

TEST_CASE("a window hold closes its whole window when one placement would pass") {
  AgentHouse house;
  const Agent one = house.scheduler();
  const Agent two = house.scheduler("Second");
  house.put_event("lunch", event_file("lunch", slot("12:00-13:00")));
  const auto made = one.hold_window("11:00-14:00", 60);
  REQUIRE(made);
  CHECK(made->scope == ports::HoldScope::window);
  CHECK(made->held_window == slot("11:00-14:00"));
  CHECK(details_of(two.book("13:30-13:45")).at("blocking_reason") == "NO_CAPACITY");
  CHECK(code_of(two.hold_window("13:00-15:00", 30)) == "ARBITRATION_REJECTED");
  CHECK(two.hold_window("14:00-15:00", 30));
  CHECK(code_of(two.hold_window("12:00-13:00", 30)) == "ARBITRATION_REJECTED");
}

TEST_CASE("a window hold that is too long, too narrow or past is refused with its own code") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  CHECK(code_of(agent.hold_window("09:00-17:01", 60)) == "VALIDATION_FAILED");
  CHECK(agent.hold_window("09:00-17:00", 60));
  const auto narrow = agent.hold_window("18:00-18:30", 45);
  CHECK(code_of(narrow) == "WINDOW_TOO_NARROW");
  CHECK(details_of(narrow).at("window_duration_minutes") == 30);
  CHECK(details_of(narrow).at("required_duration_minutes") == 45);
  CHECK(code_of(agent.hold("07:59-08:30")) == "PAST_TIME");
  CHECK(agent.hold("08:00-08:30"));
  CHECK(code_of(agent.hold("18:00-18:00")) == "VALIDATION_FAILED");
}

TEST_CASE("an expired hold frees its slot and is written once, by the next decision") {
  AgentHouse house;
  const Agent one = house.scheduler();
  const Agent two = house.scheduler("Second");
  const HoldId hold = one.held("10:00-11:00");
  house.pass(seconds{299});
  CHECK(code_of(two.hold("10:00-11:00")) == "ARBITRATION_REJECTED");
  CHECK(house.count_actions("hold_expired") == 0);
  house.pass(seconds{1});
  std::size_t before = house.rows().size();
  REQUIRE(two.book("10:00-11:00"));
  const auto rows = house.rows_after(before);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].at("action") == "hold_expired");
  CHECK(rows[0].at("api_key_id").is_null());
  CHECK(rows[0].at("kind") == "decision");
  CHECK(rows[0].at("hold_id") == hold.text());
  CHECK(rows[1].at("action") == "accept");
  CHECK(house.stored(hold).state == ports::HoldState::expired);
  before = house.rows().size();
  REQUIRE(two.book("12:00-13:00"));
  CHECK(house.actions_after(before) == std::vector<std::string>{"accept"});
}

TEST_CASE(
    "whatever changes something for the owner next writes the expiry, a plain read does not") {
  AgentHouse house;
  const Agent one = house.scheduler();
  const Agent two = house.scheduler("Second");
  const BookingId booking = two.booked("12:00-13:00");
  const HoldId other = two.held("14:00-15:00");
  const HoldId hold = one.held("10:00-11:00");
  house.pass(seconds{300});
  REQUIRE(one.list());
  REQUIRE(one.simulate("10:00-11:00"));
  CHECK(house.count_actions("hold_expired") == 0);
  SECTION("a release, also of the expired hold itself") {
    REQUIRE(one.release(hold));
    CHECK(house.stored(hold).state == ports::HoldState::expired);
  }
  SECTION("a cancellation") { REQUIRE(two.cancel(booking)); }
  SECTION("an update") { REQUIRE(two.rename(booking, "Other")); }
  SECTION("a refused booking") { CHECK_FALSE(one.book("12:00-13:00")); }
  CHECK(house.count_actions("hold_expired") == 2);
  CHECK(house.stored(hold).state == ports::HoldState::expired);
  CHECK(house.stored(other).state == ports::HoldState::expired);
  REQUIRE(one.book("16:00-17:00"));
  CHECK(house.count_actions("hold_expired") == 2);
}

TEST_CASE("an agent has at most twenty live holds; one that ends makes room") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const Agent other = house.scheduler("Second");
  HoldId last;
  for (int hour = 0; hour < limits::kLiveHoldsPerAgentMax; ++hour) {
    last = agent.held("19 " + std::string(hour < 10 ? "0" : "") + std::to_string(hour) + ":00-" +
                      (hour < 10 ? "0" : "") + std::to_string(hour) + ":30");
  }
  const auto refused = agent.hold("20 10:00-11:00");
  CHECK(code_of(refused) == "RATE_LIMITED");
  CHECK(house.last_row().at("kind") == "access");
  CHECK(other.hold("20 10:00-11:00"));
  REQUIRE(agent.release(last));
  CHECK(agent.hold("20 12:00-13:00"));
  CHECK(code_of(agent.hold("20 14:00-15:00")) == "RATE_LIMITED");
  house.pass(seconds{300});
  CHECK(agent.hold("20 14:00-15:00"));
}

TEST_CASE("an agent's own hold blocks its other requests, and the answer names it") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const HoldId hold = agent.held("10:00-11:00");
  for (const auto& error : {agent.book("10:00-11:00").error(), agent.hold("10:00-11:00").error()}) {
    CHECK(error.wire_code() == "ARBITRATION_REJECTED");
    CHECK(error.details().at("blocking_reason") == "NO_CAPACITY");
    CHECK(error.message().find(hold.text()) != std::string::npos);
    CHECK(error.next().find("confirm or release") != std::string::npos);
  }
}

TEST_CASE("a hold over a displaceable booking needs preempt and displaces nothing yet") {
  AgentHouse house;
  const Agent owner_of_it = house.scheduler();
  const Agent plain = house.scheduler("Plain");
  const Agent chief = house.chief();
  const BookingId lesser = owner_of_it.booked("10:00-11:00", "Tentative");
  const auto refused = plain.hold("10:00-11:00");
  CHECK(details_of(refused).at("blocking_reason") == "PERMISSION_DENIED_PREEMPT");
  const auto made = chief.hold("10:00-11:00");
  REQUIRE(made);
  CHECK(house.last_row().at("action") == "accept");
  CHECK(house.last_row().at("displaced_booking_ids").empty());
  CHECK(house.stored(lesser).state == ports::BookingState::committed);
  const auto booked = chief.confirm(made->hold_id, "10:00-11:00");
  REQUIRE(booked);
  REQUIRE(booked->displaced.size() == 1);
  CHECK(booked->displaced[0].booking_id == lesser);
  CHECK(house.stored(lesser).state == ports::BookingState::needs_reschedule);
}

TEST_CASE("a released hold is gone; releasing it again changes nothing") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const Agent other = house.scheduler("Second");
  const HoldId hold = agent.held("10:00-11:00");
  REQUIRE(agent.release(hold));
  CHECK(house.last_row().at("action") == "release");
  CHECK(house.last_row().at("kind") == "decision");
  CHECK(house.last_row().at("hold_id") == hold.text());
  CHECK(house.stored(hold).state == ports::HoldState::released);
  CHECK(other.book("10:00-11:00"));
  CHECK(agent.release(hold));
  CHECK(code_of(agent.confirm(hold, "10:00-11:00")) == "HOLD_NOT_FOUND");
  const HoldId confirmed = agent.held("12:00-13:00");
  REQUIRE(agent.confirm(confirmed, "12:00-13:00"));
  CHECK(code_of(agent.release(confirmed)) == "HOLD_ALREADY_PROMOTED");
}

TEST_CASE("another agent's hold, an unknown one and one out of scope can't be told apart") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const Agent other = house.scheduler("Second");
  const HoldId hold = agent.held("10:00-11:00");
  const HoldId unknown("0190a5b4-0000-7000-8000-000000000000");
  for (const HoldId& id : {hold, unknown}) {
    const auto released = other.release(id);
    REQUIRE_FALSE(released);
    CHECK(released.error().wire_code() == "HOLD_NOT_FOUND");
    CHECK(released.error().message() == other.confirm(id, "10:00-11:00").error().message());
  }
  CHECK(house.stored(hold).state == ports::HoldState::live);
  REQUIRE(house.admin.add_owner("omar@example.org", "UTC", {}));
  REQUIRE(house.admin.update_agent("Scheduler", {}, std::vector<std::string>{"omar@example.org"}));
  CHECK(code_of(agent.release(hold)) == "HOLD_NOT_FOUND");
  CHECK(code_of(agent.confirm(hold, "10:00-11:00")) == "HOLD_NOT_FOUND");
}

TEST_CASE("a clock set back neither lengthens a hold nor reorders rows") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const Agent other = house.scheduler("Second");
  const HoldId hold = agent.held("10:00-11:00");
  house.pass(seconds{299});
  REQUIRE(other.book("15:00-16:00"));
  house.clock.now_ms = at("07:00").unix_ms;
  const auto second = agent.hold("12:00-13:00");
  REQUIRE(second);
  CHECK(second->expires_at == at("08:00") + seconds{299 + 300});
  CHECK(code_of(other.hold("07:30-07:45")) == "PAST_TIME");
  house.clock.now_ms = at("08:05").unix_ms;
  CHECK(code_of(agent.confirm(hold, "10:00-11:00")) == "HOLD_EXPIRED");
  std::string latest;
  for (const json& row : house.rows()) {
    const std::string stamp = row.at("timestamp");
    CHECK(latest <= stamp);
    latest = stamp;
  }
}

}  // namespace
}  // namespace openavail::service::testing
