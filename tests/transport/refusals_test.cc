// Heads that are refused, each with its status, and the forms that are taken.
#include <catch2/catch.hpp>
#include <random>

#include "transport/support/test_server.h"

using namespace openavail;
using namespace openavail::testing;

namespace {

struct Case {
  int status;
  std::string bytes;
};

std::string with(const std::string& line) {
  return "GET / HTTP/1.1\r\nHost: a\r\n" + line + "\r\n\r\n";
}

}  // namespace

TEST_CASE("A head that is not plain HTTP/1.1 is refused, and the connection ends") {
  TestServer server;
  const Case cases[] = {
      {400, "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"},
      {400, "GET /\r\n\r\n"},
      {400, "GET\r\n\r\n"},
      {400, " GET / HTTP/1.1\r\nHost: a\r\n\r\n"},
      {400, "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"},
      {400, "GET / a HTTP/1.1\r\nHost: a\r\n\r\n"},
      {400, "GET /\tHTTP/1.1\r\nHost: a\r\n\r\n"},
      {400, "get / HTTP/1.1\r\nHost: a\r\n\r\n"},
      {400, "G(T / HTTP/1.1\r\nHost: a\r\n\r\n"},
      {400, "GET / http/1.1\r\nHost: a\r\n\r\n"},
      {400, "GET / HTTP/1.10\r\nHost: a\r\n\r\n"},
      {400, "GET index.html HTTP/1.1\r\nHost: a\r\n\r\n"},
      {400, "GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n"},
      {400, "GET /#part HTTP/1.1\r\nHost: a\r\n\r\n"},
      {400, "GET * HTTP/1.1\r\nHost: a\r\n\r\n"},
      {400, "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n"},
      {400, "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost:\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"},
      {400, "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n"},
      {400, with("Host: a")},
      {400, with("no colon")},
      {400, with(": no name")},
      {400, with("Na me: a")},
      {400, with("Name : a")},
      {400, with("N\xc3\xa4me: a")},
      {400, with("X: a\r\n folded")},
      {400, with("X: a\r\n\tfolded")},
      {400, with("X: \x01")},
      {400, with("X: \x7f")},
      {400, "GET / HTTP/1.1\nHost: a\n\n"},
      {400, "GET / HTTP/1.1\r\r\nHost: a\r\n\r\n"},
      {505, "GET / HTTP/2.0\r\nHost: a\r\n\r\n"},
      {505, "GET / HTTP/1.2\r\nHost: a\r\n\r\n"},
      {505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
      {411, with("Transfer-Encoding: gzip, chunked")},
      {413, with("Content-Length: 99999999999999999999999999")},
      {414, "GET /" + std::string(8192, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n"},
  };
  for (const Case& tried : cases) {
    INFO(tried.bytes);
    const auto answer = server.last_answer_to(tried.bytes);
    REQUIRE(answer);
    CHECK(answer->status == tried.status);
    CHECK(answer->header("connection") == "close");
    CHECK(answer->header("content-type") == "application/json");
    CHECK(answer->header("date").size() == 29);
  }
  CHECK(server.counters().requests == 0);
  CHECK(server.counters().refusals == std::size(cases));
}

TEST_CASE("What looks unusual and is right is taken") {
  TestServer server;
  const std::string taken[] = {
      "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET / HTTP/1.1\r\nhOST:a:80\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: [::1]:8443\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nX:\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nX: \t a \t \r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nRange: bytes=0-1\r\n\r\n",
      "GET http://A HTTP/1.1\r\nHost: a\r\n\r\n",
      "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
      "PROPFIND / HTTP/1.1\r\nHost: a\r\n\r\n",
      "DELETE / HTTP/1.1\r\nHost: a\r\n\r\n",
      "DELETE / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
      "GET /" + std::string(8191, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n",
  };
  for (const std::string& bytes : taken) {
    INFO(bytes);
    const auto answer = server.answer_to(bytes);
    REQUIRE(answer);
    CHECK(answer->status == 200);
  }
  const auto absolute = server.answer_to("GET http://a?q HTTP/1.1\r\nHost: a\r\n\r\n");
  REQUIRE(absolute);
  CHECK(absolute->body.substr(0, 8) == "GET /?q\n");
}

TEST_CASE("A refusal carries the client's request id where the head could be read") {
  TestServer server;
  const std::string id = "X-Request-Id: abc-1\r\n";
  CHECK(server.last_answer_to(post("/", "", "Content-Encoding: br\r\n" + id))
            ->header("x-request-id") == "abc-1");
  CHECK(server.last_answer_to("GET /a b HTTP/1.1\r\n" + id + "\r\n")->header("x-request-id") ==
        "abc-1");
  CHECK(server.last_answer_to("GET /\x01 HTTP/1.1\r\n" + id + "\r\n")
            ->header("x-request-id")
            .empty());
}

TEST_CASE("Whatever bytes come, each connection gets answers in form or none, and ends") {
  TestServer server;
  std::mt19937 random(20260301);
  const std::string seed = post("/echo", "body", "Expect: 100-continue\r\nConnection: close\r\n");
  for (int round = 0; round < 2000; ++round) {
    std::string bytes = seed;
    for (unsigned change = random() % 4; change > 0; --change) {
      const std::size_t at = random() % bytes.size();
      switch (random() % 3) {
        case 0:
          bytes[at] = static_cast<char>(random());
          break;
        case 1:
          bytes.erase(at, random() % 8);
          break;
        default:
          bytes.insert(at, bytes.substr(random() % bytes.size(), random() % 16));
      }
    }
    RawClient client = server.connect();
    client.send(bytes);
    client.shut_writing();
    const auto rest = client.rest();
    INFO("round " << round << ": " << bytes);
    REQUIRE(rest);
    CHECK((rest->empty() || rest->substr(0, 9) == "HTTP/1.1 "));
  }
  CHECK(server.answer_to(get("/echo")));
}
