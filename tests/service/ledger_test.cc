// Decide, record, act, record: what stands when the calendar refuses a write, or its outcome is
// unknown, or the log can't be written.
#include "service/agent_house.h"
#include "service/reading.h"

namespace openavail::service::testing {
namespace {

using ports::BookingState;
using ports::HoldState;

TEST_CASE("a refused write leaves a failed booking, a row that says so, and everything as it was") {
  AgentHouse house;
  const Agent lesser = house.scheduler();
  const Agent chief = house.chief();
  const BookingId loser = lesser.booked("10:00-11:00");
  house.providers.steps.create = Outcome::refused;
  const std::size_t before = house.rows().size();
  const auto refused = chief.book("10:00-11:00", "Important");
  CHECK(code_of(refused) == "CALENDAR_UNAVAILABLE");
  CHECK(details_of(refused).at("cause") == "unwritable");
  CHECK(details_of(refused).at("calendar_type") == "work");
  CHECK_FALSE(details_of(refused).contains("outcome"));
  const auto rows = house.rows_after(before);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].at("action") == "preempt");
  CHECK(rows[1].at("action") == "write_failed");
  CHECK(rows[1].at("kind") == "decision");
  CHECK(rows[1].at("api_key_id").is_null());
  CHECK(rows[1].at("subject").at("decision") == rows[0].at("decision_id"));
  CHECK(house.stored(BookingId(rows[0].at("booking_id"))).state == BookingState::failed);
  CHECK(house.stored(loser).state == BookingState::committed);
  CHECK_FALSE(house.stored(loser).displaced_by);
  CHECK(house.event(loser).find("[Displaced]") == std::string::npos);
  CHECK(lesser.told().empty());
  CHECK(house.owed() == 0);
  house.providers.steps.create = Outcome::passes;
  CHECK(chief.book("10:00-11:00", "Important"));
}

TEST_CASE("a failed booking is shown to no one") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  house.providers.steps.create = Outcome::refused;
  CHECK_FALSE(agent.book("10:00-11:00"));
  const BookingId failed(house.rows().at(house.rows().size() - 2).at("booking_id"));
  CHECK(code_of(agent.get(failed)) == "BOOKING_NOT_FOUND");
  CHECK(code_of(agent.cancel(failed)) == "BOOKING_NOT_FOUND");
  CHECK(agent.list()->bookings.empty());
}

TEST_CASE("a hold whose confirmation the calendar refused is live again") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const Agent other = house.scheduler("Second");
  const HoldId hold = agent.held("10:00-11:00");
  house.providers.steps.create = Outcome::refused;
  CHECK(code_of(agent.confirm(hold, "10:00-11:00")) == "CALENDAR_UNAVAILABLE");
  CHECK(house.stored(hold).state == HoldState::live);
  CHECK_FALSE(house.stored(hold).booking_id);
  CHECK_FALSE(other.book("10:00-11:00"));
  house.providers.steps.create = Outcome::passes;
  CHECK(agent.confirm(hold, "10:00-11:00"));
}

TEST_CASE("a hold whose time ran out while its write failed is expired, and that is written") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const HoldId hold = agent.held("10:00-11:00");
  house.providers.steps.create = Outcome::refused;
  house.providers.steps.before_create = [&] { house.pass(std::chrono::seconds{300}); };
  CHECK_FALSE(agent.confirm(hold, "10:00-11:00"));
  house.providers.steps.create = Outcome::passes;
  REQUIRE(agent.book("10:00-11:00"));
  CHECK(house.stored(hold).state == HoldState::expired);
  CHECK(house.count_actions("hold_expired") == 1);
  CHECK(code_of(agent.confirm(hold, "10:00-11:00")) == "HOLD_EXPIRED");
}

// A writer that was killed or timed out, as the store shows it.
struct Unknown : AgentHouse {
  Agent lesser = scheduler();
  Agent chief_agent = chief();
  BookingId loser = lesser.booked("10:00-11:00");
  BookingId winner;

  void write(Outcome outcome) {
    providers.steps.create = outcome;
    const auto refused = chief_agent.book("10:00-11:00", "Important");
    CHECK(code_of(refused) == "CALENDAR_UNAVAILABLE");
    CHECK(details_of(refused).at("cause") == "timeout");
    providers.steps.create = Outcome::passes;
    winner = BookingId(last_row().at("booking_id"));
    CHECK(stored(winner).state == BookingState::writing);
    CHECK(stored(loser).state == BookingState::displacing);
  }
};

TEST_CASE("while the outcome of a write is unknown and can't be asked, its slot stays taken") {
  Unknown house;
  house.write(Outcome::unknown_written);
  house.providers.steps.looks = false;
  const auto refused = house.lesser.book("10:00-11:00");
  CHECK(code_of(refused) == "CALENDAR_UNAVAILABLE");
  CHECK(details_of(refused).at("calendar_type") == "work");
  CHECK(house.stored(house.winner).state == BookingState::writing);
  CHECK(house.stored(house.loser).state == BookingState::displacing);
}

