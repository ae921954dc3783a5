// Every limit of ServerLimits, made small.
#include <catch2/catch.hpp>

#include "transport/support/test_server.h"

using namespace openavail;
using namespace openavail::testing;
using std::chrono::milliseconds;

TEST_CASE("head_bytes_max: as many bytes are taken, not one more") {
  transport::ServerLimits limits;
  limits.head_bytes_max = 200;
  TestServer server(limits);
  const std::string empty = get("/echo", "X: \r\n");
  const std::string full = get("/echo", "X: " + std::string(200 - empty.size(), 'a') + "\r\n");
  REQUIRE(full.size() == 200);
  CHECK(server.answer_to(full)->status == 200);
  const auto over =
      server.last_answer_to(get("/echo", "X: " + std::string(201 - empty.size(), 'a') + "\r\n"));
  REQUIRE(over);
  CHECK(over->status == 431);
}

TEST_CASE("headers_max and body_bytes_max are exact") {
  transport::ServerLimits limits;
  limits.headers_max = 3;
  limits.body_bytes_max = 10;
  TestServer server(limits);
  CHECK(server.answer_to(get("/echo", "A: 1\r\nB: 2\r\n"))->status == 200);
  CHECK(server.last_answer_to(get("/echo", "A: 1\r\nB: 2\r\nC: 3\r\n"))->status == 431);
  CHECK(server.answer_to(post("/echo", std::string(10, 'a')))->status == 200);
  // Refused on its announcement: none of the body needs to come.
  CHECK(server.last_answer_to("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n")->status ==
        413);
}

