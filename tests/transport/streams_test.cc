// Answers that go on: event streams.
#include <catch2/catch.hpp>

#include "transport/support/test_server.h"

using namespace openavail;
using namespace openavail::testing;

namespace {

std::string dechunked(const std::string& text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t line = text.find("\r\n", at);
    const std::size_t size = std::stoul(text.substr(at, line - at), nullptr, 16);
    plain += text.substr(line + 2, size);
    at = line + 2 + size + 2;
  }
  return plain;
}

constexpr const char* kThreeEvents = "data: 1\n\ndata: 2\n\ndata: 3\n\n";

}  // namespace

TEST_CASE("An event stream comes in chunks, and the connection goes on after it") {
  TestServer server;
  RawClient client = server.connect();
  for (int i = 0; i < 2; ++i) {
    client.send(get("/events"));
    const auto head = client.answer();
    REQUIRE(head);
    CHECK(head->status == 200);
    CHECK(head->header("transfer-encoding") == "chunked");
    CHECK(head->header("content-length").empty());
    CHECK(head->header("content-type") == "text/event-stream");
    CHECK(head->header("x-accel-buffering") == "no");
    const std::string body = client.read_until("\r\n0\r\n\r\n");
    CHECK(dechunked(body) == kThreeEvents);
  }
  client.send(get("/echo"));
  CHECK(client.answer());
}

TEST_CASE("To HTTP/1.0 a stream goes as it is, and the connection's end ends it") {
  TestServer server;
  RawClient client = server.connect();
  client.send("GET /events HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  const auto head = client.answer();
  REQUIRE(head);
  CHECK(head->header("transfer-encoding").empty());
  CHECK(head->header("connection") == "close");
  CHECK(client.rest() == kThreeEvents);
}

TEST_CASE("HEAD of a stream is its head alone") {
  TestServer server;
  RawClient client = server.connect();
  client.send("HEAD /events HTTP/1.1\r\nHost: a\r\n\r\n" + get("/echo"));
  CHECK(client.answer(false)->header("content-type") == "text/event-stream");
  CHECK(client.answer()->body.substr(0, 10) == "GET /echo\n");
}

TEST_CASE("A stream notices that its client has gone") {
  TestServer server;
  {
    RawClient client = server.connect();
    client.send(get("/forever"));
    REQUIRE(client.answer());
    CHECK(client.read_until("\n\n\r\n") == "9\r\ndata: 1\n\n\r\n");
    CHECK(server.counters().event_streams_open == 1);
  }
  CHECK(eventually([&] { return server.counters().event_streams_open == 0; }));
  CHECK(eventually([&] { return server.counters().connections_open == 0; }));
}

TEST_CASE("event_streams_max: streams take no worker, and one too many is refused") {
  transport::ServerLimits limits;
  limits.event_streams_max = 3;
  limits.workers_max = 1;
  TestServer server(limits);
  std::vector<RawClient> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(server.connect());
    clients.back().send(get("/forever"));
    REQUIRE(clients.back().answer());
  }
  const auto refused = server.last_answer_to(get("/forever"));
  REQUIRE(refused);
  CHECK(refused->status == 503);
  CHECK(refused->header("retry-after") == "1");
  CHECK(server.answer_to(get("/echo"))->status == 200);
  clients.pop_back();
  CHECK(eventually([&] {
    RawClient client = server.connect();
    client.send(get("/forever"));
    const auto answer = client.answer();
    return answer && answer->status == 200;
  }));
}

TEST_CASE("The end of the server ends a stream in order") {
  TestServer server;
  RawClient client = server.connect();
  client.send(get("/forever"));
  REQUIRE(client.answer());
  server.wait_for_waiting(1);
  CHECK(server.server().stop(std::chrono::seconds(20)));
  const auto rest = client.rest();
  REQUIRE(rest);
  CHECK(dechunked(*rest) == "data: 1\n\ndata: bye\n\n");
  CHECK(rest->substr(rest->size() - 5) == "0\r\n\r\n");
}