TEST_CASE("what a suspended calendar does not show is not taken for never written") {
  Unknown house;
  house.write(Outcome::unknown_written);
  const std::string text = house.event(house.winner);
  std::filesystem::remove(house.path_of(house.winner));
  REQUIRE(suspend_calendar(house.parts(), house.stored(house.winner).calendar_id));
  const auto refused = house.admin.recover();
  CHECK(code_of(refused) == "CALENDAR_UNAVAILABLE");
  CHECK(details_of(refused).at("cause") == "changed_identity");
  CHECK(house.stored(house.winner).state == BookingState::writing);
  CHECK(house.stored(house.loser).state == BookingState::displacing);
  CHECK(house.count_actions("write_failed") == 0);
  // The folder is back, and a person has looked.
  openavail::testing::write_file(house.path_of(house.winner), text);
  REQUIRE(house.admin.check_calendars(kJane, true));
  REQUIRE(house.admin.recover());
  CHECK(house.stored(house.winner).state == BookingState::committed);
  CHECK(house.stored(house.loser).state == BookingState::needs_reschedule);
}

TEST_CASE("recovery finds the event there: the booking is committed and all that follows is done") {
  Unknown house;
  house.write(Outcome::unknown_written);
  SECTION("by the next decision of the owner") { REQUIRE(house.lesser.book("15:00-16:00")); }
  SECTION("by a search") { REQUIRE(house.lesser.search("15:00-16:00", 30)); }
  SECTION("by an administrator") { CHECK(*house.admin.recover() > 0); }
  const ports::Booking booking = house.stored(house.winner);
  CHECK(booking.state == BookingState::committed);
  CHECK(booking.committed_at);
  CHECK_FALSE(booking.writer);
  CHECK_FALSE(booking.content_hash.empty());
  CHECK(house.stored(house.loser).state == BookingState::needs_reschedule);
  CHECK(house.event(house.loser).find("[Displaced]") != std::string::npos);
  CHECK(house.lesser.told() == std::vector<std::string>{"booking.displaced"});
  CHECK(house.owed() == 0);
  CHECK(house.count_actions("write_failed") == 0);
}

TEST_CASE(
    "recovery finds the event certainly absent: the booking failed, the displaced one stays") {
  Unknown house;
  house.write(Outcome::unknown_lost);
  REQUIRE(house.lesser.book("15:00-16:00"));
  CHECK(house.stored(house.winner).state == BookingState::failed);
  CHECK(house.stored(house.loser).state == BookingState::committed);
  CHECK(house.event(house.loser).find("[Displaced]") == std::string::npos);
  CHECK(house.lesser.told().empty());
  CHECK(house.count_actions("write_failed") == 1);
  CHECK(house.chief_agent.book("10:00-11:00", "Important"));
}

TEST_CASE("a hold whose confirmation has an unknown outcome is settled by the next try") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const HoldId hold = agent.held("10:00-11:00");
  SECTION("lost: the hold is live again, and the try is the confirmation") {
    house.providers.steps.create = Outcome::unknown_lost;
    CHECK_FALSE(agent.confirm(hold, "10:00-11:00"));
    CHECK(house.stored(hold).state == HoldState::promoting);
    house.providers.steps.create = Outcome::passes;
    CHECK(agent.confirm(hold, "10:00-11:00"));
    CHECK(house.count_actions("write_failed") == 1);
  }
  SECTION("lost, and released instead") {
    house.providers.steps.create = Outcome::unknown_lost;
    CHECK_FALSE(agent.confirm(hold, "10:00-11:00"));
    house.providers.steps.create = Outcome::passes;
    CHECK(agent.release(hold));
    CHECK(house.stored(hold).state == HoldState::released);
    CHECK(agent.book("10:00-11:00"));
  }
  SECTION("lost, and over by now") {
    house.providers.steps.create = Outcome::unknown_lost;
    CHECK_FALSE(agent.confirm(hold, "10:00-11:00"));
    house.providers.steps.create = Outcome::passes;
    house.pass(std::chrono::seconds{300});
    CHECK(code_of(agent.confirm(hold, "10:00-11:00")) == "HOLD_EXPIRED");
    CHECK(agent.book("10:00-11:00"));
    CHECK(house.count_actions("hold_expired") == 1);
  }
  SECTION("written: it is promoted") {
    house.providers.steps.create = Outcome::unknown_written;
    CHECK_FALSE(agent.confirm(hold, "10:00-11:00"));
    house.providers.steps.create = Outcome::passes;
    CHECK(code_of(agent.confirm(hold, "10:00-11:00")) == "HOLD_ALREADY_PROMOTED");
    CHECK(house.stored(hold).state == HoldState::promoted);
    CHECK(agent.list()->bookings.size() == 1);
  }
  CHECK(house.events() <= 1);
}