TEST_CASE("head_time_max counts from the first byte, however steadily more come") {
  transport::ServerLimits limits;
  limits.head_time_max = milliseconds(300);
  TestServer server(limits);
  RawClient client = server.connect();
  int sent = 0;
  while (client.send("G") && sent < 100'000) {  // until it is cut
    ++sent;
    std::this_thread::sleep_for(milliseconds(20));
  }
  CHECK(sent < 100'000);
  CHECK(server.counters().refusals == 1);

  RawClient silent = server.connect();
  silent.send("GET / HTTP/1.1\r\n");
  const auto answer = silent.answer();
  REQUIRE(answer);
  CHECK(answer->status == 408);
  CHECK(silent.is_closed_by_server());
}

TEST_CASE("body_time_max ends a request whose body doesn't come") {
  transport::ServerLimits limits;
  limits.body_time_max = milliseconds(200);
  TestServer server(limits);
  const auto answer = server.last_answer_to(
      "POST /echo HTTP/1.1\r\nHost: a\r\nX-Request-Id: r7\r\nContent-Length: 10\r\n\r\nabc");
  REQUIRE(answer);
  CHECK(answer->status == 408);
  CHECK(answer->header("x-request-id") == "r7");
}

TEST_CASE("idle_time_max closes a connection without a word, before and between requests") {
  transport::ServerLimits limits;
  limits.idle_time_max = milliseconds(1200);
  TestServer server(limits);
  RawClient fresh = server.connect();
  RawClient used = server.connect();
  used.send(get("/echo"));
  const auto answer = used.answer();
  REQUIRE(answer);
  CHECK(answer->header("keep-alive") == "timeout=1");
  CHECK(fresh.rest() == "");
  CHECK(used.rest() == "");
  CHECK(eventually([&] { return server.counters().connections_open == 0; }));
}

TEST_CASE("write_time_max ends a client that doesn't take its answer") {
  transport::ServerLimits limits;
  limits.write_time_max = milliseconds(300);
  TestServer server(limits);
  RawClient client = server.connect();
  client.send(get("/size/30000000"));
  CHECK(eventually([&] { return server.counters().connections_accepted == 1; }));
  CHECK(eventually([&] { return server.counters().connections_open == 0; }));
  CHECK_FALSE(client.answer());  // cut
}

TEST_CASE("connections_per_address_max: others of that address are turned away, no one else") {
  transport::ServerLimits limits;
  limits.connections_per_address_max = 3;
  TestServer server(limits);
  std::vector<RawClient> clients;
  for (int i = 0; i < 3; ++i) clients.push_back(server.connect("127.0.0.2"));
  REQUIRE(eventually([&] { return server.counters().connections_open == 3; }));
  RawClient fourth = server.connect("127.0.0.2");
  CHECK(fourth.is_closed_by_server());
  CHECK(server.counters().connections_refused == 1);
  RawClient other = server.connect("127.0.0.3");
  other.send(get("/echo"));
  CHECK(other.answer());
  // A place that is given up is free again.
  clients.pop_back();
  CHECK(eventually([&] {
    RawClient again = server.connect("127.0.0.2");
    return again.send(get("/echo")) && again.answer();
  }));
}

TEST_CASE("connections_max: a newcomer takes the place of who has been idle longest") {
  transport::ServerLimits limits;
  limits.connections_max = 3;
  TestServer server(limits);
  std::vector<RawClient> idle;
  for (int i = 0; i < 3; ++i) {
    idle.push_back(server.connect());
    REQUIRE(eventually([&] { return server.counters().connections_open == i + 1; }));
  }
  RawClient fresh = server.connect();
  fresh.send(get("/echo"));
  CHECK(fresh.answer());
  CHECK(idle[0].rest() == "");
  idle[1].send(get("/echo"));
  CHECK(idle[1].answer());
  CHECK(server.counters().connections_refused == 0);
}

TEST_CASE("connections_max: where all are at work a newcomer is turned away") {
  transport::ServerLimits limits;
  limits.connections_max = 2;
  TestServer server(limits);
  RawClient first = server.connect();
  RawClient second = server.connect();
  first.send(get("/wait"));
  second.send(get("/wait"));
  server.wait_for_waiting(2);
  RawClient third = server.connect();
  CHECK(third.is_closed_by_server());
  CHECK(server.counters().connections_refused == 1);
  server.release();
  CHECK(first.answer());
  CHECK(second.answer());
}

TEST_CASE("workers_max and requests_waiting_max: what is too much is told so at once") {
  transport::ServerLimits limits;
  limits.workers_max = 2;
  limits.requests_waiting_max = 1;
  TestServer server(limits);
  std::vector<RawClient> clients;
  for (int i = 0; i < 2; ++i) {
    clients.push_back(server.connect());
    clients.back().send(get("/wait"));
    server.wait_for_waiting(i + 1);
  }
  clients.push_back(server.connect());
  clients.back().send(get("/wait"));
  REQUIRE(eventually([&] { return server.counters().requests_waiting == 1; }));
  CHECK(server.counters().workers_busy == 2);
  const auto refused = server.last_answer_to(get("/echo", "X-Request-Id: r1\r\n"));
  REQUIRE(refused);
  CHECK(refused->status == 503);
  CHECK(refused->header("retry-after") == "1");
  CHECK(refused->header("x-request-id") == "r1");
  server.release();
  for (RawClient& client : clients) CHECK(client.answer()->body == "waited");
}

TEST_CASE("overload_after and overload_wait_max: who comes too late is told so, and may stay") {
  transport::ServerLimits limits;
  limits.workers_max = 1;
  limits.overload_after = std::chrono::milliseconds(0);
  limits.overload_wait_max = std::chrono::milliseconds(500);
  TestServer server(limits);
  RawClient running = server.connect();
  running.send(get("/wait"));
  server.wait_for_waiting(1);
  RawClient waiting = server.connect();
  waiting.send(get("/wait"));
  REQUIRE(eventually([&] { return server.counters().requests_waiting == 1; }));
  std::this_thread::sleep_for(limits.overload_wait_max * 2);
  RawClient late = server.connect();
  late.send(get("/echo", "X-Request-Id: r1\r\n"));
  const auto refused = late.answer();
  REQUIRE(refused);
  CHECK(refused->status == 503);
  CHECK(refused->header("retry-after") == "1");
  CHECK(refused->header("x-request-id") == "r1");
  server.release();
  CHECK(running.answer()->body == "waited");
  CHECK(waiting.answer()->status == 503);
  CHECK(server.counters().requests == 1);
  CHECK(server.counters().refusals == 2);
  late.send(get("/echo"));
  CHECK(late.answer()->status == 200);
}

TEST_CASE("Workers that block bring others, so a blocked one holds up nobody") {
  TestServer server;
  std::vector<RawClient> blocked;
  for (int i = 0; i < 20; ++i) {
    blocked.push_back(server.connect());
    blocked.back().send(get("/wait"));
  }
  server.wait_for_waiting(20);
  CHECK(server.counters().workers_busy == 20);
  CHECK(server.answer_to(get("/echo"))->status == 200);
  server.release();
  for (RawClient& client : blocked) CHECK(client.answer());
}

TEST_CASE("A client that breaks off costs nothing that stays") {
  TestServer server;
  for (int round = 0; round < 50; ++round) {
    server.connect().send("GET / HT");
    server.connect().send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\na");
    RawClient reset = server.connect();
    reset.send(get("/size/3000000"));
    reset.reset();
  }
  CHECK(eventually([&] { return server.counters().connections_open == 0; }));
  CHECK(server.answer_to(get("/echo")));
}
