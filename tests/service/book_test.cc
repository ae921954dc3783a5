// book: straight to the calendar, and what the answer says.
#include "service/agent_house.h"

namespace openavail::service::testing {
namespace {

TEST_CASE("a booking stands in the calendar once, and the answer tells all of it") {
  AgentHouse house;
  house.working_hours("Mon-Fri 09:00-17:00");
  const Agent agent = house.scheduler();
  BookRequest request;
  request.interval = slot("10:00-11:00");
  request.meeting_class = "regular";  // names compare without case
  request.text = {"Review", "Numbers", {{"omar@example.org", "Omar"}}};
  const auto booked = house.service.book(agent.call(), request);
  REQUIRE(booked);
  CHECK(booked->interval == request.interval);
  CHECK(booked->text.title == "Review");
  CHECK(booked->text.attendees == request.text.attendees);
  CHECK(booked->calendar_type == CalendarType::work);
  CHECK(booked->displaced.empty());
  CHECK(booked->warnings.empty());
  const ports::Booking stored = house.stored(booked->booking_id);
  CHECK(stored.state == ports::BookingState::committed);
  CHECK(stored.committed_at == at("08:00"));
  CHECK_FALSE(stored.content_hash.empty());
  CHECK(house.events() == 1);
  const std::string text = house.event(booked->booking_id);
  CHECK(text.find("SUMMARY:Review") != std::string::npos);
  CHECK(text.find("DESCRIPTION:Numbers") != std::string::npos);
  CHECK(text.find("omar@example.org") != std::string::npos);
  const json row = house.last_row();
  CHECK(row.at("action") == "accept");
  CHECK(row.at("decision_id") == booked->audit_row_id.text());
  CHECK(row.at("meeting_class") == "Regular");
  CHECK(row.dump().find("Review") == std::string::npos);
  CHECK(row.dump().find("omar") == std::string::npos);
}

TEST_CASE("what the calendar says is busy can't be booked; free, cancelled and declined can") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  house.put_event("busy", event_file("busy", slot("10:00-11:00")));
  house.put_event("free", event_file("free", slot("12:00-13:00"), "TRANSP:TRANSPARENT\r\n"));
  house.put_event("off", event_file("off", slot("13:00-14:00"), "STATUS:CANCELLED\r\n"));
  house.put_event("no", event_file("no", slot("14:00-15:00"),
                                   "ATTENDEE;PARTSTAT=DECLINED:mailto:Jane@Example.org\r\n"));
  const auto refused = agent.book("10:30-11:30");
  CHECK(reason_of(refused) == "COUNTER_PROPOSED");
  CHECK(details_of(refused).at("blocking_reason") == "NO_CAPACITY");
  CHECK(details_of(refused).at("audit_row_id") == house.last_row().at("decision_id"));
  CHECK(agent.book("12:00-13:00"));
  CHECK(agent.book("13:00-14:00"));
  CHECK(agent.book("14:00-15:00"));
}

TEST_CASE("all connected calendars count; the type chooses where the event is written") {
  AgentHouse house;
  const std::string personal = house.calendar_folder("personal");
  house.add_calendar(CalendarType::personal, personal);
  const Agent agent = house.scheduler();
  openavail::testing::write_file(personal + "/dentist.ics",
                                 event_file("dentist", slot("10:00-11:00")));
  CHECK_FALSE(agent.book("10:00-11:00"));
  BookRequest request;
  request.target.calendar_type = CalendarType::personal;
  request.interval = slot("12:00-13:00");
  request.meeting_class = "Regular";
  const auto booked = house.service.book(agent.call(), request);
  REQUIRE(booked);
  CHECK(booked->calendar_type == CalendarType::personal);
  CHECK(house.events() == 0);
  CHECK(std::filesystem::exists(personal + "/" + booked->booking_id.text() + ".ics"));
}

TEST_CASE("a type that is not connected falls back to the primary calendar with a warning") {
  AgentHouse house;
  house.working_hours("Mon-Fri 09:00-17:00");
  const Agent agent = house.scheduler();
  const Target other{{}, CalendarType::other};
  const auto checked = [](const std::vector<Warning>& warnings) {
    REQUIRE(warnings.size() == 1);
    CHECK(warnings[0].code == "CALENDAR_TYPE_FALLBACK");
    CHECK(warnings[0].requested == CalendarType::other);
    CHECK(warnings[0].resolved == CalendarType::work);
  };
  const auto booked =
      house.service.book(agent.call(), {other, slot("10:00-11:00"), "Regular", titled("Fallback")});
  REQUIRE(booked);
  CHECK(booked->calendar_type == CalendarType::work);
  checked(booked->warnings);
  HoldRequest hold;
  hold.target = other;
  hold.interval = slot("12:00-13:00");
  hold.meeting_class = "Regular";
  const auto held = house.service.hold(agent.call(), hold);
  REQUIRE(held);
  CHECK(held->resolved_calendar_type == CalendarType::work);
  checked(held->warnings);
  SearchRequest search;
  search.target = other;
  search.duration_minutes = 30;
  search.earliest_start = at("13:00");
  search.latest_end = at("15:00");
  search.meeting_class = "Regular";
  const auto found = house.service.search(agent.call(), search);
  REQUIRE(found);
  CHECK(found->resolved_calendar_type == CalendarType::work);
  checked(found->warnings);
}

TEST_CASE("without configured working hours everything can be booked, with a warning") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const auto booked = agent.book("23:00-23:30");
  REQUIRE(booked);
  REQUIRE(booked->warnings.size() == 1);
  CHECK(booked->warnings[0].code == "WORKING_HOURS_NOT_CONFIGURED");
  CHECK(booked->warnings[0].severity == "warning");
  CHECK(booked->warnings[0].agent_guidance);
  const auto context = house.service.owner_context(agent.call(), {});
  REQUIRE(context);
  CHECK(context->setup_warnings.at(0).code == "WORKING_HOURS_NOT_CONFIGURED");
  CHECK(agent.search("19 09:00-10:00", 30)->warnings.at(0).code == "WORKING_HOURS_NOT_CONFIGURED");
  house.working_hours("Mon-Fri 09:00-17:00");
  const auto refused = agent.book("22:00-22:30");
  CHECK(details_of(refused).at("blocking_reason") == "WORKING_HOURS");
  CHECK(house.service.owner_context(agent.call(), {})->setup_warnings.empty());
}

