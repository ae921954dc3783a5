// What people do to our events by hand: it counts at once, the next decision records it, and plain
// reads report it.
#include "service/agent_house.h"

namespace openavail::service::testing {
namespace {

TEST_CASE("an event that a person moved counts where it is; the next decision records it once") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const Agent other = house.scheduler("Second");
  const BookingId booking = agent.booked("10:00-11:00");
  house.move_event(booking, "10:00-11:00", "14:00-15:00");
  std::size_t before = house.rows().size();
  CHECK(other.simulate("10:00-11:00")->decision.verdict == arbiter::Verdict::accept);
  CHECK(other.simulate("14:00-15:00")->decision.blocking_reason == arbiter::Reason::no_capacity);
  CHECK(agent.get(booking)->interval == slot("14:00-15:00"));
  REQUIRE(agent.list());
  CHECK(house.actions_after(before) ==
        std::vector<std::string>{"simulate", "simulate", "get", "list"});
  CHECK(house.stored(booking).interval == slot("10:00-11:00"));
  CHECK(agent.told().empty());

  before = house.rows().size();
  CHECK(reason_of(other.book("14:00-15:00")) == "COUNTER_PROPOSED");
  const auto rows = house.rows_after(before);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].at("action") == "moved_externally");
  CHECK(rows[0].at("kind") == "decision");
  CHECK(rows[0].at("api_key_id").is_null());
  CHECK(rows[0].at("booking_id") == booking.text());
  CHECK(rows[1].at("action") == "counter");
  CHECK(house.stored(booking).interval == slot("14:00-15:00"));
  const auto told = house.service.notifications(agent.call());
  REQUIRE(told->size() == 1);
  CHECK(told->at(0).kind == "booking.moved");
  CHECK(told->at(0).interval == slot("14:00-15:00"));
  CHECK(told->at(0).previous_interval == slot("10:00-11:00"));
  CHECK(other.told().empty());

  before = house.rows().size();
  REQUIRE(other.book("10:00-11:00"));
  CHECK(house.actions_after(before) == std::vector<std::string>{"accept"});
}

// Each way of taking an event off the calendar.
struct Removal {
  const char* name;
  std::function<void(AgentHouse&, const BookingId&)> act;
};
const std::vector<Removal>& removals() {
  static const std::vector<Removal> all = {
      {"deleted",
       [](AgentHouse& house, const BookingId& id) { std::filesystem::remove(house.path_of(id)); }},
      {"made transparent",
       [](AgentHouse& house, const BookingId& id) {
         house.edit(id, "TRANSP:OPAQUE", "TRANSP:TRANSPARENT");
       }},
      {"cancelled",
       [](AgentHouse& house, const BookingId& id) {
         house.edit(id, "STATUS:CONFIRMED", "STATUS:CANCELLED");
       }},
      {"replaced by another event",
       [](AgentHouse& house, const BookingId& id) {
         openavail::testing::write_file(house.path_of(id),
                                        event_file("other", slot("20 10:00-11:00")));
       }},
      {"left without length",
       [](AgentHouse& house, const BookingId& id) {
         house.edit(id, "DTEND:20270118T110000Z", "DTEND:20270118T100000Z");
       }},
  };
  return all;
}

TEST_CASE("an event that a person took off the calendar counts as cancelled") {
  for (const Removal& removal : removals()) {
    DYNAMIC_SECTION("an event that is " << removal.name) {
      AgentHouse house;
      const Agent agent = house.scheduler();
      const Agent other = house.scheduler("Second");
      const BookingId booking = agent.booked("10:00-11:00");
      removal.act(house, booking);
      std::size_t before = house.rows().size();
      CHECK(other.simulate("10:00-11:00")->decision.verdict == arbiter::Verdict::accept);
      CHECK(agent.get(booking)->status == "cancelled");
      CHECK(house.actions_after(before) == std::vector<std::string>{"simulate", "get"});
      CHECK(house.stored(booking).state == ports::BookingState::committed);
      before = house.rows().size();
      REQUIRE(other.hold("10:00-11:00"));
      CHECK(house.actions_after(before) ==
            std::vector<std::string>{"cancelled_externally", "accept"});
      CHECK(house.stored(booking).state == ports::BookingState::cancelled);
      CHECK(agent.told() == std::vector<std::string>{"booking.cancelled"});
      CHECK(code_of(agent.cancel(booking)) == "BOOKING_NOT_CANCELLABLE");
      before = house.rows().size();
      REQUIRE(other.book("15:00-16:00"));
      CHECK(house.actions_after(before) == std::vector<std::string>{"accept"});
    }
  }
}

TEST_CASE("a list reports a gone event as cancelled and without a title, and writes nothing") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const BookingId booking = agent.booked("10:00-11:00");
  std::filesystem::remove(house.path_of(booking));
  const auto listed = agent.list();
  REQUIRE(listed);
  REQUIRE(listed->bookings.size() == 1);
  CHECK_FALSE(listed->bookings[0].title);
  CHECK(listed->bookings[0].status == "cancelled");
  CHECK(house.stored(booking).state == ports::BookingState::committed);
}

