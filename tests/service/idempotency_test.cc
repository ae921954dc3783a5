// Idempotency keys: the same key with the same parameters gets the first outcome again.
#include "service/agent_house.h"

namespace openavail::service::testing {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

TEST_CASE("a repeated booking is the first one, with the text of the repeat, and leaves a replay") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const auto first = agent.book("10:00-11:00", "Regular", "key-1");
  REQUIRE(first);
  const std::size_t before = house.rows().size();
  const auto again = agent.book("10:00-11:00", "Regular", "key-1");
  REQUIRE(again);
  CHECK(again->booking_id == first->booking_id);
  CHECK(again->correlation_id == first->correlation_id);
  CHECK(again->audit_row_id == first->audit_row_id);
  CHECK(again->interval == first->interval);
  CHECK(again->text.title == first->text.title);
  CHECK(house.events() == 1);
  const auto rows = house.rows_after(before);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].at("action") == "replay");
  CHECK(rows[0].at("kind") == "access");
  CHECK(rows[0].at("api_key_id") == agent.key.text());
  CHECK(rows[0].at("subject").at("first_decision") == first->audit_row_id.text());
}

TEST_CASE("a repeated preemption names again what it displaced, though it is over") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const Agent chief = house.chief();
  const BookingId loser = agent.booked("10:00-11:00");
  const auto first = chief.book("10:00-11:00", "Important", "key-1");
  REQUIRE(first);
  REQUIRE(chief.cancel(first->booking_id));
  const auto again = chief.book("10:00-11:00", "Important", "key-1");
  REQUIRE(again);
  CHECK(again->booking_id == first->booking_id);
  REQUIRE(again->displaced.size() == 1);
  CHECK(again->displaced[0].booking_id == loser);
  CHECK_FALSE(house.has_event(first->booking_id));
}

TEST_CASE("a repeated hold, confirm and cancellation change nothing") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const auto hold = agent.hold("10:00-11:00", "hold");
  REQUIRE(hold);
  house.pass(seconds{10});
  const auto held = agent.hold("10:00-11:00", "hold");
  REQUIRE(held);
  CHECK(held->hold_id == hold->hold_id);
  CHECK(held->expires_at == hold->expires_at);
  CHECK(held->expires_in_seconds == 290);
  const auto booked = agent.confirm(hold->hold_id, "10:00-11:00", "confirm");
  REQUIRE(booked);
  const auto confirmed = agent.confirm(hold->hold_id, "10:00-11:00", "confirm");
  REQUIRE(confirmed);
  CHECK(confirmed->booking_id == booked->booking_id);
  CHECK(code_of(agent.confirm(hold->hold_id, "10:00-11:00")) == "HOLD_ALREADY_PROMOTED");
  const auto cancelled = agent.cancel(booked->booking_id, "cancel");
  REQUIRE(cancelled);
  const auto again = agent.cancel(booked->booking_id, "cancel");
  REQUIRE(again);
  CHECK(again->correlation_id == cancelled->correlation_id);
  CHECK(house.last_row().at("action") == "replay");
  CHECK(code_of(agent.cancel(booked->booking_id)) == "BOOKING_NOT_CANCELLABLE");
  CHECK(house.count_actions("cancel") == 2);  // the one that was refused is the second
}

TEST_CASE("arbitration's refusal is repeated as it was, although the time is free by now") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const Agent other = house.scheduler("Second");
  const BookingId booking = other.booked("10:00-11:00");
  const auto first = agent.book("10:00-11:00", "Regular", "book");
  const auto held = agent.hold("10:00-11:00", "hold");
  REQUIRE(other.cancel(booking));
  for (const auto& [before, after] :
       {std::pair{first.error(), agent.book("10:00-11:00", "Regular", "book").error()},
        std::pair{held.error(), agent.hold("10:00-11:00", "hold").error()}}) {
    CHECK(after.wire_code() == "ARBITRATION_REJECTED");
    CHECK(after.details() == before.details());
    CHECK(after.message() == before.message());
    CHECK(after.next() == before.next());
  }
  CHECK(house.last_row().at("action") == "replay");
  CHECK(house.last_row().at("subject").at("first_decision") ==
        held.error().details().at("audit_row_id"));
  CHECK(agent.book("10:00-11:00", "Regular", "another"));
}

