// The operations table, its schemas and the spelling of what leaves it (wire contract, sections 1
// and 5).
#include <catch2/catch.hpp>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "base/limits.h"
#include "operations/json_guard.h"
#include "operations/operations.h"
#include "operations/schema.h"

namespace openavail::operations {
namespace {

using nlohmann::json;

const OperationInfo& row(const std::string& name) {
  for (const OperationInfo& info : operation_table()) {
    if (info.name == name) return info;
  }
  FAIL("no operation " << name);
  std::abort();
}

json issues_of(const std::string& name, const json& input) {
  const auto valid = validate(input_schema(row(name), Spelling::rest), input);
  if (valid) return json::array();
  CHECK(valid.error().code() == ErrorCode::validation_failed);
  return valid.error().details().at("issues");
}

std::string nested(int depth) {
  const auto count = static_cast<std::size_t>(depth);
  return std::string(count, '[') + std::string(count, ']');
}

}  // namespace

TEST_CASE("The table holds the tools and what REST has besides, each once and described") {
  const std::set<std::string> expected = {"get-agent-context",
                                          "list-calendars",
                                          "get-schedule-rules",
                                          "list-meeting-classes",
                                          "search-availability",
                                          "create-hold",
                                          "release-hold",
                                          "confirm-hold",
                                          "simulate",
                                          "list-events",
                                          "get-pending-notifications",
                                          "ack-notifications",
                                          "search-events",
                                          "get-event",
                                          "create-event",
                                          "update-event",
                                          "delete-event",
                                          "create-booking-proposal",
                                          "get-booking-proposal"};
  const std::set<std::string> only_on_rest = {"first-availability",   "withdraw-booking-proposal",
                                              "list-decisions",       "get-decision",
                                              "export-audit",         "get-agent",
                                              "get-audit-public-keys"};
  std::set<std::string> seen;
  for (const OperationInfo& info : operation_table()) {
    CAPTURE(info.name);
    CHECK(seen.insert(info.name).second);
    CHECK(info.description.size() > 40);
    CHECK_FALSE(info.title.empty());
    // Any key may ask who it is.
    CHECK((info.permission.empty() != info.needs_key || info.name == "get-agent"));
    CHECK(info.tool.has_value() != (only_on_rest.count(info.name) == 1));
    CHECK_FALSE((info.is_read_only && info.is_destructive));
  }
  for (const std::string& name : only_on_rest) CHECK(seen.erase(name) == 1);
  CHECK(seen == expected);
}

TEST_CASE("Every schema is closed on input, complete, and without references") {
  for (const OperationInfo& info : operation_table()) {
    CAPTURE(info.name);
    for (const json& schema : {input_schema(info, Spelling::rest),
                               input_schema(info, Spelling::tool), output_schema(info)}) {
      CHECK(schema.at("type") == "object");
      CHECK(schema.dump().find("$ref") == std::string::npos);
      for (const json& name : schema.value("required", json::array())) {
        CHECK(schema.at("properties").contains(name.get<std::string>()));
      }
    }
    CHECK_FALSE(issues_of(info.name, {{"zzzz_no_such_member", 1}}).empty());
  }
}

TEST_CASE("An unknown member is refused by its path, with the nearest known name") {
  const json issues = issues_of("get-agent-context", {{"owner_emial", "a@example.org"}});
  REQUIRE(issues.size() == 1);
  CHECK(issues[0].at("path") == "/owner_emial");
  CHECK(issues[0].at("message").get<std::string>().find("owner_email") != std::string::npos);
}

TEST_CASE("A wrong type, a missing member and a value out of range are refused") {
  json good = {{"start", "2026-07-01T14:00:00Z"},
               {"end", "2026-07-01T15:00:00Z"},
               {"title", "Review"},
               {"meeting_class", "Regular"}};
  CAPTURE(input_schema(row("create-event"), Spelling::rest).dump());
  CHECK(issues_of("create-event", good).empty());
  json wrong = good;
  wrong["title"] = 7;
  CHECK(issues_of("create-event", wrong).at(0).at("path") == "/title");
  wrong = good;
  wrong.erase("start");
  CHECK_FALSE(issues_of("create-event", wrong).empty());
  wrong = good;
  wrong["attendees"] = {{{"email", "a@example.org"}, {"emial", "b@example.org"}}};
  CHECK(issues_of("create-event", wrong).at(0).at("path") == "/attendees/0/emial");
  for (const int minutes : {4, 481}) {
    const json search = {{"duration_minutes", minutes}};
    bool names_duration = false;
    for (const json& issue : issues_of("search-availability", search)) {
      names_duration = names_duration || issue.at("path") == "/duration_minutes";
    }
    CHECK(names_duration);
  }
}

TEST_CASE("JSON with a repeated key, too deep, or not UTF-8 is refused before it is built") {
  CHECK(parse_json(R"({"a":1,"b":{"a":2}})"));
  CHECK_FALSE(parse_json(R"({"a":1,"a":2})"));
  CHECK_FALSE(parse_json(R"({"a":{"b":1,"b":2}})"));
  CHECK(parse_json(nested(limits::kJsonDepthMax)));
  CHECK_FALSE(parse_json(nested(limits::kJsonDepthMax + 1)));
  CHECK_FALSE(parse_json(nested(200'000)));
  CHECK_FALSE(parse_json("{\"a\":\"\xff\"}"));
  CHECK_FALSE(parse_json(R"({"a":"\ud800"})"));
  CHECK_FALSE(parse_json("{\"a\":1} x"));
  CHECK_FALSE(parse_json(""));
  CHECK(parse_json("{oops").error().code() == ErrorCode::validation_failed);
}

TEST_CASE("Keys become camelCase at every depth, but not what a caller stored or the engine said") {
  const json in = {{"next_available", {{"start_time", 1}}},
                   {"list", {{{"a_b", 1}}}},
                   {"payload", {{"keep_me", 1}}},
                   {"engine_trace", {{"keep_me", {{"and_me", 1}}}}}};
  const json out = {{"nextAvailable", {{"startTime", 1}}},
                    {"list", {{{"aB", 1}}}},
                    {"payload", {{"keep_me", 1}}},
                    {"engineTrace", {{"keep_me", {{"and_me", 1}}}}}};
  CHECK(to_camel_case(in) == out);
}

TEST_CASE("A schema's names are spelled as the answers are, at every depth") {
  const json in = {
      {"type", "object"},
      {"required", {"start_time"}},
      {"properties",
       {{"start_time", {{"type", "string"}, {"description", "as_it_is"}}},
        {"list",
         {{"type", "array"},
          {"items", {{"type", "object"}, {"properties", {{"a_b", {{"type", "null"}}}}}}}}},
        {"payload", {{"type", "object"}, {"properties", {{"keep_me", {{"type", "null"}}}}}}}}}};
  const json out = schema_to_camel_case(in);
  CHECK(out.at("required") == json{"startTime"});
  CHECK(out.at("/properties/startTime/description"_json_pointer) == "as_it_is");
  CHECK(out.contains("/properties/list/items/properties/aB"_json_pointer));
  CHECK(out.contains("/properties/payload/properties/keep_me"_json_pointer));
}

TEST_CASE("A wire error carries code and message, the error's own members, and its exit code") {
  const Error error = Error(ErrorCode::arbitration_rejected, "the time is taken", "take another")
                          .with_details({{"error", {{"reason", "COUNTER_PROPOSED"}}},
                                         {"alternatives", json::array()}});
  const json body = wire_error(error);
  CHECK(body.at("error").at("code") == "ARBITRATION_REJECTED");
  CHECK(body.at("error").at("reason") == "COUNTER_PROPOSED");
  CHECK(body.at("error").at("next") == "take another");
  CHECK(body.contains("alternatives"));
  CHECK(body.at("pending_notifications").empty());
  CHECK(exit_code_of(error) == 11);
  const json invalid = wire_error(Error(ErrorCode::validation_failed, "say which", ""));
  CHECK(invalid.at("issues") == json::array({{{"path", ""}, {"message", "say which"}}}));
  CHECK(exit_code_of(Error(ErrorCode::arbitration_rejected, "no", "")) == 10);
}

TEST_CASE("No error repeats a key, whole or cut, wherever in the input it stood") {
  const std::string secret = "Xt0pSecretXt0pSecretXt0pSecretXt0pSecretXt0";
  const std::string key = "ak_AbCdEfGhIjKl_" + secret + "abcdef";
  REQUIRE(key.size() == limits::kIssueNameBytesMax + 1);
  for (const json& input : {json{{key, 1}}, json{{"x/" + key, 1}}, json{{"start", {{key, {1}}}}},
                            json{{"attendees", {{{key, 1}}}}}}) {
    const auto valid = validate(input_schema(row("create-event"), Spelling::rest), input);
    REQUIRE_FALSE(valid);
    const std::string told = wire_error(valid.error()).dump();
    CAPTURE(told);
    CHECK(told.find(secret.substr(0, 4)) == std::string::npos);
  }
  const Error error = Error(ErrorCode::not_found, "there is no " + key, "not " + key)
                          .with_details({{"issues", {{{"path", "/" + key}}}}, {"x", {key}}});
  const std::string told = wire_error(error).dump();
  CHECK(told.find(secret.substr(0, 4)) == std::string::npos);
  CHECK(told.find("there is no ak_") != std::string::npos);
}

}  // namespace openavail::operations