TEST_CASE("an event that a person made recurring blocks with every instance, whatever its class") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const Agent chief = house.chief();
  const BookingId booking = agent.booked("10:00-11:00", "Tentative");
  house.edit(booking, "END:VEVENT", "RRULE:FREQ=DAILY;COUNT=5\r\nEND:VEVENT");
  CHECK(details_of(chief.book("10:00-11:00", "Critical")).at("blocking_reason") == "NO_CAPACITY");
  CHECK(details_of(chief.book("20 10:30-11:30", "Critical")).at("blocking_reason") ==
        "NO_CAPACITY");
  CHECK(chief.book("23 10:00-11:00", "Critical"));
  CHECK(house.stored(booking).state == ports::BookingState::committed);
  CHECK(house.count_actions("moved_externally") == 0);
}

TEST_CASE("a copy with our UID at another place is external, and so is another event at ours") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const Agent chief = house.chief();
  const BookingId booking = agent.booked("10:00-11:00", "Tentative");
  house.put_event("copy", house.event(booking));
  CHECK(details_of(chief.book("10:00-11:00", "Critical")).at("blocking_reason") == "NO_CAPACITY");
  std::filesystem::remove(house.work + "/copy.ics");
  CHECK(chief.simulate("10:00-11:00", "Critical")->decision.verdict == arbiter::Verdict::preempt);
  std::filesystem::rename(house.path_of(booking), house.work + "/renamed.ics");
  CHECK(details_of(chief.book("10:00-11:00", "Critical")).at("blocking_reason") == "NO_CAPACITY");
  CHECK(house.stored(booking).state == ports::BookingState::cancelled);
}

TEST_CASE("a displaced event that a person deletes or moves is recorded as well") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const Agent chief = house.chief();
  const BookingId deleted = agent.booked("10:00-11:00");
  const BookingId moved = agent.booked("11:00-12:00");
  REQUIRE(chief.book("10:00-12:00", "Important"));
  std::filesystem::remove(house.path_of(deleted));
  house.move_event(moved, "11:00-12:00", "15:00-16:00");
  CHECK(agent.get(deleted)->status == "cancelled");
  CHECK(agent.get(moved)->status == "needs_reschedule");
  const std::size_t before = house.rows().size();
  REQUIRE(agent.book("15:00-16:00"));  // still shown as free
  CHECK(house.actions_after(before) ==
        std::vector<std::string>{"cancelled_externally", "moved_externally", "accept"});
  CHECK(house.stored(deleted).state == ports::BookingState::cancelled);
  CHECK(house.stored(moved).state == ports::BookingState::needs_reschedule);
  CHECK(house.stored(moved).interval == slot("15:00-16:00"));
}

TEST_CASE("three future bookings that vanish at once suspend the calendar until it is accepted") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  std::vector<BookingId> bookings;
  for (const char* when : {"10:00-11:00", "19 10:00-11:00", "20 10:00-11:00"}) {
    bookings.push_back(agent.booked(when));
  }
  const auto vanish = [&] {
    std::map<BookingId, std::string> kept;
    for (const BookingId& id : bookings) {
      kept[id] = house.event(id);
      std::filesystem::remove(house.path_of(id));
    }
    return kept;
  };
  const auto kept = vanish();
  const auto refused = agent.book("15:00-16:00");
  CHECK(code_of(refused) == "CALENDAR_UNAVAILABLE");
  CHECK(details_of(refused).at("cause") == "changed_identity");
  CHECK(details_of(refused).at("calendar_type") == "work");
  // Also when they are back: a person has to look.
  for (const auto& [id, text] : kept) {
    openavail::testing::write_file(house.path_of(id), text);
  }
  CHECK(code_of(agent.simulate("15:00-16:00")) == "CALENDAR_UNAVAILABLE");
  CHECK(code_of(agent.list()) == "CALENDAR_UNAVAILABLE");
  CHECK(code_of(agent.get(bookings[0])) == "CALENDAR_UNAVAILABLE");
  CHECK(code_of(agent.rename(bookings[0], "New")) == "CALENDAR_UNAVAILABLE");
  CHECK(code_of(house.service.owner_context(agent.call(), {})) == "CALENDAR_UNAVAILABLE");
  CHECK(house.count_actions("cancelled_externally") == 0);
  REQUIRE(house.admin.check_calendars(kJane, true));
  CHECK(agent.book("15:00-16:00"));
  for (const BookingId& id : bookings) {
    CHECK(house.stored(id).state == ports::BookingState::committed);
  }
}