TEST_CASE("a key with other parameters is a conflict, text and operation included") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  REQUIRE(agent.book("10:00-11:00", "Regular", "key-1"));
  const auto conflict = [](const auto& result) {
    CHECK(code_of(result) == "IDEMPOTENCY_CONFLICT");
  };
  conflict(agent.book("12:00-13:00", "Regular", "key-1"));
  conflict(agent.book("10:00-11:00", "Important", "key-1"));
  conflict(agent.hold("10:00-11:00", "key-1"));
  BookRequest request{{}, slot("10:00-11:00"), "Regular", titled("Another title")};
  conflict(house.service.book(agent.call("key-1"), request));
  request.text = titled("Meeting at 10:00-11:00");
  request.target.calendar_type = CalendarType::work;
  conflict(house.service.book(agent.call("key-1"), request));
  conflict(agent.cancel(house.stored(agent.book("10:00-11:00", "Regular", "key-1")->booking_id).id,
                        "key-1"));
  CHECK(house.last_row().at("rule_fired") == "IDEMPOTENCY_CONFLICT");
  CHECK(house.last_row().at("kind") == "access");
  CHECK(house.events() == 1);
}

TEST_CASE("a key belongs to its agent, in all of the agent's keys") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const Agent other = house.scheduler("Second");
  const auto first = agent.book("10:00-11:00", "Regular", "key-1");
  REQUIRE(first);
  CHECK(code_of(other.book("10:00-11:00", "Regular", "key-1")) == "ARBITRATION_REJECTED");
  const auto minted = house.admin.mint_key("Scheduler", "second", house.pepper);
  REQUIRE(minted);
  const Agent same{house, agent.id, minted->key.ref, agent.name};
  const auto again = same.book("10:00-11:00", "Regular", "key-1");
  REQUIRE(again);
  CHECK(again->booking_id == first->booking_id);
}

TEST_CASE("an outcome is kept for a day") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const auto first = agent.book("20 10:00-11:00", "Regular", "key-1");
  REQUIRE(first);
  house.pass(hours{24} - seconds{1});
  CHECK(agent.book("20 10:00-11:00", "Regular", "key-1")->booking_id == first->booking_id);
  house.pass(seconds{1});
  CHECK(code_of(agent.book("20 10:00-11:00", "Regular", "key-1")) == "ARBITRATION_REJECTED");
}

TEST_CASE("what is not arbitration's refusal is not kept: the key can be used for a better try") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  SECTION("invalid") { CHECK_FALSE(agent.book("11:00-10:00", "Regular", "key-1")); }
  SECTION("no permission") {
    house.allow(agent, {"read_freebusy"});
    CHECK(code_of(agent.book("10:00-11:00", "Regular", "key-1")) ==
          "permission_denied:create_bookings");
    house.allow(agent, {"create_bookings"});
  }
  SECTION("unreadable calendar") {
    house.providers.steps.reads = false;
    CHECK(code_of(agent.book("10:00-11:00", "Regular", "key-1")) == "CALENDAR_UNAVAILABLE");
    house.providers.steps.reads = true;
  }
  CHECK(agent.book("10:00-11:00", "Regular", "key-1"));
}

TEST_CASE("a call whose first is still running is told to come back, and leaves its row") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  std::string second;
  std::size_t rows = 0;
  house.providers.steps.before_create = [&] {
    rows = house.rows().size();
    second = code_of(agent.book("10:00-11:00", "Regular", "key-1"));
    CHECK(house.actions_after(rows) == std::vector<std::string>{"book"});
    CHECK(house.last_row().at("rule_fired") == "IDEMPOTENCY_IN_FLIGHT");
  };
  const auto first = agent.book("10:00-11:00", "Regular", "key-1");
  REQUIRE(first);
  CHECK(second == "IDEMPOTENCY_IN_FLIGHT");
  CHECK(agent.book("10:00-11:00", "Regular", "key-1")->booking_id == first->booking_id);
  CHECK(house.events() == 1);
}

