// What cpp-httplib 0.11.4 lets a hostile client do, one test for each row of the table that the
// security design begins with. Each is run against a real server on loopback.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "transport/support/test_server.h"

using namespace openavail;
using namespace openavail::testing;

namespace {

long resident_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    if (word != "VmRSS:") continue;
    long kib = 0;
    status >> kib;
    return kib;
  }
  return 0;
}

// Sends until the server has enough of it.
void flood(RawClient& client, std::size_t bytes) {
  const std::string piece(64 * 1024, 'a');
  for (std::size_t sent = 0; sent < bytes; sent += piece.size()) {
    if (!client.send(piece)) return;
  }
}

int status_of_last_answer(const TestServer& server, const std::string& bytes) {
  const auto answer = server.last_answer_to(bytes);
  return answer ? answer->status : 0;
}

}  // namespace

TEST_CASE("row 1: a header line without end is cut at the limit and keeps no memory") {
  TestServer server;
  REQUIRE(server.answer_to(get("/echo")));
  const long before = resident_kib();
  std::vector<RawClient> clients;
  for (int i = 0; i < 8; ++i) {
    RawClient client = server.connect();
    client.send("GET /echo HTTP/1.1\r\nHost: localhost\r\nX-Long: ");
    flood(client, 40'000'000);
    clients.push_back(std::move(client));
  }
  CHECK(resident_kib() - before < 16 * 1024);
  CHECK(server.counters().requests == 1);
  CHECK(server.counters().refusals == 8);
  // The same from a client that reads the answer: 431, and for a target without end 414.
  const std::string long_line(33'000, 'a');
  CHECK(status_of_last_answer(server, "GET / HTTP/1.1\r\nHost: a\r\nX: " + long_line) == 431);
  CHECK(status_of_last_answer(server, "GET /" + long_line) == 414);
}

TEST_CASE("row 2: a body in chunks, or of unknown length, never reaches the handler") {
  TestServer server;
  const std::string head = "POST /echo HTTP/1.1\r\nHost: localhost\r\n";
  CHECK(status_of_last_answer(
            server, head + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n") == 411);
  CHECK(status_of_last_answer(server, head + "\r\nhello") == 411);
  for (const std::string method : {"PUT", "PATCH"}) {
    CHECK(status_of_last_answer(server, method + " / HTTP/1.1\r\nHost: a\r\n\r\nhello") == 411);
  }
  CHECK(status_of_last_answer(server, head + "Content-Length: 65537\r\n\r\n") == 413);
  RawClient client = server.connect();
  client.send(head + "Transfer-Encoding: chunked\r\n\r\n");
  flood(client, 5'000'000);
  CHECK(server.counters().requests == 0);
}

TEST_CASE("row 3: a compressed body is refused, not inflated") {
  TestServer server;
  for (const std::string coding : {"gzip", "br", "deflate", "x-gzip", "identity, gzip"}) {
    CHECK(status_of_last_answer(
              server, post("/echo", "bytes", "Content-Encoding: " + coding + "\r\n")) == 415);
  }
  CHECK(server.counters().requests == 0);
  const auto plain = server.answer_to(post("/echo", "bytes", "Content-Encoding: identity\r\n"));
  REQUIRE(plain);
  CHECK(plain->status == 200);
}

TEST_CASE("row 4: the text of an exception stays inside") {
  TestServer server;
  RawClient client = server.connect();
  client.send(get("/throw"));
  const auto answer = client.answer();
  REQUIRE(answer);
  CHECK(answer->status == 500);
  CHECK(answer->head.find("EXCEPTION") == std::string::npos);
  CHECK((answer->head + answer->body).find("secret") == std::string::npos);
  CHECK(answer->header("content-type") == "application/json");
  REQUIRE(server.logged().size() == 1);
  CHECK(server.logged()[0].find("secret") == std::string::npos);
}

TEST_CASE("row 5: a REMOTE_ADDR header does not change the peer's address") {
  TestServer server;
  const auto answer = server.answer_to(get("/echo", "REMOTE_ADDR: 6.6.6.6\r\n"));
  REQUIRE(answer);
  CHECK(answer->body.find("peer=127.0.0.1 loopback\n") != std::string::npos);
}

TEST_CASE("row 6: a hundred header fields are taken, not one more") {
  TestServer server;
  const auto fields = [](int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += "X-" + std::to_string(i) + ": a\r\n";
    return text;
  };
  const auto most = server.answer_to(get("/echo", fields(99)));  // with Host
  REQUIRE(most);
  CHECK(most->status == 200);
  CHECK(status_of_last_answer(server, get("/echo", fields(100))) == 431);
  CHECK(status_of_last_answer(server, get("/echo", fields(50'000))) == 431);
}

TEST_CASE("row 7: doubtful framing is refused, and nothing behind it is taken for a request") {
  TestServer server;
  const std::string hidden = get("/hidden");
  const std::string length = "Content-Length: " + std::to_string(hidden.size()) + "\r\n";
  const std::string head = "POST /echo HTTP/1.1\r\nHost: localhost\r\n";
  const std::string doubtful[] = {
      length + length,
      length + "Content-Length: 0\r\n",
      "Content-Length: 5, 5\r\n",
      "Content-Length: +5\r\n",
      "Content-Length: 0x5\r\n",
      "Content-Length: -1\r\n",
      "Content-Length:\r\n",
      "Content-Length : 5\r\n",
      " Content-Length: 5\r\n",
      "X: a\r\n Content-Length: 5\r\n",
      length + "Transfer-Encoding: chunked\r\n",
      "Transfer-Encoding: identity\r\n" + length,
      "X: a\nContent-Length: 5\r\n",
      "X: a\rContent-Length: 5\r\n",
      std::string("X: a\0b\r\n", 8),
  };
  for (const std::string& fields : doubtful) {
    INFO(fields);
    CHECK(status_of_last_answer(server, head + fields + "\r\n" + hidden) == 400);
  }
  // Refused for something else: the body is not the next request either.
  CHECK(status_of_last_answer(server, head + length + "Content-Encoding: gzip\r\n\r\n" + hidden) ==
        415);
  // One refusal, not one for each line that is left in the buffer.
  std::string lines;
  for (int i = 0; i < 1000; ++i) lines += "rubbish\r\n";
  CHECK(status_of_last_answer(server, "rubbish\r\n\r\n" + lines) == 400);
  CHECK(server.counters().requests == 0);
}

TEST_CASE("row 8: a thousand idle connections and two hundred slow ones hold up nobody") {
  transport::ServerLimits limits;
  limits.workers_max = 4;
  TestServer server(limits);
  std::vector<RawClient> idle;
  std::vector<RawClient> slow;
  const auto address = [](int i) {
    return "127.0." + std::to_string(1 + i / 200) + "." + std::to_string(1 + i % 200);
  };
  for (int i = 0; i < 1000; ++i) idle.push_back(server.connect(address(i)));
  for (int i = 0; i < 200; ++i) slow.push_back(server.connect(address(i)));
  const std::string drip = get("/echo");
  for (std::size_t at = 0; at < 10; ++at) {
    for (RawClient& client : slow) REQUIRE(client.send(drip.substr(at, 1)));
    const auto answer = server.answer_to(get("/echo"));
    REQUIRE(answer);
    CHECK(answer->status == 200);
  }
  CHECK(server.counters().connections_open >= 1200);
  CHECK(server.counters().workers_busy == 0);
  // They were waiting, not forgotten.
  REQUIRE(slow.back().send(drip.substr(10)));
  REQUIRE(slow.back().answer());
  REQUIRE(idle.back().send(drip));
  REQUIRE(idle.back().answer());
}

TEST_CASE("row 9: nothing but TLS 1.3 is spoken, with three suites and three groups") {
  const TemporaryFolder folder;
  const transport::TlsFiles files = make_certificate(folder.path());
  TestServer server({}, "127.0.0.1:0", files);
  const std::string at = "127.0.0.1:" + std::to_string(server.port());
  const std::string client = "echo | openssl s_client -connect " + at;
  for (const std::string version : {"tls1", "tls1_1", "tls1_2"}) {
    const std::string printed = output_of(client + " -" + version + " -cipher 'ALL:@SECLEVEL=0'");
    INFO(printed);
    CHECK(printed.find("Cipher is (NONE)") != std::string::npos);
  }
  const std::string printed =
      output_of(client + " -tls1_3 -verify_return_error -CAfile " + folder.path() + "/ca.pem");
  CHECK(printed.find("Verify return code: 0 (ok)") != std::string::npos);

  const std::string scan = output_of("sslscan --no-colour " + at);
  INFO(scan);
  CHECK(output_of("printf '%s' '" + scan + "' | grep -E '^(SSLv|TLSv).* enabled'") ==
        "TLSv1.3   enabled\n");
  const std::string listed = output_of("printf '%s' '" + scan +
                                       "' | grep -oE '(TLS_[A-Z0-9_]+|(secp|x)[0-9a-z]+ "
                                       "|TLSv1.3  [0-9]+ bits  [a-zA-Z0-9]+)' | sort -u");
  INFO(listed);
  for (const char* suite :
       {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"}) {
    CHECK(scan.find(suite) != std::string::npos);
  }
  for (const char* group : {"secp256r1", "secp384r1", "x25519"}) {
    CHECK(scan.find(group) != std::string::npos);
  }
  CHECK(output_of("printf '%s' '" + scan + "' | grep -c 'TLSv1.3.*bits .*\\(TLS_\\)'") == "3\n");
  for (const char* other : {"secp521r1", "x448", "ffdhe2048", "CCM"}) {
    CHECK(scan.find(other) == std::string::npos);
  }
}

TEST_CASE("row 10: no answer is compressed, whatever the client accepts") {
  TestServer server;
  const auto answer = server.answer_to(get("/size/5000", "Accept-Encoding: br, gzip, deflate\r\n"));
  REQUIRE(answer);
  CHECK(answer->head.find("Content-Encoding") == std::string::npos);
  CHECK(answer->body == std::string(5000, 'x'));
}

TEST_CASE("row 11: answers leave at once, on a connection that is kept") {
  TestServer server;
  RawClient client = server.connect();
  for (int i = 0; i < 3; ++i) {
    client.send(get("/echo"));
    const auto answer = client.answer();
    REQUIRE(answer);
    CHECK(answer->header("connection").empty());
    CHECK(answer->header("keep-alive") == "timeout=60");
  }
  CHECK(server.counters().connections_accepted == 1);
  // The server is in this process: its ends are the sockets whose own port is the server's.
  int ends = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    const int fd = std::stoi(entry.path().filename());
    sockaddr_in own{};
    socklen_t size = sizeof own;
    sockaddr_in peer{};
    socklen_t peer_size = sizeof peer;
    if (getsockname(fd, reinterpret_cast<sockaddr*>(&own), &size) != 0 ||
        getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &peer_size) != 0 ||
        ntohs(own.sin_port) != server.port()) {
      continue;
    }
    int no_delay = 0;
    socklen_t option_size = sizeof no_delay;
    REQUIRE(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &no_delay, &option_size) == 0);
    CHECK(no_delay == 1);
    ++ends;
  }
  CHECK(ends == 1);
}
