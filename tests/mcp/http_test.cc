// The wire table of MCP over HTTP, row by row. No socket is opened.
#include "mcp/http.h"

#include <catch2/catch.hpp>

#include "mcp/fixtures/fixture_features.h"
#include "mcp/http_server.h"

namespace openavail::mcp::testing {

using transport::Response;

TEST_CASE("Only POST is served, and Allow says so") {
  HttpServer server;
  for (const char* method : {"GET", "DELETE", "PUT", "OPTIONS", "HEAD"}) {
    CAPTURE(method);
    transport::Request sent = server.post(request("ping"));
    sent.method = method;
    const Response answer = server.endpoint.handle(sent);
    CHECK(answer.status == 405);
    CHECK(header(answer, "Allow") == "POST");
    CHECK(code_of(body(answer)) == -32000);
  }
}

TEST_CASE("Host and Origin are judged before anything else, the key before the rest") {
  HttpServer server;
  transport::Request sent = server.post(request("ping"));
  set(sent, "Host", "evil.example.com");
  Response answer = server.endpoint.handle(sent);
  CHECK(answer.status == 403);
  CHECK(body(answer).at("id").is_null());
  CHECK(server.keys_checked == 0);

  sent = server.post(request("ping"));
  set(sent, "Origin", "http://evil.example.com");
  CHECK(server.endpoint.handle(sent).status == 403);
  remove(sent, "Host");
  CHECK(server.endpoint.handle(sent).status == 403);
  CHECK(server.keys_checked == 0);

  sent = server.post(request("ping"));
  set(sent, "Origin", "http://localhost:8080");
  set(sent, "Host", "[::1]:3000");
  CHECK(server.endpoint.handle(sent).status == 200);

  for (const char* authorization : {"", "Basic a2V5OnNlY3JldA==", "Bearer ", "Bearer ak_unknown"}) {
    CAPTURE(authorization);
    sent = server.post(request("ping"));
    remove(sent, "Authorization");
    if (*authorization != 0) set(sent, "Authorization", authorization);
    sent.method = "GET";
    sent.body = "{oops";
    answer = server.endpoint.handle(sent);
    CHECK(answer.status == 401);
    CHECK(header(answer, "WWW-Authenticate").find("Bearer realm=\"openavail\"") == 0);
    CHECK(code_of(body(answer)) == -32000);
  }
  sent = server.post(request("ping"));
  set(sent, "Authorization", "bearer ak_right");  // the scheme compares without case
  CHECK(server.endpoint.handle(sent).status == 200);
}

TEST_CASE("What the key's check says becomes the status, with what helps") {
  HttpServer server;
  const auto refused_with = [&](Error error) {
    server.verdict = fail(std::move(error));
    return server.endpoint.handle(server.post(request("ping")));
  };
  Response answer = refused_with(Error(ErrorCode::api_key_revoked, "revoked"));
  CHECK(answer.status == 401);
  CHECK(header(answer, "WWW-Authenticate").find("invalid_token") != std::string::npos);
  CHECK(body(answer).at("error").at("data").at("error") == "api_key_revoked");
  answer = refused_with(Error(ErrorCode::permission_denied, "no").with_permission("read_audit"));
  CHECK(answer.status == 403);
  CHECK(header(answer, "WWW-Authenticate")
            .find("error=\"insufficient_scope\", scope=\"read_audit\"") != std::string::npos);
  CHECK(header(answer, "RateLimit").empty());
  server.added = {{"RateLimit", "\"mcp\";r=0;t=60"}, {"Retry-After", "7"}};
  answer = refused_with(Error(ErrorCode::rate_limited, "slow"));
  CHECK(answer.status == 429);
  CHECK(header(answer, "Retry-After") == "7");
  CHECK(header(answer, "RateLimit") == "\"mcp\";r=0;t=60");
}

TEST_CASE("What the key's check has to tell stands on every answer behind it") {
  HttpServer server;
  server.added = {{"RateLimit", "\"mcp\";r=9;t=6"}};
  transport::Request sent = server.post(request("ping"));
  CHECK(header(server.endpoint.handle(sent), "RateLimit") == "\"mcp\";r=9;t=6");
  set(sent, "Content-Type", "text/plain");
  const Response answer = server.endpoint.handle(sent);
  CHECK(answer.status == 415);
  CHECK(header(answer, "RateLimit") == "\"mcp\";r=9;t=6");
  remove(sent, "Authorization");
  CHECK(header(server.endpoint.handle(sent), "RateLimit").empty());
}

TEST_CASE("A body that is no JSON-RPC message is refused with its own error") {
  HttpServer server;
  const auto answer_to = [&](const std::string& text) {
    transport::Request sent = server.post(request("ping"));
    sent.body = text;
    return server.endpoint.handle(sent);
  };
  const std::pair<std::string, int> bodies[] = {
      {"", -32700},
      {"{oops", -32700},
      {"\"\xff\"", -32700},
      {"{\"a\":1,\"a\":2}", -32700},
      {std::string(40, '[') + std::string(40, ']'), -32700},
      {json::array({request("ping")}).dump(), -32600},
      {"5", -32600},
      {"{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"ping\"}", -32600},
      {"{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"ping\"}", -32600},
      {"{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"ping\"}", -32600},
  };
  for (const auto& [text, code] : bodies) {
    CAPTURE(text);
    const Response answer = answer_to(text);
    CHECK(answer.status == 400);
    CHECK(code_of(body(answer)) == code);
    CHECK(body(answer).at("id").is_null());
  }
  transport::Request sent = server.post(request("ping"));
  for (const char* type : {"text/plain", "application/jsonx", ""}) {
    set(sent, "Content-Type", type);
    CHECK(server.endpoint.handle(sent).status == 415);
  }
  set(sent, "Content-Type", "Application/JSON ; charset=utf-8");
  CHECK(server.endpoint.handle(sent).status == 200);
  set(sent, "Accept", "text/html");  // not judged
  CHECK(server.endpoint.handle(sent).status == 200);
}

TEST_CASE("Notifications and responses are accepted and not answered") {
  HttpServer server;
  for (const json& message :
       {json{{"jsonrpc", "2.0"}, {"method", "notifications/initialized"}},
        json{{"jsonrpc", "2.0"}, {"method", "notifications/cancelled"}, {"params", {1, 2}}},
        json{{"jsonrpc", "2.0"}, {"id", 3}, {"result", json::object()}}}) {
    CAPTURE(message);
    const Response answer = server.endpoint.handle(server.post(message));
    CHECK(answer.status == 202);
    CHECK(answer.body.empty());
  }
}

TEST_CASE("Legacy requests need no handshake; their errors are answers") {
  HttpServer server;
  for (const char* asked : {"2025-11-25", "2026-07-28", "1999-01-01"}) {
    const Response hello =
        server.endpoint.handle(server.post(request("initialize", {{"protocolVersion", asked}})));
    CHECK(hello.status == 200);
    CHECK(body(hello).at("result").at("protocolVersion") == "2025-11-25");
    CHECK(header(hello, "Mcp-Session-Id").empty());
  }
  CHECK(body(server.endpoint.handle(server.post(request("tools/list"))))
            .at("result")
            .contains("tools"));
  for (const char* method : {"no/such", "server/discover", "subscriptions/listen"}) {
    const Response answer = server.endpoint.handle(server.post(request(method)));
    CHECK(answer.status == 200);
    CHECK(code_of(body(answer)) == -32601);
  }
  transport::Request sent = server.post(request("ping"));
  for (const char* version : kLegacyVersions) {
    set(sent, "MCP-Protocol-Version", version);
    CHECK(server.endpoint.handle(sent).status == 200);
  }
  set(sent, "MCP-Protocol-Version", "2031-01-01");
  const Response refused = server.endpoint.handle(sent);
  CHECK(refused.status == 400);
  CHECK(code_of(body(refused)) == -32000);
  CHECK(body(refused).at("error").at("message").get<std::string>().find("2025-11-25") !=
        std::string::npos);
}

TEST_CASE("A modern request declares itself in the body, and its headers repeat it") {
  HttpServer server;
  const auto answer_to = [&](const transport::Request& sent) {
    return server.endpoint.handle(sent);
  };
  const Response found = answer_to(server.modern_post("server/discover"));
  CHECK(found.status == 200);
  CHECK(header(found, "Content-Type") == "application/json");
  CHECK(body(found).at("result").at("resultType") == "complete");
  CHECK(body(found).at("result").at("_meta").contains(kServerInfoKey));

  SECTION("the version") {
    transport::Request sent = server.modern_post("server/discover");
    remove(sent, "MCP-Protocol-Version");
    CHECK(code_of(body(answer_to(sent))) == -32020);
    CHECK(answer_to(sent).status == 400);
    set(sent, "MCP-Protocol-Version", "2025-11-25");
    CHECK(code_of(body(answer_to(sent))) == -32020);
    sent = server.modern_post("server/discover", {}, "v999");
    CHECK(answer_to(sent).status == 400);
    CHECK(code_of(body(answer_to(sent))) == -32022);
    CHECK(body(answer_to(sent)).at("error").at("data") ==
          json{{"supported", {kModernVersion}}, {"requested", "v999"}});
    set(sent, "MCP-Protocol-Version", kModernVersion);
    CHECK(code_of(body(answer_to(sent))) == -32020);
    sent = server.modern_post("server/discover", {}, "2025-11-25");
    CHECK(code_of(body(answer_to(sent))) == -32022);
  }
  SECTION("the envelope") {
    transport::Request sent = server.modern_post("server/discover");
    sent.body = request("server/discover").dump();
    CHECK(answer_to(sent).status == 400);
    CHECK(code_of(body(answer_to(sent))) == -32602);
    CHECK(body(answer_to(sent)).at("id") == 1);
    json lacking = modern();
    lacking["_meta"].erase(kCapabilitiesKey);
    sent.body = request("server/discover", lacking).dump();
    CHECK(answer_to(sent).status == 400);
    CHECK(code_of(body(answer_to(sent))) == -32602);
  }
  SECTION("the method") {
    transport::Request sent = server.modern_post("tools/list");
    for (const char* method : {"prompts/list", "TOOLS/LIST", ""}) {
      set(sent, "Mcp-Method", method);
      CHECK(answer_to(sent).status == 400);
      CHECK(code_of(body(answer_to(sent))) == -32020);
    }
    remove(sent, "Mcp-Method");
    CHECK(code_of(body(answer_to(sent))) == -32020);
    set(sent, "mcp-method", "\t tools/list ");
    CHECK(answer_to(sent).status == 200);
    sent.headers.push_back({"MCP-METHOD", "tools/list"});  // twice
    CHECK(code_of(body(answer_to(sent))) == -32020);
  }
  SECTION("the name") {
    const std::pair<const char*, json> named[] = {{"tools/call", {{"name", "no-such"}}},
                                                  {"prompts/get", {{"name", "no-such"}}},
                                                  {"resources/read", {{"uri", "test://nothing"}}}};
    for (const auto& [method, parameters] : named) {
      CAPTURE(method);
      transport::Request sent = server.modern_post(method, parameters);
      CHECK(answer_to(sent).status == 200);
      CHECK(code_of(body(answer_to(sent))) == -32602);
      set(sent, "Mcp-Name", "another");
      CHECK(answer_to(sent).status == 400);
      CHECK(code_of(body(answer_to(sent))) == -32020);
      remove(sent, "Mcp-Name");
      CHECK(code_of(body(answer_to(sent))) == -32020);
    }
    transport::Request sent = server.modern_post("tools/call", {{"name", "b\u00fccher"}});
    set(sent, "Mcp-Name", "=?base64?YsO8Y2hlcg==?=");
    CHECK(code_of(body(answer_to(sent))) == -32602);
    set(sent, "Mcp-Name", "=?base64?YsO8Y2hlcg?=");
    CHECK(code_of(body(answer_to(sent))) == -32020);
  }
  SECTION("methods that the era does not have") {
    for (const char* method : {"initialize", "ping", "logging/setLevel", "resources/subscribe",
                               "resources/unsubscribe", "no/such"}) {
      CAPTURE(method);
      const Response answer = answer_to(server.modern_post(method));
      CHECK(answer.status == 404);
      CHECK(code_of(body(answer)) == -32601);
      CHECK(body(answer).at("id") == 1);
    }
  }
  SECTION("bad arguments of a tool are the tool's error") {
    const Response answer = answer_to(
        server.modern_post("tools/call", {{"name", "create-event"}, {"arguments", {{"x", 1}}}}));
    CHECK(answer.status == 200);
    CHECK(body(answer).at("result").at("isError") == true);
  }
}

TEST_CASE("Clients that name an older revision in the header pass where that is switched on") {
  HttpServer server;
  server.settings.accepts_legacy_version_header = true;
  std::vector<std::string> told;
  server.settings.log = [&told](const std::string& line) { told.push_back(line); };
  HttpEndpoint lenient(server.settings);
  transport::Request sent = server.modern_post("tools/list");
  set(sent, "MCP-Protocol-Version", "2025-11-25");
  CHECK(server.endpoint.handle(sent).status == 400);
  CHECK(lenient.handle(sent).status == 200);
  CHECK(told.size() == 1);
  set(sent, "MCP-Protocol-Version", "2031-01-01");
  CHECK(lenient.handle(sent).status == 400);
  CHECK(told.size() == 1);
}

TEST_CASE("Parameters that are mirrored in headers are held against them") {
  SystemClock clock;
  SystemEntropy entropy;
  Subscriptions subscriptions;
  fixtures::FixtureFeatures features(subscriptions, clock, entropy, "1.2.3");
  Protocol protocol(features, subscriptions);
  HttpEndpoint endpoint(HttpSettings{protocol, nullptr, {}, {}});
  const auto answer_to = [&](const json& arguments, std::optional<std::string> header) {
    transport::Request sent = modern_request(
        "tools/call", {{"name", "test_x_mcp_header"}, {"arguments", arguments}}, kModernVersion);
    if (header) sent.headers.push_back({"mcp-param-region", *header});
    const Response answer = endpoint.handle(sent);
    return answer.status == 200 ? 0 : code_of(body(answer));
  };
  CHECK(answer_to({{"region", "eu"}}, "eu") == 0);
  CHECK(answer_to({{"region", "eu"}}, "=?base64?ZXU=?=") == 0);
  CHECK(answer_to({{"region", "=?base64?ZXU="}}, "=?base64?ZXU=") == 0);  // no end: as it stands
  CHECK(answer_to(json::object(), std::nullopt) == 0);
  CHECK(answer_to({{"region", nullptr}}, std::nullopt) == 0);
  CHECK(answer_to({{"region", "eu"}}, std::nullopt) == -32020);
  CHECK(answer_to({{"region", "eu"}}, "EU") == -32020);
  CHECK(answer_to({{"region", "eu"}}, "=?base64?ZX?=") == -32020);
  CHECK(answer_to(json::object(), "eu") == -32020);
}

TEST_CASE("Integers compare as numbers, booleans as words, and nested properties count") {
  const json schema = {{"type", "object"},
                       {"properties",
                        {{"outer",
                          {{"type", "object"},
                           {"properties",
                            {{"count", {{"type", "integer"}, {"x-mcp-header", "Count"}}},
                             {"wet", {{"type", "boolean"}, {"x-mcp-header", "Wet"}}}}}}}}}};
  Request request;
  request.parameters = {{"arguments", {{"outer", {{"count", 42}, {"wet", true}}}}}};
  const auto passes = [&](const std::string& count, const std::string& wet) {
    return !check_parameter_headers(request, {{"Mcp-Param-Count", count}, {"Mcp-Param-Wet", wet}},
                                    schema);
  };
  CHECK(passes("42", "true"));
  CHECK(passes("42.0", "true"));
  CHECK_FALSE(passes("43", "true"));
  CHECK_FALSE(passes("\"42\"", "true"));
  CHECK_FALSE(passes("42", "True"));
  CHECK_FALSE(passes("", "true"));
}

}  // namespace openavail::mcp::testing
