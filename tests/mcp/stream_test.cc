// Answers that messages precede: event streams, progress, subscriptions, pages.
#include <catch2/catch.hpp>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "mcp/fixtures/fixture_features.h"
#include "mcp/http_server.h"
#include "mcp/page.h"
#include "mcp/progress.h"

namespace openavail::mcp::testing {
namespace {

// A client's end of a stream. It can go away.
class Client final : public transport::EventStream {
 public:
  bool write(std::string_view bytes) override {
    const std::lock_guard lock(mutex_);
    if (!is_open_) return false;
    text_ += bytes;
    changed_.notify_all();
    return true;
  }
  bool is_open() const override {
    const std::lock_guard lock(mutex_);
    return is_open_;
  }
  void go() {
    const std::lock_guard lock(mutex_);
    is_open_ = false;
  }
  // The messages so far, once there are that many.
  std::vector<json> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return messages().size() >= count; });
    return messages();
  }
  std::vector<json> all() {
    const std::lock_guard lock(mutex_);
    return messages();
  }

 private:
  std::vector<json> messages() const {
    std::vector<json> found;
    const std::string begin = "data: ";
    for (std::size_t at = 0; (at = text_.find(begin, at)) != std::string::npos;) {
      at += begin.size();
      found.push_back(json::parse(text_.substr(at, text_.find('\n', at) - at)));
    }
    return found;
  }
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::string text_;
  bool is_open_ = true;
};

struct Fixtures {
  SystemClock clock;
  SystemEntropy entropy;
  Subscriptions subscriptions{{3, 2}};
  fixtures::FixtureFeatures features{subscriptions, clock, entropy, "1.2.3"};
  Protocol protocol{features, subscriptions};
  HttpEndpoint endpoint{HttpSettings{protocol, nullptr, {}, {}}};
};

std::vector<json> run(const transport::Response& response) {
  Client client;
  response.stream(client);
  return client.all();
}

json call(const std::string& tool, json more = json::object()) {
  more["name"] = tool;
  return more;
}

}  // namespace

TEST_CASE("Progress precedes the result on an event stream, strictly increasing") {
  Fixtures server;
  json parameters = call("test_tool_with_progress");
  CHECK_FALSE(server.endpoint.handle(modern_request("tools/call", parameters)).stream);
  parameters["_meta"]["progressToken"] = "mine";
  for (const auto& sent :
       {modern_request("tools/call", parameters), posted(request("tools/call", parameters))}) {
    const auto response = server.endpoint.handle(sent);
    REQUIRE(response.stream);
    CHECK(response.status == 200);
    CHECK(header(response, "Content-Type") == "text/event-stream");
    CHECK(header(response, "Cache-Control") == "no-cache");
    CHECK(header(response, "X-Accel-Buffering") == "no");
    const auto messages = run(response);
    REQUIRE(messages.size() == 4);
    for (std::size_t i = 0; i < 3; ++i) {
      CHECK(messages[i].at("method") == "notifications/progress");
      CHECK(messages[i].at("params").at("progressToken") == "mine");
      CHECK(messages[i].at("params").at("progress") == i * 50);
    }
    CHECK(messages[3].at("id") == 1);
    CHECK(messages[3].contains("result"));
  }
}

TEST_CASE("Progress that does not increase, or has no token, is not told") {
  struct Log final : Exchange {
    std::vector<json> sent;
    bool send(const json& message) override {
      sent.push_back(message);
      return true;
    }
    bool is_cancelled() const override { return false; }
  } log;
  Request request;
  request.exchange = &log;
  Progress(request).report(1, 2, "x");
  CHECK(log.sent.empty());
  request.parameters = {{"_meta", {{"progressToken", {1}}}}};  // neither text nor a number
  Progress(request).report(1, 2, "x");
  CHECK(log.sent.empty());
  request.parameters = {{"_meta", {{"progressToken", 7}}}};
  Progress progress(request);
  for (const int done : {1, 1, 3, 2, 4}) progress.report(done, 4, "");
  CHECK(log.sent.size() == 3);
}

TEST_CASE("Long work is heard of again and again until it is done") {
  struct Gate final : Exchange {
    std::mutex mutex;
    std::condition_variable told;
    std::vector<std::int64_t> heard;
    bool send(const json& message) override {
      const std::lock_guard lock(mutex);
      heard.push_back(message.at("params").at("progress"));
      told.notify_all();
      return true;
    }
    bool is_cancelled() const override { return false; }
  } gate;
  Request request;
  request.exchange = &gate;
  request.parameters = {{"_meta", {{"progressToken", 7}}}};
  {
    Heartbeat heartbeat(request, "working", std::chrono::milliseconds(1));
    std::unique_lock lock(gate.mutex);
    gate.told.wait(lock, [&] { return gate.heard.size() >= 3; });
  }
  for (std::size_t i = 1; i < gate.heard.size(); ++i) CHECK(gate.heard[i] > gate.heard[i - 1]);
}

