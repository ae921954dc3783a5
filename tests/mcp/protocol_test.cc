// The wire layer in both eras, and stdio against hostile lines. No data directory is opened.
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <future>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/limits.h"
#include "mcp/messages.h"
#include "mcp/stdio.h"

namespace openavail::mcp::testing {
namespace {

// The answers to `input`, one a line, of a server that reads it to its end.
std::vector<json> serve(BareServer& server, const std::string& input) {
  int in[2];
  int out[2];
  REQUIRE(pipe(in) == 0);
  REQUIRE(pipe(out) == 0);
  std::thread writer([&] {
    std::size_t done = 0;
    while (done < input.size()) {
      const ssize_t n = ::write(in[1], input.data() + done, input.size() - done);
      if (n <= 0) break;
      done += static_cast<std::size_t>(n);
    }
    ::close(in[1]);
  });
  std::string text;
  std::thread reader([&] {
    char buffer[4096];
    for (ssize_t n = 0; (n = ::read(out[0], buffer, sizeof buffer)) > 0;) {
      text.append(buffer, static_cast<std::size_t>(n));
    }
  });
  const int exit_code = serve_stdio(in[0], out[1], server.protocol, server.caller);
  ::close(out[1]);
  writer.join();
  reader.join();
  ::close(in[0]);
  ::close(out[0]);
  CHECK(exit_code == 0);
  std::vector<json> answers;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    REQUIRE(end != std::string::npos);
    answers.push_back(json::parse(text.substr(at, end - at)));
    at = end + 1;
  }
  return answers;
}

}  // namespace

