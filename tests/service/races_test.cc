// Decisions never rest on stale state: what happens between the read and the commit is seen.
#include "service/agent_house.h"

namespace openavail::service::testing {
namespace {

TEST_CASE("a booking made while the calendars are read is in the way") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const Agent other = house.scheduler("Second");
  house.providers.steps.after_read = [&] { other.booked("10:00-11:00"); };
  const auto refused = agent.book("10:30-11:30");
  CHECK(details_of(refused).at("blocking_reason") == "NO_CAPACITY");
  CHECK(house.events() == 1);
}

TEST_CASE("a hold made while the calendars are read is in the way") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const Agent other = house.scheduler("Second");
  house.providers.steps.after_read = [&] { other.held("10:00-11:00"); };
  CHECK(details_of(agent.hold("10:30-11:30")).at("blocking_reason") == "NO_CAPACITY");
}

TEST_CASE("a booking cancelled while the calendars are read is not taken for one in the way") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const Agent other = house.scheduler("Second");
  const BookingId booking = other.booked("10:00-11:00");
  house.providers.steps.after_read = [&] { REQUIRE(other.cancel(booking)); };
  CHECK(agent.book("10:00-11:00"));
  CHECK(house.count_actions("cancelled_externally") == 0);
}

TEST_CASE("an event written between the read and the commit does not count as deleted") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const Agent other = house.scheduler("Second");
  BookingId made;
  house.providers.steps.before_read = [&] { made = other.booked("14:00-15:00"); };
  REQUIRE(agent.book("10:00-11:00"));
  house.providers.steps.after_read = [&] { other.booked("16:00-17:00"); };
  REQUIRE(agent.book("12:00-13:00"));
  CHECK(house.count_actions("cancelled_externally") == 0);
  CHECK(house.stored(made).state == ports::BookingState::committed);
}

TEST_CASE("rules and classes that change while the calendars are read are those that count") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  house.providers.steps.after_read = [&] { house.working_hours("Mon-Fri 12:00-17:00"); };
  CHECK(details_of(agent.book("10:00-11:00")).at("blocking_reason") == "WORKING_HOURS");
  const Agent chief = house.chief();
  agent.booked("13:00-14:00", "Tentative");
  house.providers.steps.after_read = [&] {
    REQUIRE(house.admin.update_class("Tentative", {}, {}, policy::PreemptPolicy::protected_, {}));
  };
  CHECK(details_of(chief.book("13:00-14:00", "Critical")).at("blocking_reason") ==
        "SACRED_MEETING");
}

TEST_CASE("an owner that keeps moving is locked after three moves, and the answer is right") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const Agent other = house.scheduler("Second");
  int reads = 0;
  bool is_inner = false;
  std::function<void()> step = [&] {
    if (!is_inner) {
      is_inner = true;
      ++reads;
      // Under the lock nobody else gets this far; to try would wait for it in vain.
      if (reads <= limits::kOwnerMovesBeforeLock) {
        other.booked("19 1" + std::to_string(reads) + ":00-1" + std::to_string(reads) + ":30");
      }
      is_inner = false;
    }
    house.providers.steps.after_read = step;
  };
  house.providers.steps.after_read = step;
  CHECK(agent.book("10:00-11:00"));
  CHECK(reads == limits::kOwnerMovesBeforeLock + 1);
  house.providers.steps.after_read = nullptr;
  CHECK(house.events() == limits::kOwnerMovesBeforeLock + 1);
}

TEST_CASE("a booking that is still being written takes its time") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const Agent other = house.scheduler("Second");
  house.providers.steps.before_create = [&] {
    CHECK(details_of(other.book("10:30-11:30")).at("blocking_reason") == "NO_CAPACITY");
    CHECK(details_of(other.hold("10:30-11:30")).at("blocking_reason") == "NO_CAPACITY");
  };
  CHECK(agent.book("10:00-11:00"));
}

TEST_CASE("a hold that is being confirmed is told so, and is not released under its writer") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const HoldId hold = agent.held("10:00-11:00");
  house.providers.steps.before_create = [&] {
    CHECK(code_of(agent.confirm(hold, "10:00-11:00")) == "HOLD_ALREADY_PROMOTED");
    CHECK(code_of(agent.release(hold)) == "HOLD_ALREADY_PROMOTED");
  };
  CHECK(agent.confirm(hold, "10:00-11:00"));
  CHECK(house.events() == 1);
}

TEST_CASE("two that want one hold's slot in turn: the hold wins, then its booking") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const Agent other = house.scheduler("Second");
  const HoldId hold = agent.held("10:00-11:00");
  house.providers.steps.after_read = [&] {
    CHECK(reason_of(other.book("10:00-11:00")) == "COUNTER_PROPOSED");
  };
  CHECK(agent.confirm(hold, "10:00-11:00"));
  CHECK(reason_of(other.book("10:00-11:00")) == "COUNTER_PROPOSED");
}

}  // namespace
}  // namespace openavail::service::testing