TEST_CASE("A modern client that goes hears no result; a legacy one has not cancelled") {
  Fixtures server;
  json parameters = call("test_tool_with_progress");
  parameters["_meta"]["progressToken"] = 1;
  Client gone;
  gone.go();
  server.endpoint.handle(modern_request("tools/call", parameters)).stream(gone);
  CHECK(gone.all().empty());

  // A tool that was not begun is not run once its client has gone.
  struct Gone final : Exchange {
    bool send(const json&) override { return false; }
    bool is_cancelled() const override { return true; }
  } cancelled;
  BareServer bare;
  bare.protocol.handle(request("tools/call", call("list-calendars")), bare.caller, cancelled);
  CHECK(bare.opened == 0);
}

TEST_CASE("A listening client is acknowledged first, and hears what it asked for alone") {
  Fixtures server;
  Client client;
  const auto response = server.endpoint.handle(modern_request(
      "subscriptions/listen",
      {{"notifications", {{"toolsListChanged", true}, {"resourcesListChanged", true}}}}));
  REQUIRE(response.stream);
  std::thread listening([&] { response.stream(client); });
  const json first = client.wait_for(1)[0];
  CHECK(first.at("method") == "notifications/subscriptions/acknowledged");
  CHECK(first.at("params").at("notifications") == json{{"toolsListChanged", true}});
  CHECK(first.at("params").at("_meta").at(kSubscriptionKey) == 1);
  for (const char* tool : {"test_trigger_prompt_change", "test_trigger_tool_change"}) {
    CHECK(server.endpoint.handle(modern_request("tools/call", call(tool))).status == 200);
  }
  const json second = client.wait_for(2)[1];
  CHECK(second.at("method") == "notifications/tools/list_changed");
  CHECK(second.at("params").at("_meta").at(kSubscriptionKey) == 1);
  server.subscriptions.end_all();
  listening.join();
  const auto all = client.all();
  REQUIRE(all.size() == 3);
  CHECK(all[2].at("id") == 1);
  CHECK(all[2].at("result").at("resultType") == "complete");
  CHECK(server.subscriptions.open() == 0);
}

TEST_CASE("Subscriptions are capped, of one key and in all, and end with their client") {
  Fixtures server;
  struct Open {
    Client client;
    std::thread thread;
  };
  std::vector<std::unique_ptr<Open>> streams;
  const auto listen = [&](const std::string& key) {
    auto open = std::make_unique<Open>();
    open->thread = std::thread([&server, key, &client = open->client] {
      Request request;
      request.era = Era::modern;
      request.id = 1;
      request.method = "subscriptions/listen";
      request.parameters = modern({{"notifications", json::object()}});
      request.caller.api_key = key;
      answer_on_stream(server.protocol, request, client);
    });
    const json said = open->client.wait_for(1)[0];
    streams.push_back(std::move(open));
    return said.contains("method");
  };
  CHECK(listen("a"));
  CHECK(listen("a"));
  CHECK_FALSE(listen("a"));
  CHECK(listen("b"));
  CHECK_FALSE(listen("c"));
  CHECK(code_of(streams.back()->client.all()[0]) == -32603);
  for (auto& open : streams) open->client.go();
  for (auto& open : streams) open->thread.join();
  CHECK(server.subscriptions.open() == 0);
}

TEST_CASE("Pages follow each other by opaque cursors of their own list") {
  const json entries = {"a", "b", "c", "d", "e"};
  json seen = json::array();
  json parameters = json::object();
  int pages = 0;
  for (;; ++pages) {
    const auto page = page_of("things", entries, parameters, 2);
    REQUIRE(page);
    for (const json& entry : page->at("things")) seen.push_back(entry);
    if (!page->contains("nextCursor")) break;
    parameters["cursor"] = page->at("nextCursor");
  }
  CHECK(pages == 2);
  CHECK(seen == entries);
  CHECK(page_of("things", entries, {{"cursor", ""}}, 2)->at("things") == json{"a", "b"});
  CHECK(page_of("others", entries, parameters, 2).error().code == -32602);
  for (const json& bad : {json("x"), json(7), json("dGhpbmdzOjk5"), json("dGhpbmdzOi0x")}) {
    CAPTURE(bad);
    const auto refused = page_of("things", entries, {{"cursor", bad}}, 2);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == -32602);
  }
}

}  // namespace openavail::mcp::testing
