// get and list.
#include "service/agent_house.h"

namespace openavail::service::testing {
namespace {

std::vector<std::string> titles(const Result<ListAnswer>& answer) {
  REQUIRE(answer);
  std::vector<std::string> all;
  for (const BookingView& view : answer->bookings) all.push_back(view.title.value_or("(gone)"));
  return all;
}

ListRequest between(const std::string& from, const std::string& to) {
  ListRequest request;
  request.start = at(from);
  request.end = at(to);
  return request;
}

// Titles are "Meeting at <time>".
std::vector<std::string> at_times(const std::vector<std::string>& times) {
  std::vector<std::string> all;
  for (const std::string& time : times) all.push_back("Meeting at " + time);
  return all;
}

TEST_CASE("a booking is read with its record and the text that stands in the calendar") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const BookingId booking = agent.booked("10:00-11:00", "Important");
  house.edit(booking, "SUMMARY:Meeting at 10:00-11:00", "SUMMARY:Renamed by hand");
  const auto view = agent.get(booking);
  REQUIRE(view);
  CHECK(view->booking_id == booking);
  CHECK(view->title == "Renamed by hand");
  CHECK(view->interval == slot("10:00-11:00"));
  CHECK(view->meeting_class == "Important");
  CHECK(view->calendar_type == CalendarType::work);
  CHECK(view->created_at == at("08:00"));
  CHECK(view->status == "committed");
  CHECK(house.last_row().at("action") == "get");
  CHECK(house.last_row().at("kind") == "access");
  CHECK(house.last_row().dump().find("Renamed") == std::string::npos);
}

TEST_CASE("a list holds our bookings whose start lies in the time asked for, by start") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  agent.booked("14:00-15:00");
  agent.booked("09:00-10:00");
  agent.booked("12:00-13:00");
  const BookingId gone = agent.booked("13:00-13:30");
  REQUIRE(agent.cancel(gone));
  const BookingId loser = agent.booked("16:00-17:00");
  house.pass(std::chrono::seconds{1});  // ids sort by the time they were made
  REQUIRE(house.chief().book("16:00-17:00", "Important"));
  house.put_event("private", event_file("private", slot("11:00-12:00")));
  CHECK(titles(agent.list(between("09:00", "14:00"))) == at_times({"09:00-10:00", "12:00-13:00"}));
  CHECK(titles(agent.list(between("09:30", "14:30"))) == at_times({"12:00-13:00", "14:00-15:00"}));
  const auto late = agent.list(between("16:00", "17:00"));
  REQUIRE(late);
  REQUIRE(late->bookings.size() == 2);  // one start: by id
  CHECK(late->bookings[0].booking_id == loser);
  CHECK(late->bookings[0].status == "needs_reschedule");
  CHECK(late->bookings[0].title == "[Displaced] Meeting at 16:00-17:00");
}

TEST_CASE("without times a list begins now and ends in three days") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  agent.booked("09:00-10:00");
  agent.booked("20 10:00-11:00");
  agent.booked("21 07:59-08:30");
  agent.booked("21 09:00-10:00");
  house.clock.now_ms = at("09:30").unix_ms;
  CHECK(titles(agent.list()) == at_times({"20 10:00-11:00", "21 07:59-08:30", "21 09:00-10:00"}));
  ListRequest earlier;
  earlier.start = at("08:00");
  CHECK(agent.list(earlier)->bookings.size() == 4);
  earlier.start = at("17 08:00");
  CHECK(agent.list(earlier)->bookings.size() == 4);  // the end does not follow the start
  ListRequest until;
  until.end = at("20 12:00");
  CHECK(titles(agent.list(until)) == at_times({"20 10:00-11:00"}));
}

TEST_CASE("a list follows its cursor to the end, without a gap and without a repeat") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  std::vector<std::string> all;
  for (int hour = 10; hour < 17; ++hour) {
    const std::string when = std::to_string(hour) + ":00-" + std::to_string(hour) + ":30";
    agent.booked(when);
    all.push_back("Meeting at " + when);
  }
  std::vector<std::string> seen;
  ListRequest request;
  request.limit = 3;
  int pages = 0;
  do {
    const auto page = agent.list(request);
    for (const std::string& title : titles(page)) seen.push_back(title);
    request.cursor = page->next_cursor;
    house.pass(std::chrono::minutes{1});  // "now" moves, the list's window does not
    ++pages;
  } while (request.cursor);
  CHECK(pages == 3);
  CHECK(seen == all);
}

TEST_CASE("a cursor goes on behind the last row seen, whatever happened to that row") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const BookingId first = agent.booked("10:00-10:30");
  agent.booked("11:00-11:30");
  ListRequest request;
  request.limit = 1;
  request.cursor = agent.list(request)->next_cursor;
  REQUIRE(request.cursor);
  REQUIRE(agent.cancel(first));
  CHECK(titles(agent.list(request)) == at_times({"11:00-11:30"}));
}

