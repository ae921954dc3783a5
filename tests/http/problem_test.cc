// What every answer carries, and what errors look like on the wire.
#include "http/problem.h"

#include <catch2/catch.hpp>
#include <map>

#include "http/headers.h"
#include "vectors/support.h"

namespace openavail::http {
namespace {

using nlohmann::json;

std::string header(const transport::Response& response, const char* name) {
  return std::string(transport::find_header(response.headers, name).value_or("(none)"));
}

}  // namespace

TEST_CASE("Every answer carries the house's headers") {
  const Exchange exchange{"request-1", false};
  for (const auto& response :
       {json_answer(exchange, json::object()), problem(exchange, Error(ErrorCode::not_found, "x")),
        problem(exchange, 431, "VALIDATION_FAILED", "too many headers")}) {
    CHECK(header(response, "Strict-Transport-Security") == "max-age=31536000; includeSubDomains");
    CHECK(header(response, "X-Content-Type-Options") == "nosniff");
    CHECK(header(response, "Referrer-Policy") == "no-referrer");
    CHECK(header(response, "Cross-Origin-Resource-Policy") == "same-origin");
    CHECK(header(response, "Content-Security-Policy") ==
          "default-src 'none'; frame-ancestors 'none'");
    CHECK(header(response, "Cache-Control") == "no-store");
    CHECK(header(response, "X-Request-Id") == "request-1");
  }
}

TEST_CASE("An error is the contract's object with the members of RFC 9457 beside it") {
  Error error(ErrorCode::arbitration_rejected, "that time is taken", "take an alternative");
  error.with_details({{"error", {{"reason", "NO_CAPACITY"}}}, {"alternatives", json::array()}});
  const auto response = problem({"r", false}, error);
  CHECK(response.status == 409);
  CHECK(header(response, "Content-Type") == "application/problem+json");
  const json body = json::parse(response.body);
  CHECK(body.at("error").at("code") == "ARBITRATION_REJECTED");
  CHECK(body.at("error").at("reason") == "NO_CAPACITY");
  CHECK(body.at("alternatives") == json::array());
  CHECK(body.at("pending_notifications") == json::array());
  CHECK(body.at("type") == "urn:openavail:problem:arbitration-rejected");
  CHECK(body.at("title") == "Conflict");
  CHECK(body.at("status") == 409);
  CHECK(body.at("detail") == "that time is taken");
  CHECK(body.at("instance") == "r");
  CHECK(header(problem({"r", true}, error), "Content-Type") == "application/json");
}

TEST_CASE("401 and 403 carry a challenge, 503 says to come again, 500 names the request") {
  const auto unknown = problem({"r", false}, Error(ErrorCode::unknown_api_key, "x"));
  CHECK(unknown.status == 401);
  CHECK(header(unknown, "WWW-Authenticate") ==
        "Bearer realm=\"openavail\", error=\"invalid_token\"");
  Error denied(ErrorCode::permission_denied, "x");
  denied.with_permission("preempt");
  const auto forbidden = problem({"r", false}, denied);
  CHECK(forbidden.status == 403);
  CHECK(header(forbidden, "WWW-Authenticate") ==
        "Bearer realm=\"openavail\", error=\"insufficient_scope\", scope=\"preempt\"");
  CHECK(json::parse(forbidden.body).at("type") == "urn:openavail:problem:permission-denied");
  const auto away = problem({"r", false}, Error(ErrorCode::calendar_unavailable, "x"));
  CHECK(header(away, "Retry-After") == "1");
  for (const auto& [cause, seconds] :
       std::map<std::string, std::string>{{"timeout", "1"},
                                          {"unreachable", "1"},
                                          {"unsettled", "1"},
                                          {"changing", "1"},
                                          {"unreadable", "(none)"},
                                          {"changed_identity", "(none)"},
                                          {"unwritable", "(none)"}}) {
    const auto by_cause = problem(
        {"r", false}, Error(ErrorCode::calendar_unavailable, "x").with_details({{"cause", cause}}));
    CAPTURE(cause);
    CHECK(header(by_cause, "Retry-After") == seconds);
  }
  const auto broken = problem({"r", false}, Error(ErrorCode::internal, "x"));
  CHECK(json::parse(broken.body).at("request_id") == "r");
}

TEST_CASE("A header that decides something may stand there once") {
  transport::Request request;
  request.headers = {{"Authorization", "Bearer a"}, {"Accept", "a"}, {"accept", "b"}};
  CHECK_FALSE(repeated_header(request));
  request.headers.push_back({"authorization", "Bearer b"});
  CHECK(repeated_header(request) == "Authorization");
}

TEST_CASE("A request id is echoed when it is 1 to 128 visible characters, else made") {
  const auto echoed = [](const std::string& sent) { return request_id_of(sent, "made"); };
  CHECK(echoed("abc-123") == "abc-123");
  CHECK(echoed(std::string(128, 'x')) == std::string(128, 'x'));
  CHECK(echoed(std::string(129, 'x')) == "made");
  CHECK(echoed("") == "made");
  CHECK(echoed("a b") == "made");
  CHECK(echoed("a\xc3\xa9") == "made");
  CHECK(request_id_of(std::nullopt, "made") == "made");
}

TEST_CASE("A key is what stands behind Bearer, whatever its case") {
  const auto bearer = [](const std::string& sent) {
    transport::Request request;
    request.headers.push_back({"Authorization", sent});
    return std::string(bearer_of(request));
  };
  CHECK(bearer("Bearer ak_x") == "ak_x");
  CHECK(bearer("bearer  ak_x ") == "ak_x");
  CHECK(bearer("Basic ak_x").empty());
  CHECK(bearer("Bearer").empty());
  CHECK(std::string(bearer_of({})).empty());
}

TEST_CASE("Every code of the contract has its status on the wire, reachable from outside or not") {
  const json rows = openavail::testing::vectors("errors.json");
  bool has_reauth = false;  // what providers with sign-in answer, of which there is none yet
  for (const json& row : rows) {
    const std::string name = row.at("code");
    const auto code = error_code_from_wire(name);
    REQUIRE(code);
    const auto response = problem({"r", true}, Error(*code, "x", "y"));
    CAPTURE(name);
    CHECK(response.status == row.at("http"));
    const json body = json::parse(response.body);
    CHECK(body.at("error").at("code") == name);
    CHECK(body.at("status") == row.at("http"));
    CHECK(body.at("title") != "");
    has_reauth = has_reauth || name == "CALENDAR_REAUTH_REQUIRED";
  }
  CHECK(has_reauth);
}

}  // namespace openavail::http
