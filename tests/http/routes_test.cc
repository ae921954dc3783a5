// From a request to an operation and its input.
#include "http/routes.h"

#include <catch2/catch.hpp>
#include <functional>

namespace openavail::http {
namespace {

using nlohmann::json;

transport::Request request(const std::string& method, const std::string& target,
                           const std::string& body = "",
                           const std::string& type = "application/json") {
  transport::Request out;
  out.method = method;
  out.target = target;
  out.body = body;
  if (!body.empty()) out.headers.push_back({"content-type", type});
  return out;
}

Result<json> input(const transport::Request& from) {
  auto found = find_route(from.method, target_of(from).path);
  REQUIRE(std::holds_alternative<Route>(found));
  return input_of(std::get<Route>(found), from);
}

std::string first_issue(const Result<json>& read) {
  REQUIRE_FALSE(read);
  return read.error().details().at("issues").at(0).at("path");
}

}  // namespace

TEST_CASE("Every operation on REST is found by its own method and path") {
  int on_rest = 0;
  for (const auto& operation : operations::operation_table()) {
    if (!operation.rest) continue;
    ++on_rest;
    std::string path = operation.rest->path;
    for (auto open = path.find('{'); open != std::string::npos; open = path.find('{')) {
      path.replace(open, path.find('}') - open + 1, "x");
    }
    CAPTURE(operation.name, path);
    const auto found = find_route(operation.rest->method, path);
    REQUIRE(std::holds_alternative<Route>(found));
    CHECK(std::get<Route>(found).operation->name == operation.name);
  }
  CHECK(on_rest >= 20);
}

TEST_CASE("A known path with another method names the methods; an unknown path names none") {
  const auto known = find_route("PUT", "/v1/bookings/x");
  REQUIRE(std::holds_alternative<NoRoute>(known));
  auto allowed = std::get<NoRoute>(known).allowed;
  std::sort(allowed.begin(), allowed.end());
  CHECK(allowed == std::vector<std::string>{"DELETE", "GET", "PATCH"});
  for (const char* path : {"/", "", "/v1", "/v1/bookings/", "/v1/bookings/x/y", "/v1/Bookings",
                           "/v1//bookings", "v1/bookings"}) {
    CAPTURE(path);
    const auto unknown = find_route("GET", path);
    REQUIRE(std::holds_alternative<NoRoute>(unknown));
    CHECK(std::get<NoRoute>(unknown).allowed.empty());
  }
}

TEST_CASE("Percent escapes are undone after routing: a slash in one stays in its segment") {
  const auto read = input(request("GET", "/v1/calendar-owners/jane%2Fx%40example.org/calendars"));
  REQUIRE(read);
  CHECK(read->at("owner_email") == "jane/x@example.org");
  const auto damaged = find_route("GET", "/v1/calendar-owners/jane%4/calendars");
  CHECK(std::holds_alternative<NoRoute>(damaged));
}

TEST_CASE("A query has text, which the schema turns into what it stands for") {
  const auto read = input(request("GET", "/v1/bookings?limit=5&query=a+b%26c&calendar_type=work"));
  REQUIRE(read);
  CHECK(*read == json{{"limit", 5}, {"query", "a b&c"}, {"calendar_type", "work"}});
  CHECK(first_issue(input(request("GET", "/v1/bookings?limit=5x"))) == "/limit");
  CHECK(first_issue(input(request("GET", "/v1/bookings?limit="))) == "/limit");
  CHECK(first_issue(input(request("GET", "/v1/bookings?query=a&query=b"))) == "/query");
  CHECK_FALSE(input(request("GET", "/v1/bookings?query=%zz")));
}

TEST_CASE("A body is one JSON object of that type, read without duplicate keys") {
  CHECK(input(request("POST", "/v1/simulate", R"({"start":"x"})")).value() == json{{"start", "x"}});
  CHECK(input(request("POST", "/v1/simulate", "{}", "Application/JSON; charset=utf-8")));
  const auto typed = input(request("POST", "/v1/simulate", "{}", "text/plain"));
  REQUIRE_FALSE(typed);
  CHECK(typed.error().code() == ErrorCode::unsupported_media_type);
  for (const char* body : {"[]", "1", "{", R"({"a":1,"a":2})", "\xff"}) {
    CAPTURE(body);
    const auto read = input(request("POST", "/v1/simulate", body));
    REQUIRE_FALSE(read);
    CHECK(read.error().code() == ErrorCode::validation_failed);
  }
}

TEST_CASE("What stands in the path can't stand in the body besides") {
  const auto read = input(request("PATCH", "/v1/bookings/1", R"({"id":"2"})"));
  CHECK(first_issue(read) == "/id");
}

TEST_CASE("One booking stands below a member on REST, and nowhere else") {
  const json bare = {{"booking_id", "b"}, {"pending_notifications", json::array()}};
  const operations::OperationInfo& one = *operations::find_operation("get-event");
  const json sent = as_on_rest(one, bare);
  CHECK(sent == json{{"booking", {{"booking_id", "b"}}}, {"pending_notifications", json::array()}});
  CHECK(from_rest(one, sent) == bare);
  const json schema = schema_on_rest(one);
  CHECK(schema.at("required") == json{"booking", "pending_notifications"});
  CHECK(schema.contains("/properties/booking/properties/booking_id"_json_pointer));
  const operations::OperationInfo& other = *operations::find_operation("delete-event");
  CHECK(as_on_rest(other, bare) == bare);
  CHECK(from_rest(other, bare) == bare);
}

TEST_CASE("Each answer on REST is described by schemas alone, at every depth") {
  const std::function<void(const json&)> check = [&](const json& schema) {
    REQUIRE(schema.is_object());
    const json properties = schema.value("properties", json::object());
    for (const json& inner : properties) check(inner);
    for (const json& inner : schema.value("anyOf", json::array())) check(inner);
    if (schema.contains("items")) check(schema.at("items"));
    for (const json& name : schema.value("required", json::array())) {
      CHECK(properties.contains(name.get<std::string>()));
    }
  };
  for (const auto& operation : operations::operation_table()) {
    if (!operation.rest) continue;
    CAPTURE(operation.name);
    check(schema_on_rest(operation));
  }
}

}  // namespace openavail::http
