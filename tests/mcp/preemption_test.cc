// A booking that would displace others asks the client's person first, and does what was agreed to.
#include <catch2/catch.hpp>

#include "mcp/calendar_house.h"

namespace openavail::mcp::testing {
namespace {

constexpr const char* kStart = "2027-03-01T10:00:00Z";
constexpr const char* kEnd = "2027-03-01T10:30:00Z";
const json kElicits = {{"elicitation", json::object()}};

using Actions = std::vector<std::string>;

json booking(const std::string& meeting_class, const std::string& start = kStart,
             const std::string& end = kEnd) {
  return {
      {"meeting_class", meeting_class}, {"title", "Secret title"}, {"start", start}, {"end", end}};
}

struct PreemptionHouse : CalendarHouse {
  std::string low = agent("Low", {"create_bookings", "read_freebusy"});
  std::string high = agent("High", {"create_bookings", "create_holds", "read_freebusy", "preempt"});
  json arguments = booking("Important");
  std::size_t before = 0;  // rows when the test began

  PreemptionHouse() {
    arguments["confirm_preemption"] = true;
    const json made =
        result(low, "tools/call", {{"name", "create-event"}, {"arguments", booking("Regular")}});
    REQUIRE(made.at("isError") == false);
    before = audit().size();
  }
  json call(json more = json::object(), json capabilities = kElicits) {
    more["name"] = "create-event";
    more["arguments"] = arguments;
    return answer(high, "tools/call", modern(std::move(more), std::move(capabilities)));
  }
  json ask() {
    const json question = call().at("result");
    INFO(question.dump());
    REQUIRE(question.at("resultType") == "input_required");
    return question;
  }
  static json reply(const json& question, json answer_value) {
    return {{"requestState", question.at("requestState")},
            {"inputResponses", {{"confirm_preemption", std::move(answer_value)}}}};
  }
  static json accept() { return {{"action", "accept"}, {"content", {{"displace", true}}}}; }
};

json structured(const json& answered) { return answered.at("result").at("structuredContent"); }
json told(const json& answered) {
  REQUIRE(answered.at("result").at("isError") == true);
  return json::parse(answered.at("result").at("content").at(0).at("text").get<std::string>());
}

}  // namespace

TEST_CASE("The question says class and times and no titles, and one access row is left") {
  PreemptionHouse house;
  const json question = house.ask();
  CHECK(house.actions_since(house.before) == Actions{"ask_preemption"});
  const json asked = question.at("inputRequests").at("confirm_preemption");
  CHECK(asked.at("method") == "elicitation/create");
  const std::string message = asked.at("params").at("message");
  CHECK(message.find("Regular from 2027-03-01T10:00:00Z to 2027-03-01T10:30:00Z") !=
        std::string::npos);
  CHECK(question.dump().find("Secret") == std::string::npos);
  CHECK(asked.at("params").at("requestedSchema").at("properties").contains("displace"));
  CHECK_FALSE(question.contains("ttlMs"));
}

TEST_CASE("Agreed: it is booked by a fresh decision, and the state is used up") {
  PreemptionHouse house;
  const json question = house.ask();
  const json yes = PreemptionHouse::reply(question, PreemptionHouse::accept());
  const json booked = structured(house.call(yes));
  CHECK(booked.at("displacedCount") == 1);
  CHECK(booked.at("status") == "committed");
  const auto actions = house.actions_since(house.before);
  REQUIRE(actions.size() >= 2);
  CHECK(actions[0] == "ask_preemption");
  CHECK(actions[1] == "preempt");
  CHECK(code_of(house.call(yes)) == -32602);
}

TEST_CASE("Declined, cancelled, or not chosen: nothing is booked, and the state is used up") {
  for (const json& no : {json{{"action", "decline"}}, json{{"action", "cancel"}},
                         json{{"action", "accept"}, {"content", {{"displace", false}}}}}) {
    CAPTURE(no);
    PreemptionHouse house;
    const json question = house.ask();
    const json refused = told(house.call(PreemptionHouse::reply(question, no)));
    CHECK(refused.at("error") == "PREEMPTION_DECLINED");
    CHECK(refused.at("message").get<std::string>().find("nothing was booked") != std::string::npos);
    CHECK(house.actions_since(house.before) == Actions{"ask_preemption"});
    CHECK(code_of(house.call(PreemptionHouse::reply(question, PreemptionHouse::accept()))) ==
          -32602);
  }
}

TEST_CASE("A state of another key, of other arguments, changed or expired is refused") {
  PreemptionHouse house;
  const std::string other = house.agent("Other", {"create_bookings", "read_freebusy", "preempt"});
  const std::size_t before = house.audit().size();
  const json question = house.ask();
  const json yes = PreemptionHouse::reply(question, PreemptionHouse::accept());
  json sent = yes;
  sent["requestState"] = question.at("requestState").get<std::string>() + "-TAMPERED";
  CHECK(code_of(house.call(sent)) == -32602);
  sent["requestState"] = 5;
  CHECK(code_of(house.call(sent)) == -32602);
  const std::string high = house.high;
  house.high = other;
  CHECK(code_of(house.call(yes)) == -32602);
  house.high = high;
  house.arguments["title"] = "Another";
  CHECK(code_of(house.call(yes)) == -32602);
  house.arguments["title"] = "Secret title";
  house.clock.now_ms += std::chrono::milliseconds(limits::kMcpRequestStateLife).count();
  CHECK(code_of(house.call(yes)) == -32602);
  CHECK(house.actions_since(before) == Actions{"ask_preemption"});
}

TEST_CASE("No answer, or one to another question, is asked again") {
  PreemptionHouse house;
  const json question = house.ask();
  for (const json& answers : {json{{"other", PreemptionHouse::accept()}}, json(nullptr), json(5),
                              json{{"confirm_preemption", 12345}},
                              json{{"confirm_preemption", {{"action", "accept"}}}}}) {
    CAPTURE(answers);
    const json again =
        house.call({{"requestState", question.at("requestState")}, {"inputResponses", answers}});
    CHECK(again.at("result").at("resultType") == "input_required");
  }
  // An answer without its state agrees to nothing.
  const json blind =
      house.call({{"inputResponses", {{"confirm_preemption", PreemptionHouse::accept()}}}});
  CHECK(blind.at("result").at("resultType") == "input_required");
}

TEST_CASE("What was agreed to is all that is displaced: more is asked about again") {
  PreemptionHouse house;
  house.arguments["end"] = "2027-03-01T11:30:00Z";
  const json question = house.ask();
  // Meanwhile another meeting comes in.
  REQUIRE(house
              .result(house.low, "tools/call",
                      {{"name", "create-event"},
                       {"arguments",
                        booking("Regular", "2027-03-01T11:00:00Z", "2027-03-01T11:30:00Z")}})
              .at("isError") == false);
  const json again = house.call(PreemptionHouse::reply(question, PreemptionHouse::accept()));
  REQUIRE(again.at("result").at("resultType") == "input_required");
  CHECK(again.dump().find("2 meetings") != std::string::npos);
  const json booked =
      structured(house.call(PreemptionHouse::reply(again.at("result"), PreemptionHouse::accept())));
  CHECK(booked.at("displacedCount") == 2);
}

TEST_CASE("A client that can't ask is told to ask its person, and nothing is booked") {
  PreemptionHouse house;
  for (const json& capabilities : {json::object(), json{{"sampling", json::object()}},
                                   json{{"elicitation", {{"url", json::object()}}}}}) {
    const json refused = told(house.call({}, capabilities));
    CHECK(refused.at("error") == "PREEMPTION_UNCONFIRMED");
    CHECK(refused.at("next").get<std::string>().find("without confirm_preemption") !=
          std::string::npos);
    CHECK(refused.at("displacedBookings").at(0).at("title").is_null());
  }
  const json legacy = house.answer(house.high, "tools/call",
                                   {{"name", "create-event"}, {"arguments", house.arguments}});
  CHECK(told(legacy).at("error") == "PREEMPTION_UNCONFIRMED");
  CHECK(house.actions_since(house.before) == Actions(4, "ask_preemption"));
  // As told: without the flag it is booked.
  house.arguments.erase("confirm_preemption");
  CHECK(structured(house.call({}, json::object())).at("displacedCount") == 1);
}

TEST_CASE("Where nobody is displaced the flag changes nothing, for any client") {
  PreemptionHouse house;
  house.arguments["start"] = "2027-03-01T12:00:00Z";
  house.arguments["end"] = "2027-03-01T12:30:00Z";
  CHECK(structured(house.call({}, json::object())).at("status") == "committed");
  CHECK(house.actions_since(house.before) == Actions{"accept"});
  // A refusal stays one.
  CHECK(told(house.call()).at("error") == "ARBITRATION_REJECTED");
  house.arguments["confirm_preemption"] = "yes";
  CHECK(told(house.call()).at("error") == "VALIDATION_FAILED");
}

TEST_CASE("Confirming a hold asks as well, though the hold itself is in the way of others") {
  PreemptionHouse house;
  const json held = house
                        .result(house.high, "tools/call",
                                {{"name", "create-hold"},
                                 {"arguments",
                                  {{"meeting_class", "Important"},
                                   {"hold_scope", "candidate"},
                                   {"candidate", {{"start", kStart}, {"end", kEnd}}}}}})
                        .at("structuredContent");
  json parameters = {{"name", "confirm-hold"},
                     {"arguments",
                      {{"hold_id", held.at("holdId")},
                       {"start", kStart},
                       {"end", kEnd},
                       {"title", "Secret title"},
                       {"confirm_preemption", true}}}};
  const json question = house.result(house.high, "tools/call", modern(parameters, kElicits));
  REQUIRE(question.at("resultType") == "input_required");
  parameters.update(PreemptionHouse::reply(question, PreemptionHouse::accept()));
  const json booked = house.result(house.high, "tools/call", modern(parameters, kElicits));
  CHECK(booked.at("structuredContent").at("displacedCount") == 1);
}

TEST_CASE("Only the two tools that displace take the flag, and both list it") {
  PreemptionHouse house;
  const json list = house.result(house.high, "tools/list", json::object());
  for (const json& tool : list.at("tools")) {
    const std::string name = tool.at("name");
    CAPTURE(name);
    const bool is_listed = tool.at("inputSchema").at("properties").contains("confirm_preemption");
    CHECK(is_listed == (name == "create-event" || name == "confirm-hold"));
  }
  const json refused =
      house.answer(house.high, "tools/call",
                   {{"name", "list-calendars"}, {"arguments", {{"confirm_preemption", true}}}});
  CHECK(told(refused).at("error") == "VALIDATION_FAILED");
}

}  // namespace openavail::mcp::testing
