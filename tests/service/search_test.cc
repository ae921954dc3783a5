// search and simulate: they decide and write nothing but their row.
#include "arbiter/arbiter.h"
#include "service/agent_house.h"

namespace openavail::service::testing {
namespace {

TEST_CASE("a search offers the free slots of its window and says what is preemptable") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const Agent chief = house.chief();
  const BookingId lesser = agent.booked("10:00-11:00", "Tentative");
  house.put_event("busy", event_file("busy", slot("11:00-12:00")));
  const auto plain = agent.search("10:00-13:00", 60);
  REQUIRE(plain);
  REQUIRE(plain->candidates.size() == 1);
  CHECK(plain->candidates[0].interval == slot("12:00-13:00"));
  CHECK(plain->candidates[0].risk == arbiter::Risk::free);
  CHECK(plain->requested_window == slot("10:00-13:00"));
  CHECK(plain->candidate_limit == 50);
  CHECK(plain->available_candidate_count == 1);
  CHECK_FALSE(plain->curated);
  const auto more = chief.search("10:00-13:00", 60);
  REQUIRE(more);
  REQUIRE(more->candidates.size() == 2);
  CHECK(more->candidates[1].risk == arbiter::Risk::preemptable);
  CHECK(more->candidates[1].occupying == std::vector<BookingId>{lesser});
  CHECK(more->candidates[1].occupying_class == "Tentative");
  const json row = house.last_row();
  CHECK(row.at("action") == "search");
  CHECK(row.at("kind") == "access");
  CHECK(row.at("situation_digest").is_string());
}

TEST_CASE("more than wanted is curated, and the answer says how many there were") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  SearchRequest request;
  request.duration_minutes = 30;
  request.earliest_start = at("19 09:00");
  request.latest_end = at("19 12:00");
  request.meeting_class = "Regular";
  request.max_results = 4;
  const auto found = house.service.search(agent.call(), request);
  REQUIRE(found);
  CHECK(found->candidates.size() == 4);
  CHECK(found->curated);
  CHECK(found->available_candidate_count == 11);
  CHECK(found->candidate_limit == 4);
}

TEST_CASE("an empty search names the furthest check and the next available time") {
  AgentHouse house;
  house.working_hours("Mon-Fri 09:00-17:00");
  const Agent agent = house.scheduler();
  house.put_event("busy", event_file("busy", slot("09:00-12:00")));
  const auto taken = agent.search("09:00-12:00", 60);
  CHECK(code_of(taken) == "NO_SLOTS_AVAILABLE");
  json details = details_of(taken);
  CHECK(details.at("reason_code") == "NO_FREE_SLOTS");
  CHECK(details.at("next_available").at("start") == "2027-01-18T12:00:00Z");
  CHECK(details.at("next_available_exceeds_lookahead") == false);
  CHECK(details.at("resolved_calendar_type") == "work");
  CHECK(details.at("warnings").empty());
  CHECK(house.last_row().at("action") == "search");
  CHECK(details_of(agent.search("23 09:00-12:00", 60)).at("reason_code") == "OFF_DAY");
  CHECK(details_of(agent.search("18:00-20:00", 60)).at("reason_code") == "WORKING_HOURS");
}

TEST_CASE("a search has limits and codes for what it can't do") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  CHECK(code_of(agent.search("06:00-07:00", 30)) == "PAST_TIME");
  CHECK(code_of(agent.search("07:00-08:00", 30)) == "NO_SLOTS_AVAILABLE");  // ends now
  CHECK(code_of(agent.search("07:00-08:15", 30)) == "NO_SLOTS_AVAILABLE");  // clipped to now
  CHECK(agent.search("07:00-08:30", 30)->candidates.size() == 1);
  CHECK(code_of(agent.search("10:00-10:29", 30)) == "WINDOW_TOO_NARROW");
  CHECK(code_of(agent.search("10:00-11:00", 30, "Urgent")) == "INVALID_MEETING_CLASS");
  SearchRequest request;
  request.duration_minutes = 30;
  request.earliest_start = at("10:00");
  request.latest_end = at("10:00") + std::chrono::hours(24 * limits::kSearchWindowDaysMax);
  request.meeting_class = "Regular";
  CHECK(house.service.search(agent.call(), request));
  request.latest_end = request.latest_end + std::chrono::minutes{1};
  CHECK(code_of(house.service.search(agent.call(), request)) == "VALIDATION_FAILED");
}

TEST_CASE("simulate tells what booking would do, and writes nothing") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const Agent chief = house.chief();
  const BookingId lesser = agent.booked("10:00-11:00", "Tentative");
  const ports::Booking before = house.stored(lesser);
  const auto revision = house.admin.owner(kJane)->revision;
  const auto preempts = chief.simulate("10:00-11:00", "Critical");
  REQUIRE(preempts);
  CHECK(preempts->decision.verdict == arbiter::Verdict::preempt);
  CHECK(preempts->decision.displaced == std::vector<BookingId>{lesser});
  CHECK(house.last_row().at("displaced_booking_ids") == json::array({lesser.text()}));
  CHECK(house.last_row().at("action") == "simulate");
  CHECK(house.last_row().at("kind") == "access");
  CHECK(agent.simulate("12:00-13:00")->decision.verdict == arbiter::Verdict::accept);
  const auto refused = agent.simulate("10:00-11:00");
  REQUIRE(refused);
  CHECK(refused->decision.verdict == arbiter::Verdict::counter_propose);
  CHECK(refused->decision.blocking_reason == arbiter::Reason::permission_denied_preempt);
  CHECK(house.stored(lesser).state == before.state);
  CHECK(house.events() == 1);
  CHECK(agent.told().empty());
  CHECK(house.admin.owner(kJane)->revision == revision);
  CHECK(agent.simulate("12:00-13:00")->decision.verdict == arbiter::Verdict::accept);
  CHECK(code_of(agent.simulate("07:00-08:00")) == "PAST_TIME");
  CHECK(code_of(agent.simulate("11:00-10:00")) == "VALIDATION_FAILED");
}

TEST_CASE("a simulated situation, decided again, gives what the booking was given") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  house.put_event("busy", event_file("busy", slot("10:00-11:00")));
  const auto simulated = agent.simulate("10:00-11:00");
  REQUIRE(simulated);
  const auto copy = arbiter::situation_from_json(simulated->situation.canonical_json);
  REQUIRE(copy);
  CHECK(arbiter::canonical_json(arbiter::decide(*copy)) ==
        arbiter::canonical_json(simulated->decision));
  CHECK(house.last_row().at("situation_digest") == simulated->situation.digest);
}

}  // namespace
}  // namespace openavail::service::testing