TEST_CASE(
    "what is accepted as gone is recorded as cancelled, and what comes later is guarded anew") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  std::vector<BookingId> bookings;
  for (const char* when : {"10:00-11:00", "19 10:00-11:00", "20 10:00-11:00"}) {
    bookings.push_back(agent.booked(when));
  }
  for (const BookingId& id : bookings) std::filesystem::remove(house.path_of(id));
  CHECK_FALSE(agent.book("15:00-16:00"));
  REQUIRE(house.admin.check_calendars(kJane, true));
  house.pass(std::chrono::seconds{1});
  REQUIRE(agent.book("15:00-16:00"));
  CHECK(house.count_actions("cancelled_externally") == 3);
}

TEST_CASE("a cancellation on a suspended calendar is carried out when the calendar is back") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  std::vector<BookingId> bookings;
  std::map<BookingId, std::string> kept;
  for (const char* when : {"10:00-11:00", "19 10:00-11:00", "20 10:00-11:00"}) {
    bookings.push_back(agent.booked(when));
    kept[bookings.back()] = house.event(bookings.back());
  }
  for (const BookingId& id : bookings) std::filesystem::remove(house.path_of(id));
  CHECK_FALSE(agent.book("15:00-16:00"));
  REQUIRE(agent.cancel(bookings[0]));
  CHECK(house.owed() == 1);  // that the event is absent now says nothing
  for (const auto& [id, text] : kept) openavail::testing::write_file(house.path_of(id), text);
  REQUIRE(house.admin.check_calendars(kJane, true));
  REQUIRE(agent.book("15:00-16:00"));
  CHECK_FALSE(house.has_event(bookings[0]));
  CHECK(house.owed() == 0);
}

TEST_CASE("a meeting of today whose calendar was removed since was not deleted by a person") {
  AgentHouse house;
  const std::string personal = house.calendar_folder("personal");
  house.add_calendar(CalendarType::personal, personal);
  const Agent agent = house.scheduler();
  const auto booked = house.service.book(
      agent.call(), {{{}, CalendarType::personal}, slot("09:00-10:00"), "Regular", {}});
  REQUIRE(booked);
  house.clock.now_ms = at("10:00").unix_ms;
  REQUIRE(house.admin.remove_calendar(kJane, CalendarType::personal));
  REQUIRE(agent.book("12:00-13:00"));
  CHECK(house.count_actions("cancelled_externally") == 0);
  CHECK(agent.told().empty());
  CHECK(house.stored(booked->booking_id).state == ports::BookingState::committed);
}

TEST_CASE("two of two, or two of three, are deletions like others") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const BookingId first = agent.booked("10:00-11:00");
  const BookingId second = agent.booked("19 10:00-11:00");
  SECTION("two of two") {}
  SECTION("two of three") { agent.booked("20 10:00-11:00"); }
  std::filesystem::remove(house.path_of(first));
  std::filesystem::remove(house.path_of(second));
  CHECK(agent.book("10:00-11:00"));
  CHECK(house.count_actions("cancelled_externally") == 2);
}

TEST_CASE("a folder without its marker is not an empty calendar") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  std::filesystem::remove(house.work + "/.openavail-calendar");
  const auto refused = agent.book("10:00-11:00");
  CHECK(code_of(refused) == "CALENDAR_UNAVAILABLE");
  CHECK(details_of(refused).at("cause") == "changed_identity");
  CHECK(refused.error().message().find(house.work) == std::string::npos);
  CHECK(refused.error().operator_detail().find(house.work) != std::string::npos);
  REQUIRE(house.admin.check_calendars(kJane, true));
  CHECK(agent.book("10:00-11:00"));
}

TEST_CASE("one calendar that can't be read fails every request, and nothing is decided") {
  AgentHouse house;
  const std::string personal = house.calendar_folder("personal");
  house.add_calendar(CalendarType::personal, personal);
  const Agent agent = house.scheduler();
  const HoldId hold = agent.held("12:00-13:00");
  openavail::testing::write_file(personal + "/broken.ics", "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n");
  const std::size_t before = house.rows().size();
  for (const Error& error :
       {agent.book("10:00-11:00").error(), agent.hold("10:00-11:00").error(),
        agent.confirm(hold, "12:00-13:00").error(), agent.simulate("10:00-11:00").error(),
        agent.search("10:00-11:00", 30).error()}) {
    CHECK(error.wire_code() == "CALENDAR_UNAVAILABLE");
    CHECK(error.details().at("calendar_type") == "personal");
    CHECK(error.details().at("cause") == "unreadable");
    CHECK(error.message().find("broken.ics") == std::string::npos);
    CHECK(error.operator_detail().find("broken.ics") != std::string::npos);
  }
  for (const json& row : house.rows_after(before)) {
    CHECK(row.at("kind") == "access");
    CHECK(row.at("rule_fired") == "CALENDAR_UNAVAILABLE");
    CHECK(row.dump().find("broken") == std::string::npos);
  }
  CHECK(house.events() == 0);
}

}  // namespace
}  // namespace openavail::service::testing