TEST_CASE("a plain rejection says its reason twice, and the next available time if there is one") {
  AgentHouse house;
  house.working_hours("Mon-Fri 09:00-17:00");
  const Agent agent = house.scheduler();
  const auto refused = agent.book("23 10:00-11:00");  // a Saturday
  CHECK(code_of(refused) == "ARBITRATION_REJECTED");
  CHECK(reason_of(refused) == "OFF_DAY");
  const json details = details_of(refused);
  CHECK(details.at("blocking_reason") == "OFF_DAY");
  CHECK(details.at("next_available").at("start") == "2027-01-25T09:00:00Z");
  CHECK(details.at("next_available").at("end") == "2027-01-25T10:00:00Z");
  CHECK(house.last_row().at("action") == "reject");
  CHECK(house.events() == 0);
}

TEST_CASE("every alternative, asked at once, is accepted") {
  AgentHouse house;
  house.working_hours("Mon-Fri 09:00-17:00");
  const Agent agent = house.scheduler();
  house.put_event("busy", event_file("busy", slot("10:00-11:00")));
  const json alternatives = details_of(agent.book("10:00-11:00")).at("alternatives");
  REQUIRE(alternatives.size() == 5);
  for (const json& each : alternatives) {
    const auto simulated = house.service.simulate(
        agent.call(), {{},
                       {*time::parse_instant(each.at("start").get<std::string>()),
                        *time::parse_instant(each.at("end").get<std::string>())},
                       "Regular"});
    REQUIRE(simulated);
    CHECK(simulated->decision.verdict == arbiter::Verdict::accept);
  }
}

TEST_CASE("an unknown class names the known ones; the past and the impossible have codes") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const auto unknown = agent.book("10:00-11:00", "Urgent");
  CHECK(code_of(unknown) == "INVALID_MEETING_CLASS");
  CHECK(details_of(unknown).at("available_classes") ==
        json::array({"Critical", "Important", "Regular", "Tentative"}));
  CHECK(code_of(agent.book("07:59-09:00")) == "PAST_TIME");
  CHECK(agent.book("08:00-09:00"));
  CHECK(code_of(agent.book("11:00-10:00")) == "VALIDATION_FAILED");
  const Interval endless{at("10:00"), at("10:00") + std::chrono::hours(24 * 31 + 1)};
  CHECK(code_of(house.service.book(agent.call(), {{}, endless, "Regular", {}})) ==
        "VALIDATION_FAILED");
  CHECK(code_of(house.service.simulate(agent.call(), {{}, endless, "Regular"})) ==
        "VALIDATION_FAILED");
}

TEST_CASE(
    "the situation is given to who asks for it, on acceptance and refusal, and kept by no one") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  AgentCall call = agent.call();
  call.include_situation = true;
  const BookRequest request{{}, slot("10:00-11:00"), "Regular", titled("Unusualword")};
  const auto booked = house.service.book(call, request);
  REQUIRE(booked);
  REQUIRE(booked->situation);
  CHECK(house.last_row().at("situation_digest") == booked->situation->digest);
  CHECK(booked->situation->canonical_json.find("Unusualword") == std::string::npos);
  const auto refused = house.service.book(call, request);
  CHECK(details_of(refused).at("situation_digest") == house.last_row().at("situation_digest"));
  CHECK(details_of(refused).at("situation").is_object());
  CHECK_FALSE(agent.book("12:00-13:00")->situation);
}

}  // namespace
}  // namespace openavail::service::testing