TEST_CASE("The list of tools stays small, is whole, and opens nothing") {
  BareServer server;
  const json tools = server.handle(request("tools/list"))->at("result").at("tools");
  REQUIRE(tools.size() == 19);
  json without_output = tools;
  for (json& tool : without_output) {
    tool.erase("outputSchema");
    tool.erase("annotations");
  }
  CHECK(without_output.dump().size() < 20'000);
  CHECK(tools.dump().size() < 36'000);
  for (const json& tool : tools) {
    CAPTURE(tool.at("name"));
    for (const char* hint :
         {"readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"}) {
      CHECK(tool.at("annotations").at(hint).is_boolean());
    }
    CHECK_FALSE(tool.at("title").get<std::string>().empty());
    CHECK_FALSE(tool.at("description").get<std::string>().empty());
    CHECK(tool.at("inputSchema").at("type") == "object");
    CHECK(tool.at("outputSchema").at("type") == "object");
  }
  CHECK(server.opened == 0);
}

TEST_CASE("Without a key no tool is listed, and the instructions say what is missing") {
  BareServer server;
  server.caller.api_key.reset();
  CHECK(server.handle(request("tools/list"))->at("result").at("tools").empty());
  const json hello = server.handle(request("initialize"))->at("result");
  CHECK(hello.at("instructions").get<std::string>().find("OPENAVAIL_API_KEY") != std::string::npos);
  CHECK(code_of(server.handle(request("tools/call", {{"name", "create-hold"}}))) == -32602);
  CHECK(server.opened == 0);
}

TEST_CASE("A legacy handshake answers the version asked for, or the latest legacy one") {
  BareServer server;
  const auto version = [&](const char* asked) {
    const auto answer = server.handle(request("initialize", {{"protocolVersion", asked}}));
    return answer->at("result").at("protocolVersion").get<std::string>();
  };
  for (const char* known : kLegacyVersions) CHECK(version(known) == known);
  CHECK(version(kModernVersion) == "2025-11-25");
  CHECK(version("nonsense") == "2025-11-25");
  CHECK(server.handle(request("ping"))->at("result") == json::object());
  CHECK(code_of(server.handle(request("server/discover"))) == -32601);
}

TEST_CASE("A modern request is judged by its envelope, on the same pipe") {
  BareServer server;
  const json found = server.handle(request("server/discover", modern()))->at("result");
  CHECK(found.at("supportedVersions") == json::array({kModernVersion}));
  CHECK(found.at("resultType") == "complete");
  CHECK(found.at("_meta").at("io.modelcontextprotocol/serverInfo").at("version") == "1.2.3");
  const json list = server.handle(request("tools/list", modern()))->at("result");
  CHECK(list.at("ttlMs") >= 0);
  CHECK(list.at("cacheScope") == "private");
  for (const char* gone : {"initialize", "ping", "logging/setLevel"}) {
    CHECK(code_of(server.handle(request(gone, modern()))) == -32601);
  }
  const auto refused = server.handle(request("tools/list", modern({}, {}, "2031-01-01")));
  CHECK(code_of(refused) == -32022);
  CHECK(refused->at("error").at("data").at("supported") == json::array({kModernVersion}));
  CHECK(refused->at("error").at("data").at("requested") == "2031-01-01");
  json lacking = modern();
  lacking["_meta"].erase("io.modelcontextprotocol/clientCapabilities");
  CHECK(code_of(server.handle(request("tools/list", lacking))) == -32602);
}

TEST_CASE(
    "A failed call is a tool's error with text to act on; an unknown tool is the protocol's") {
  BareServer server;
  const json result =
      server.handle(request("tools/call", {{"name", "list-calendars"}}))->at("result");
  CHECK(result.at("isError") == true);
  const json text = json::parse(result.at("content").at(0).at("text").get<std::string>());
  CHECK(text.at("error") == "NOT_FOUND");
  CHECK(text.at("next") == "run openavail init");
  CHECK(text.at("pendingNotifications").empty());
  CHECK(server.opened == 1);
  CHECK(code_of(server.handle(request("tools/call", {{"name", "no-such"}}))) == -32602);
  CHECK(code_of(server.handle(request("tools/call"))) == -32602);
  CHECK(code_of(server.handle(request("tools/list", {{"cursor", "x"}}))) == -32602);
}

TEST_CASE("Every malformed message gets its own error, and notifications and responses none") {
  BareServer server;
  CHECK(code_of(server.handle(json::array({request("ping")}))) == -32600);
  CHECK(code_of(server.handle({{"jsonrpc", 2}, {"id", 1}, {"method", "ping"}})) == -32600);
  CHECK(code_of(server.handle({{"jsonrpc", "2.0"}, {"id", nullptr}, {"method", "x"}})) == -32600);
  CHECK(code_of(server.handle({{"jsonrpc", "2.0"}, {"id", 1}, {"method", 5}})) == -32600);
  const auto nameless = server.handle({{"jsonrpc", "2.0"}, {"id", 8}});
  CHECK(code_of(nameless) == -32600);
  CHECK(nameless->at("id") == 8);
  CHECK(code_of(server.handle(request("ping", json::array()))) == -32602);
  CHECK(code_of(server.handle(request("initialize", {{"protocolVersion", 5}}))) == -32602);
  CHECK_FALSE(server.handle({{"jsonrpc", "2.0"}, {"method", "notifications/initialized"}}));
  CHECK_FALSE(server.handle({{"jsonrpc", "2.0"}, {"id", 1}, {"result", json::object()}}));
}

TEST_CASE("A hostile line is answered, and the next line is served") {
  BareServer server;
  const std::string ping = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\r\n";
  const std::pair<std::string, int> lines[] = {
      {"{oops\n", -32700},
      {std::string(100'000, '[') + "\n", -32700},
      {"{\"a\":1,\"a\":2}\n", -32700},
      {"\xff\n", -32700},
      {std::string(3 * limits::kJsonLineBytesMax, 'x') + "\n", -32600},
      {"[]\n", -32600},
      {"5\n", -32600},
  };
  for (const auto& [line, code] : lines) {
    CAPTURE(line.substr(0, 40));
    const std::vector<json> answers = serve(server, line + ping);
    REQUIRE(answers.size() == 2);
    CHECK(answers[0].at("error").at("code") == code);
    CHECK(answers[1].at("result") == json::object());
  }
}

TEST_CASE("A cancellation of any shape is silent, and the next line is served") {
  BareServer server;
  for (const char* parameters :
       {"[]", "\"x\"", "{}", "null", "{\"requestId\":[1]}", "{\"requestId\":7}"}) {
    CAPTURE(parameters);
    const std::vector<json> answers =
        serve(server, std::string("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\","
                                  "\"params\":") +
                          parameters + "}\n{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}");
    REQUIRE(answers.size() == 1);
    CHECK(answers[0].at("id") == 1);
  }
}

TEST_CASE("A cancelled call is not answered, and one that has not begun never begins") {
  std::atomic<int> begun = 0;
  std::promise<void> gate;
  const std::shared_future<void> opened_gate = gate.get_future().share();
  BareServer server;
  server.open = [&]() -> Result<operations::Runner*> {
    ++begun;
    opened_gate.wait();
    return fail(Error(ErrorCode::not_found, "there is no data directory", ""));
  };
  int in[2];
  int out[2];
  REQUIRE(pipe(in) == 0);
  REQUIRE(pipe(out) == 0);
  std::thread serving([&] { serve_stdio(in[0], out[1], server.protocol, server.caller); });
  const auto send = [&](const json& message) {
    const std::string line = message.dump() + "\n";
    REQUIRE(::write(in[1], line.data(), line.size()) == static_cast<ssize_t>(line.size()));
  };
  const auto next_id = [&] {
    std::string line;
    for (char c = 0; ::read(out[0], &c, 1) == 1 && c != '\n';) line += c;
    return json::parse(line).at("id").get<int>();
  };
  // As many calls as there are workers, and one that has to wait for one of them.
  constexpr int kWaiting = limits::kStdioWorkers;
  for (int id = 0; id <= kWaiting; ++id) {
    json call = request("tools/call", {{"name", "list-calendars"}});
    call["id"] = id;
    send(call);
  }
  while (begun < limits::kStdioWorkers) std::this_thread::yield();
  for (const int id : {0, kWaiting}) {
    send({{"jsonrpc", "2.0"},
          {"method", "notifications/cancelled"},
          {"params", {{"requestId", id}, {"reason", "no longer wanted"}}}});
  }
  // Lines are taken in order: once this is answered, the cancellations have been taken.
  json ping = request("ping");
  ping["id"] = 100;
  send(ping);
  CHECK(next_id() == 100);
  gate.set_value();
  std::set<int> answered;
  for (int left = limits::kStdioWorkers - 1; left > 0; --left) answered.insert(next_id());
  ::close(in[1]);
  serving.join();
  ::close(out[1]);
  char c = 0;
  CHECK(::read(out[0], &c, 1) == 0);  // nothing more was said
  CHECK(answered.size() == static_cast<std::size_t>(limits::kStdioWorkers) - 1);
  CHECK(answered.count(0) == 0);
  CHECK(begun == limits::kStdioWorkers);
  ::close(in[0]);
  ::close(out[0]);
}

TEST_CASE("Calls that were read before the end of the input are all answered, each once") {
  BareServer server;
  // An unknown tool opens nothing, so that workers share no state of the fixture.
  std::string input;
  std::set<int> expected;
  for (int id = 0; id < 40; ++id) {
    json call = request("tools/call", {{"name", "no-such"}});
    call["id"] = id;
    input += call.dump() + "\n";
    expected.insert(id);
  }
  std::set<int> seen;
  for (const json& answer : serve(server, input))
    CHECK(seen.insert(answer.at("id").get<int>()).second);
  CHECK(seen == expected);
}

}  // namespace openavail::mcp::testing
