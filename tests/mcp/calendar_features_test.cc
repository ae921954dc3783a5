// Resources, prompts and completion against a whole installation: what is offered, and to whom.
#include <catch2/catch.hpp>
#include <set>

#include "mcp/calendar_house.h"
#include "mcp/http_server.h"
#include "mcp/uri.h"

namespace openavail::mcp::testing {
namespace {

std::set<std::string> uris(const json& result) {
  std::set<std::string> found;
  for (const json& one : result.at("resources")) found.insert(one.at("uri"));
  return found;
}

json completion(CalendarHouse& house, const std::string& key, json reference,
                const std::string& name, const std::string& value) {
  return house
      .result(key, "completion/complete",
              {{"ref", std::move(reference)}, {"argument", {{"name", name}, {"value", value}}}})
      .at("completion")
      .at("values");
}

const json kBook = {{"type", "ref/prompt"}, {"name", "book-a-meeting"}};

}  // namespace

TEST_CASE("Resource names survive their encoding, and nothing else passes for one") {
  for (const char* name : {"jane@example.org", "a b/c%", "b\u00fccher", "~-._"}) {
    const auto parsed = parse_resource_uri(resource_uri("owner-context", name));
    REQUIRE(parsed);
    CHECK(parsed->kind == "owner-context");
    CHECK(parsed->name == name);
  }
  for (const char* bad :
       {"", "openavail://", "openavail://x", "openavail://x/", "http://x/y", "openavail://x/a%2",
        "openavail://x/a%zz", "openavail://x/a/b", "openavail://x/a?b", "openavail://x/a#b"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_resource_uri(bad));
  }
}

TEST_CASE("A key sees its own owners and the classes, and reads them") {
  CalendarHouse house;
  const std::string key = house.agent("Planner", {"read_freebusy"});
  const std::size_t before = house.audit().size();
  const json listed = house.result(key, "resources/list", json::object());
  CHECK(house.actions_since(before) == std::vector<std::string>{"meeting_classes"});
  CHECK(uris(listed).count("openavail://owner-context/jane%40example.org") == 1);
  CHECK(uris(listed).count("openavail://owner-context/john%40example.org") == 0);
  CHECK_FALSE(listed.contains("ttlMs"));
  for (const std::string& uri : uris(listed)) {
    CAPTURE(uri);
    const json read = house.result(key, "resources/read", modern({{"uri", uri}}));
    CHECK(read.at("contents").at(0).at("uri") == uri);
    CHECK(read.at("cacheScope") == "private");
    CHECK(json::parse(read.at("contents").at(0).at("text").get<std::string>()).is_object());
  }
  // As an address compares: without case.
  CHECK(house.result(key, "resources/read", {{"uri", "openavail://owner-context/JANE@example.org"}})
            .contains("contents"));
}

TEST_CASE("What a key may not see does not exist for it, in both eras' words") {
  CalendarHouse house;
  const std::string key = house.agent("Planner", {"read_freebusy"});
  for (const char* uri : {"openavail://owner-context/john%40example.org",
                          "openavail://owner-context/nobody", "openavail://meeting-classes/NoSuch",
                          "openavail://no-such/x", "test://x", "openavail://decisions/dec_none"}) {
    CAPTURE(uri);
    if (std::string(uri).find("decisions") == std::string::npos) {
      const json legacy = house.answer(key, "resources/read", {{"uri", uri}});
      CHECK(code_of(legacy) == -32002);
      CHECK(legacy.at("error").at("data").at("uri") == uri);
    }
    const json now = house.answer(key, "resources/read", modern({{"uri", uri}}));
    CHECK((code_of(now) == -32602 || code_of(now) == -32000));
  }
}

TEST_CASE("A key without read_freebusy is offered no resources, and refused over HTTP with 403") {
  CalendarHouse house;
  const std::string key = house.agent("Writer", {"create_bookings"});
  CHECK(house.result(key, "resources/list", json::object()).at("resources").empty());
  CHECK(house.result(key, "resources/templates/list", json::object())
            .at("resourceTemplates")
            .empty());
  const auto admit = [&](const std::string& text, const transport::Request&, const std::string&,
                         std::vector<transport::Header>&) {
    return house.operations.holder(text, {}).map([](const auto&) {});
  };
  HttpEndpoint endpoint({house.protocol, admit, {}, {}});
  transport::Request sent =
      modern_request("resources/read", {{"uri", "openavail://owner-context/jane%40example.org"}});
  set(sent, "Authorization", "Bearer " + key);
  const auto refused = endpoint.handle(sent);
  CHECK(refused.status == 403);
  CHECK(body(refused).at("id") == 1);
  CHECK(header(refused, "WWW-Authenticate").find("scope=\"read_freebusy\"") != std::string::npos);

  // A tool's refusal is a result: the model has to read it.
  sent = modern_request("tools/call", {{"name", "list-calendars"}});
  set(sent, "Authorization", "Bearer " + key);
  CHECK(endpoint.handle(sent).status == 200);
  CHECK(body(endpoint.handle(sent)).at("result").at("isError") == true);
}

TEST_CASE("Over HTTP a revoked key and a disabled agent are turned away, each with one row") {
  CalendarHouse house;
  const std::string key = house.agent("Planner", {"read_freebusy"});
  const auto admit = [&](const std::string& text, const transport::Request&, const std::string&,
                         std::vector<transport::Header>&) {
    return house.operations.holder(text, {}).map([](const auto&) {});
  };
  HttpEndpoint endpoint({house.protocol, admit, {}, {}});
  transport::Request sent = modern_request("tools/list", json::object());
  set(sent, "Authorization", "Bearer " + key);
  std::size_t before = house.audit().size();
  CHECK(endpoint.handle(sent).status == 200);
  CHECK(house.audit().size() == before);  // tools are the same for every key: nothing was told
  REQUIRE(house.admin.set_agent_disabled("Planner", true));
  before = house.audit().size();
  auto refused = endpoint.handle(sent);
  CHECK(refused.status == 401);
  CHECK(body(refused).at("error").at("data").at("error") == "agent_disabled");
  CHECK(house.actions_since(before) == std::vector<std::string>{"authenticate"});
  REQUIRE(house.admin.set_agent_disabled("Planner", false));
  REQUIRE(house.admin.revoke_key(house.admin.keys(std::nullopt)->at(0).ref));
  refused = endpoint.handle(sent);
  CHECK(refused.status == 401);
  CHECK(body(refused).at("error").at("data").at("error") == "api_key_revoked");
}

TEST_CASE("Decisions are a template for keys that may read the log") {
  CalendarHouse house;
  const auto templates = [&](const std::string& key) {
    return house.result(key, "resources/templates/list", json::object()).dump();
  };
  CHECK(templates(house.agent("Planner", {"read_freebusy"})).find("decisions") ==
        std::string::npos);
  CHECK(templates(house.agent("Auditor", {"read_audit"})).find("openavail://decisions/{id}") !=
        std::string::npos);
}

TEST_CASE("Prompts carry their arguments as data, and miss none") {
  CalendarHouse house;
  const std::string key = house.agent("Planner", {"read_freebusy"});
  const json prompts = house.result(key, "prompts/list", json::object()).at("prompts");
  REQUIRE(prompts.size() == 3);
  for (const json& prompt : prompts) {
    CAPTURE(prompt.at("name"));
    CHECK_FALSE(prompt.at("description").get<std::string>().empty());
    json arguments = json::object();
    for (const json& argument : prompt.at("arguments")) {
      arguments[argument.at("name")] = "said \"by\nthe person";
    }
    const json got =
        house.result(key, "prompts/get", {{"name", prompt.at("name")}, {"arguments", arguments}});
    const std::string text = got.at("messages").at(0).at("content").at("text");
    CHECK(text.find("said \\\"by\\nthe person") != std::string::npos);
    for (const json& argument : prompt.at("arguments")) {
      if (!argument.at("required").get<bool>()) continue;
      json lacking = arguments;
      lacking.erase(argument.at("name").get<std::string>());
      CHECK(code_of(house.answer(key, "prompts/get",
                                 {{"name", prompt.at("name")}, {"arguments", lacking}})) == -32602);
    }
  }
  CHECK(code_of(house.answer(key, "prompts/get", {{"name", "no-such"}})) == -32602);
  CHECK(code_of(house.answer(key, "prompts/get", json::object())) == -32602);
}

TEST_CASE("Completion tells owners in scope, classes and calendar types, and no more") {
  CalendarHouse house;
  const std::string planner = house.agent("Planner", {"read_freebusy"});
  const std::string both = house.agent("Both", {"read_freebusy"}, {kJane, kJohn});
  const std::string writer = house.agent("Writer", {"create_bookings"}, {kJane, kJohn});
  CHECK(completion(house, planner, kBook, "owner_email", "J") == json{kJane});
  CHECK(completion(house, both, kBook, "owner_email", "j") == json{kJane, kJohn});
  CHECK(completion(house, both, kBook, "owner_email", "jo") == json{kJohn});
  CHECK(completion(house, writer, kBook, "owner_email", "") == json::array());
  CHECK(completion(house, writer, kBook, "meeting_class", "") == json::array());
  CHECK(completion(house, planner, kBook, "meeting_class", "reg") == json{"Regular"});
  CHECK(completion(house, planner, kBook, "calendar_type", "") ==
        json{"work", "personal", "other"});
  CHECK(completion(house, planner, kBook, "title", "") == json::array());
  const json owners = {{"type", "ref/resource"}, {"uri", "openavail://owner-context/{email}"}};
  CHECK(completion(house, planner, owners, "email", "") == json{kJane});
  const json decisions = {{"type", "ref/resource"}, {"uri", "openavail://decisions/{id}"}};
  for (const json& reference : {decisions, json{{"type", "ref/prompt"}, {"name", "no-such"}},
                                json{{"type", "ref/other"}}, json::object()}) {
    CAPTURE(reference);
    CHECK(code_of(house.answer(
              planner, "completion/complete",
              {{"ref", reference}, {"argument", {{"name", "x"}, {"value", ""}}}})) == -32602);
  }
  CHECK(code_of(house.answer(planner, "completion/complete", {{"ref", kBook}})) == -32602);
}

TEST_CASE("Completion answers at most a hundred values and says that there are more") {
  CalendarHouse house;
  const std::string key = house.agent("Planner", {"read_freebusy"});
  for (int i = 0; i < 110; ++i) {
    policy::MeetingClass made;
    made.name = "Series " + std::to_string(i);
    REQUIRE(house.admin.add_class(made));
  }
  const json found =
      house
          .result(key, "completion/complete",
                  {{"ref", kBook}, {"argument", {{"name", "meeting_class"}, {"value", "series"}}}})
          .at("completion");
  CHECK(found.at("values").size() == limits::kMcpCompletionsMax);
  CHECK(found.at("total") == 110);
  CHECK(found.at("hasMore") == true);
  // And resources come in pages.
  const json first = house.result(key, "resources/list", json::object());
  CHECK(first.at("resources").size() == limits::kMcpPageEntriesMax);
  const json second = house.result(key, "resources/list", {{"cursor", first.at("nextCursor")}});
  CHECK_FALSE(second.contains("nextCursor"));
}

}  // namespace openavail::mcp::testing