TEST_CASE("a cursor belongs to its filters and its owner; a damaged one is refused") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  agent.booked("10:00-11:00");
  agent.booked("12:00-13:00");
  ListRequest request = between("09:00", "17:00");
  request.limit = 1;
  const auto cursor = agent.list(request)->next_cursor;
  REQUIRE(cursor);
  request.cursor = cursor;
  CHECK(agent.list(request));
  const auto refused = [&](ListRequest changed) {
    CHECK(code_of(agent.list(changed)) == "VALIDATION_FAILED");
  };
  ListRequest other = request;
  other.query = "meeting";
  refused(other);
  other = request;
  other.attendee_email = "omar@example.org";
  refused(other);
  other = request;
  other.calendar_type = CalendarType::work;
  refused(other);
  other = request;
  other.end = at("18:00");
  refused(other);
  for (const std::string& damaged :
       {std::string("x"), std::string(), "0" + *cursor, cursor->substr(0, cursor->size() - 1),
        cursor->substr(cursor->find('.')), "zz" + cursor->substr(2)}) {
    CAPTURE(damaged);
    other = request;
    other.cursor = damaged;
    refused(other);
  }
  REQUIRE(house.admin.add_owner("omar@example.org", "UTC", {}));
  NewCalendar calendar;
  calendar.owner_email = "omar@example.org";
  calendar.provider = "vdir";
  calendar.location = house.calendar_folder("omar");
  REQUIRE(house.admin.add_calendar(calendar));
  REQUIRE(house.admin.update_agent("Scheduler", {},
                                   std::vector<std::string>{kJane, "omar@example.org"}));
  other = request;
  other.owner_email = "omar@example.org";
  refused(other);
}

TEST_CASE(
    "a list is filtered by title and attendee, both without case, and still fills its pages") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const auto book = [&](const std::string& when, const std::string& title,
                        const std::vector<calendar::Attendee>& attendees) {
    REQUIRE(house.service.book(agent.call(), {{}, slot(when), "Regular", {title, "", attendees}}));
  };
  book("09:00-10:00", "Sales review", {{"Omar@Example.org", "Omar"}});
  book("10:00-11:00", "Standup", {{"omar@example.org", ""}});
  book("11:00-12:00", "REVIEW of plans", {{"ann@example.org", ""}});
  book("12:00-13:00", "Lunch", {});
  book("13:00-14:00", "Last review", {});
  ListRequest request;
  request.query = "Review";
  CHECK(titles(agent.list(request)) ==
        std::vector<std::string>{"Sales review", "REVIEW of plans", "Last review"});
  request.attendee_email = "OMAR@example.org";
  CHECK(titles(agent.list(request)) == std::vector<std::string>{"Sales review"});
  request.query.reset();
  CHECK(titles(agent.list(request)) == std::vector<std::string>{"Sales review", "Standup"});
  ListRequest paged;
  paged.query = "review";
  paged.limit = 2;
  const auto first = agent.list(paged);
  CHECK(titles(first) == std::vector<std::string>{"Sales review", "REVIEW of plans"});
  paged.cursor = first->next_cursor;
  CHECK(titles(agent.list(paged)) == std::vector<std::string>{"Last review"});
}

TEST_CASE("a list of one calendar type leaves the others out") {
  AgentHouse house;
  house.add_calendar(CalendarType::personal, house.calendar_folder("personal"));
  const Agent agent = house.scheduler();
  agent.booked("10:00-11:00");
  REQUIRE(house.service.book(
      agent.call(),
      {{{}, CalendarType::personal}, slot("12:00-13:00"), "Regular", titled("Dentist")}));
  ListRequest request;
  CHECK(agent.list(request)->bookings.size() == 2);
  request.calendar_type = CalendarType::personal;
  CHECK(titles(agent.list(request)) == std::vector<std::string>{"Dentist"});
  request.calendar_type = CalendarType::other;
  CHECK(agent.list(request)->bookings.empty());
}

TEST_CASE("a calendar that can't be read fails the read, and its place stays with the operator") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const BookingId booking = agent.booked("10:00-11:00");
  house.providers.steps.reads = false;
  for (const Error& error : {agent.get(booking).error(), agent.list().error()}) {
    CHECK(error.wire_code() == "CALENDAR_UNAVAILABLE");
    CHECK(error.details().at("calendar_type") == "work");
    CHECK(error.details().at("cause") == "timeout");
    CHECK(error.message().find("secret") == std::string::npos);
    CHECK(error.operator_detail() == "secret/place of the calendar");
  }
}

}  // namespace
}  // namespace openavail::service::testing