TEST_CASE("one calendar that can't be asked does not keep recovery from the others") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const std::string personal = house.calendar_folder("personal");
  house.add_calendar(CalendarType::personal, personal);
  // Both are being written when they are lost.
  BookingId inner;
  house.providers.steps.create = Outcome::unknown_lost;
  house.providers.steps.before_create = [&] {
    CHECK_FALSE(house.service.book(
        agent.call(), {{{}, CalendarType::personal}, slot("12:00-13:00"), "Regular", {}}));
    inner = BookingId(house.last_row().at("booking_id"));
  };
  CHECK_FALSE(agent.book("10:00-11:00"));
  const std::vector<ports::Booking> unsettled =
      *(*house.store->begin(ports::Access::read))->unsettled_bookings(std::nullopt);
  REQUIRE(unsettled.size() == 2);
  house.providers.steps.unseen = house.work;
  CHECK(code_of(house.admin.recover()) == "CALENDAR_UNAVAILABLE");
  CHECK(house.stored(unsettled[0].id).state == BookingState::writing);
  CHECK(house.stored(inner).state == BookingState::failed);
  house.providers.steps.unseen.clear();
  CHECK(house.admin.recover() == 1);
  CHECK(house.stored(unsettled[0].id).state == BookingState::failed);
}

TEST_CASE("a booking that is being displaced is cancelled once that is settled") {
  Unknown house;
  SECTION("the winner was written") {
    house.write(Outcome::unknown_written);
    REQUIRE(house.lesser.cancel(house.loser));
    CHECK(house.stored(house.winner).state == BookingState::committed);
  }
  SECTION("the winner was lost") {
    house.write(Outcome::unknown_lost);
    REQUIRE(house.lesser.cancel(house.loser));
    CHECK(house.stored(house.winner).state == BookingState::failed);
  }
  CHECK(house.stored(house.loser).state == BookingState::cancelled);
  CHECK_FALSE(house.has_event(house.loser));
}

TEST_CASE("the mark of a displaced event is owed until the calendar takes it") {
  AgentHouse house;
  const Agent lesser = house.scheduler();
  const BookingId loser = lesser.booked("10:00-11:00");
  house.providers.steps.changes = false;
  const auto won = house.chief().book("10:00-11:00", "Important");
  REQUIRE(won);
  CHECK(house.owed() == 1);
  CHECK(house.event(loser).find("[Displaced]") == std::string::npos);
  CHECK(house.stored(loser).state == BookingState::needs_reschedule);
  CHECK_FALSE(house.operator_lines.empty());
  house.providers.steps.changes = true;
  REQUIRE(lesser.search("15:00-16:00", 30));
  CHECK(house.owed() == 0);
  CHECK(house.event(loser).find("[Displaced]") != std::string::npos);
}

TEST_CASE("if the audit row can't be written nothing happens, and reads are refused as well") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const BookingId booking = agent.booked("10:00-11:00");
  const HoldId hold = agent.held("12:00-13:00");
  const auto revision = house.admin.owner(kJane)->revision;
  const std::size_t before = house.rows().size();
  house.is_audit_lost = true;
  CHECK(code_of(agent.book("14:00-15:00", "Regular", "key-1")) == "INTERNAL");
  CHECK(code_of(agent.book("10:00-11:00")) == "INTERNAL");  // a refusal too
  CHECK(code_of(agent.hold("14:00-15:00")) == "INTERNAL");
  CHECK(code_of(agent.confirm(hold, "12:00-13:00")) == "INTERNAL");
  CHECK(code_of(agent.release(hold)) == "INTERNAL");
  CHECK(code_of(agent.cancel(booking)) == "INTERNAL");
  CHECK(code_of(agent.rename(booking, "New")) == "INTERNAL");
  CHECK(code_of(agent.get(booking)) == "INTERNAL");
  CHECK(code_of(agent.list()) == "INTERNAL");
  CHECK(code_of(agent.search("14:00-15:00", 30)) == "INTERNAL");
  CHECK(code_of(agent.simulate("14:00-15:00")) == "INTERNAL");
  CHECK(code_of(house.service.owner_context(agent.call(), {})) == "INTERNAL");
  CHECK(code_of(house.service.notifications(agent.call())) == "INTERNAL");
  CHECK(house.rows().size() == before);
  CHECK(house.admin.owner(kJane)->revision == revision);
  CHECK(house.stored(booking).state == BookingState::committed);
  CHECK(house.stored(hold).state == HoldState::live);
  CHECK(house.event(booking).find("New") == std::string::npos);
  CHECK(house.events() == 1);
  house.is_audit_lost = false;
  CHECK(agent.book("14:00-15:00", "Regular", "key-1"));
}

}  // namespace
}  // namespace openavail::service::testing