TEST_CASE("two calls with one key that come together give one booking") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  BookingId inner;
  house.providers.steps.after_read = [&] {
    const auto second = agent.book("10:00-11:00", "Regular", "key-1");
    REQUIRE(second);
    inner = second->booking_id;
  };
  const auto first = agent.book("10:00-11:00", "Regular", "key-1");
  REQUIRE(first);
  CHECK(first->booking_id == inner);
  CHECK(house.events() == 1);
  CHECK(house.last_row().at("action") == "replay");
}

TEST_CASE("a write that the calendar refused frees the key") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  house.providers.steps.create = Outcome::refused;
  CHECK(code_of(agent.book("10:00-11:00", "Regular", "key-1")) == "CALENDAR_UNAVAILABLE");
  house.providers.steps.create = Outcome::passes;
  const auto again = agent.book("10:00-11:00", "Regular", "key-1");
  REQUIRE(again);
  CHECK(house.has_event(again->booking_id));
  CHECK(house.last_row().at("action") == "accept");
}

TEST_CASE("a key whose booking failed is free for other parameters and for other processes") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  house.providers.steps.create = GENERATE(Outcome::refused, Outcome::unknown_lost);
  CHECK(code_of(agent.book("10:00-11:00", "Regular", "key-1")) == "CALENDAR_UNAVAILABLE");
  house.providers.steps.create = Outcome::passes;
  REQUIRE(house.admin.recover());  // has something to settle where the outcome was unknown
  SECTION("other parameters") { CHECK(agent.book("12:00-13:00", "Regular", "key-1")); }
  SECTION("another process, while the first one lives on") {
    const auto store =
        std::move(*store::open_sqlite_store({house.folder.path(), true}, house.entropy));
    AgentService there{house.parts_of(*store)};
    CHECK(there.book(agent.call("key-1"),
                     {{}, slot("10:00-11:00"), "Regular", titled("Meeting at 10:00-11:00")}));
  }
  CHECK(house.events() == 1);
}

TEST_CASE("after an unknown outcome the repeat is told what the calendar says") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  BookingId booking;
  SECTION("the event was written: the repeat is the first booking") {
    house.providers.steps.create = Outcome::unknown_written;
    CHECK(code_of(agent.book("10:00-11:00", "Regular", "key-1")) == "CALENDAR_UNAVAILABLE");
    house.providers.steps.create = Outcome::passes;
    const auto again = agent.book("10:00-11:00", "Regular", "key-1");
    REQUIRE(again);
    CHECK(house.last_row().at("action") == "replay");
    booking = again->booking_id;
  }
  SECTION("it was lost: the repeat is decided anew") {
    house.providers.steps.create = Outcome::unknown_lost;
    CHECK(code_of(agent.book("10:00-11:00", "Regular", "key-1")) == "CALENDAR_UNAVAILABLE");
    house.providers.steps.create = Outcome::passes;
    const auto again = agent.book("10:00-11:00", "Regular", "key-1");
    REQUIRE(again);
    CHECK(house.last_row().at("action") == "accept");
    CHECK(house.count_actions("write_failed") == 1);
    booking = again->booking_id;
  }
  CHECK(house.events() == 1);
  CHECK(house.has_event(booking));
}

TEST_CASE("a key has 1 to 255 bytes, and no text of a call is kept with it") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  CHECK(code_of(agent.book("10:00-11:00", "Regular", std::string(256, 'k'))) ==
        "VALIDATION_FAILED");
  AgentCall empty = agent.call();
  empty.idempotency_key = "";
  CHECK(code_of(house.service.book(empty, {{}, slot("10:00-11:00"), "Regular", {}})) ==
        "VALIDATION_FAILED");
  const std::string key = "Canarykey" + std::string(246, 'k');
  REQUIRE(house.service.book(agent.call(key),
                             {{}, slot("10:00-11:00"), "Regular", titled("Canarytitle")}));
  for (const auto& entry : std::filesystem::directory_iterator(house.folder.path())) {
    if (!entry.is_regular_file()) continue;
    const std::string bytes = openavail::testing::read_file(entry.path().string());
    CHECK(bytes.find("Canarytitle") == std::string::npos);
    CHECK(bytes.find("Canarykey") == std::string::npos);
  }
}

}  // namespace
}  // namespace openavail::service::testing
