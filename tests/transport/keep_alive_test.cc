// Connections that carry more than one request.
#include <catch2/catch.hpp>

#include "transport/support/test_server.h"

using namespace openavail;
using namespace openavail::testing;

TEST_CASE("A request arrives whole at the handler, and its answer at the client") {
  TestServer server;
  const auto answer = server.answer_to(post("/echo?q=%2Fa+b&r", "the body", "X-One: 1 \r\n"));
  REQUIRE(answer);
  CHECK(answer->status == 200);
  CHECK(answer->body ==
        "POST /echo?q=%2Fa+b&r\nHost=localhost\nContent-Length=8\nX-One=1\n"
        "peer=127.0.0.1 loopback\nbody=the body");
  CHECK(answer->header("content-type") == "text/plain");
  CHECK(answer->header("x-second") == "2");
  CHECK(answer->header("date").size() == 29);
  CHECK(answer->header("date").substr(26) == "GMT");
  CHECK(answer->head.find("Server") == std::string::npos);
}

TEST_CASE("Header values are handed on as they were sent, percent signs and all") {
  TestServer server;
  const auto answer =
      server.answer_to(get("/echo", "Idempotency-Key: %41\"b\"\r\nx-utf: \xc3\xa9\r\n"));
  REQUIRE(answer);
  CHECK(answer->body.find("Idempotency-Key=%41\"b\"\nx-utf=\xc3\xa9\n") != std::string::npos);
}

TEST_CASE("Requests sent ahead are answered one by one, in order") {
  TestServer server;
  RawClient client = server.connect();
  std::string all;
  for (int i = 0; i < 200; ++i) all += post("/echo", "body " + std::to_string(i));
  REQUIRE(client.send(all));
  for (int i = 0; i < 200; ++i) {
    const auto answer = client.answer();
    REQUIRE(answer);
    const std::string end = "body=body " + std::to_string(i);
    CHECK(answer->body.substr(answer->body.size() - end.size()) == end);
  }
}

TEST_CASE("A request may come byte by byte") {
  TestServer server;
  RawClient client = server.connect();
  for (const char c : "\r\n" + post("/echo", "abc")) REQUIRE(client.send({&c, 1}));
  const auto answer = client.answer();
  REQUIRE(answer);
  CHECK(answer->body.find("body=abc") != std::string::npos);
}

TEST_CASE("HEAD has the head of GET and no body, and the connection goes on") {
  TestServer server;
  RawClient client = server.connect();
  client.send("HEAD /size/1000 HTTP/1.1\r\nHost: a\r\n\r\n" + get("/echo"));
  const auto head = client.answer(false);
  REQUIRE(head);
  CHECK(head->header("content-length") == "1000");
  CHECK(head->header("accept-ranges").empty());
  const auto next = client.answer();
  REQUIRE(next);
  CHECK(next->body.substr(0, 10) == "GET /echo\n");
}

TEST_CASE("An answer without content says nothing of a length") {
  TestServer server;
  RawClient client = server.connect();
  client.send(get("/nothing"));
  const auto nothing = client.answer();
  REQUIRE(nothing);
  CHECK(nothing->status == 204);
  CHECK(nothing->header("content-length").empty());
  client.send(get("/echo"));
  CHECK(client.answer());
}

TEST_CASE("The connection ends where the client, the version or the handler says so") {
  TestServer server;
  const std::string last[] = {
      get("/echo", "Connection: close\r\n"),
      get("/echo", "Connection: keep-alive, Close\r\n"),
      "GET /echo HTTP/1.0\r\n\r\n",
      get("/close"),
  };
  for (const std::string& request : last) {
    INFO(request);
    const auto answer = server.last_answer_to(request);
    REQUIRE(answer);
    CHECK(answer->status == 200);
    CHECK(answer->header("connection") == "close");
  }
  RawClient client = server.connect();
  for (int i = 0; i < 2; ++i) {  // HTTP/1.0 may ask for more
    client.send("GET /echo HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    const auto answer = client.answer();
    REQUIRE(answer);
    CHECK(answer->header("connection") == "keep-alive");
  }
}

TEST_CASE("A connection serves so many requests and no more") {
  transport::ServerLimits limits;
  limits.requests_per_connection_max = 3;
  TestServer server(limits);
  RawClient client = server.connect();
  for (int i = 0; i < 4; ++i) client.send(get("/echo"));
  for (int i = 0; i < 3; ++i) {
    const auto answer = client.answer();
    REQUIRE(answer);
    CHECK(answer->header("connection") == (i == 2 ? "close" : ""));
  }
  CHECK(client.rest() == "");
  CHECK(server.counters().requests == 3);
}

TEST_CASE("A client that has sent all it has to say still gets its answer") {
  TestServer server;
  RawClient client = server.connect();
  client.send(get("/echo"));
  client.shut_writing();
  CHECK(client.answer());
  CHECK(client.is_closed_by_server());
}

TEST_CASE("A handler's headers can't carry others in, nor contradict the transport's") {
  TestServer server;
  const auto answer = server.answer_to(get("/header"));
  REQUIRE(answer);
  CHECK(answer->head.find("Set-Cookie") == std::string::npos);
  CHECK(answer->header("content-length") == "0");
}

TEST_CASE("A large answer arrives whole at a client that reads late") {
  TestServer server;
  RawClient client = server.connect();
  client.send(get("/size/20000000") + get("/echo"));
  // Until the sockets are full the worker wrote; the rest is the reactor's.
  REQUIRE(eventually([&] { return server.counters().workers_busy == 0; }));
  const auto answer = client.answer();
  REQUIRE(answer);
  CHECK(answer->body == std::string(20'000'000, 'x'));
  CHECK(client.answer());
}

TEST_CASE("Expect: 100-continue is answered before the body comes") {
  TestServer server;
  RawClient client = server.connect();
  client.send(
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-Continue\r\n\r\n");
  CHECK(client.read_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("abc");
  const auto answer = client.answer();
  REQUIRE(answer);
  CHECK(answer->body.find("body=abc") != std::string::npos);
  // Not where the body is refused, or is there already.
  CHECK(server
            .last_answer_to("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999\r\n"
                            "Expect: 100-continue\r\n\r\n")
            ->status == 413);
  CHECK(server.answer_to(post("/echo", "abc", "Expect: 100-continue\r\n"))->status == 200);
  CHECK(server.last_answer_to(post("/echo", "abc", "Expect: miracles\r\n"))->status == 417);
}
