// The client against our own server, and against servers that misbehave.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "transport/support/test_server.h"

using namespace openavail;
using namespace openavail::testing;
using std::chrono::milliseconds;
using transport::Client;
using transport::ClientSettings;

namespace {

std::unique_ptr<Client> client_of(ClientSettings settings) {
  auto client = (*transport::load_transport())->make_client(std::move(settings));
  REQUIRE(client);
  return std::move(*client);
}

std::string url(const std::string& scheme, const std::string& host, int port) {
  return scheme + "://" + host + ":" + std::to_string(port);
}

std::string failure_of(Client& client, const std::string& target = "/echo") {
  const auto reply = client.send("GET", target, {}, "");
  return reply ? "" : reply.error().message();
}

// Takes one connection after the other, reads a request's head and answers with the given bytes.
class CannedServer {
 public:
  explicit CannedServer(std::string answer, bool is_dripping = false)
      : answer_(std::move(answer)), is_dripping_(is_dripping) {
    fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    bind(fd_, reinterpret_cast<const sockaddr*>(&address), size);
    listen(fd_, 8);
    getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { run(); });
  }
  ~CannedServer() {
    shutdown(fd_, SHUT_RDWR);
    thread_.join();
    close(fd_);
  }
  int port() const { return port_; }

 private:
  void run() {
    while (true) {
      const int client = accept(fd_, nullptr, nullptr);
      if (client < 0) return;
      char head[4096];
      bool is_there = recv(client, head, sizeof head, 0) > 0;
      const std::size_t piece = is_dripping_ ? 1 : answer_.size();
      for (std::size_t at = 0; at < answer_.size() && is_there; at += piece) {
        is_there = ::send(client, answer_.data() + at, piece, MSG_NOSIGNAL) > 0;
        if (is_dripping_) std::this_thread::sleep_for(milliseconds(20));
      }
      close(client);
    }
  }

  std::string answer_;
  bool is_dripping_;
  int fd_;
  int port_;
  std::thread thread_;
};

}  // namespace

TEST_CASE("Calls go out as they were given and share a connection") {
  TestServer server;
  ClientSettings settings;
  settings.base_url = url("http", "127.0.0.1", server.port()) + "/";
  const auto client = client_of(settings);
  const auto reply =
      client->send("POST", "/echo?a=%2F",
                   {{"Authorization", "Bearer x"}, {"Content-Type", "application/json"}}, "{}");
  REQUIRE(reply);
  CHECK(reply->status == 200);
  CHECK(reply->body.substr(0, 17) == "POST /echo?a=%2F\n");
  for (const char* part : {"Authorization=Bearer x\n", "Content-Type=application/json\n",
                           "Accept-Encoding=identity\n", "User-Agent=openavail\n", "body={}"}) {
    INFO(part);
    CHECK(reply->body.find(part) != std::string::npos);
  }
  CHECK(transport::find_header(reply->headers, "x-second") == "2");
  CHECK(client->send("POST", "/echo", {}, "")->status == 200);
  CHECK(client->send("DELETE", "/echo", {}, "")->status == 200);
  CHECK(client->send("GET", "/throw", {}, "")->status == 500);
  CHECK(client->send("GET", "/nothing", {}, "")->status == 204);
  CHECK(server.counters().connections_accepted == 2);  // the exception ended the first
}

TEST_CASE("localhost is this machine, whatever a resolver says") {
  TestServer server;
  ClientSettings settings;
  settings.base_url = url("http", "LOCALHOST", server.port());
  CHECK(client_of(settings)->send("GET", "/echo", {}, "")->status == 200);
}

TEST_CASE("Through TLS the certificate, its name and its age are checked") {
  const TemporaryFolder folder;
  const transport::TlsFiles files = make_certificate(folder.path());
  TestServer server({}, "127.0.0.1:0", files);
  ClientSettings settings;
  settings.ca_file = folder.path() + "/ca.pem";
  for (const char* host : {"localhost", "127.0.0.1"}) {
    settings.base_url = url("https", host, server.port());
    const auto client = client_of(settings);
    for (int i = 0; i < 2; ++i) {
      const auto reply = client->send("GET", "/echo", {}, "");
      REQUIRE(reply);
      CHECK(reply->body.find(" tls\n") != std::string::npos);
    }
  }
  CHECK(server.counters().connections_accepted == 2);

  const std::uint64_t before = server.counters().requests;
  ClientSettings without_ca;
  without_ca.base_url = url("https", "localhost", server.port());
  CHECK(failure_of(*client_of(without_ca)).find("certificate that is not trusted") !=
        std::string::npos);

  const TemporaryFolder foreign;
  make_certificate(foreign.path());
  ClientSettings other_ca = without_ca;
  other_ca.ca_file = foreign.path() + "/ca.pem";
  CHECK(failure_of(*client_of(other_ca)).find("certificate that is not trusted") !=
        std::string::npos);

  // The right CA, another name.
  TestServer named({}, "127.0.0.1:0",
                   make_certificate(folder.path(), "named", "DNS:other.example.org"));
  settings.base_url = url("https", "localhost", named.port());
  CHECK(failure_of(*client_of(settings)).find("not trusted: hostname mismatch") !=
        std::string::npos);
  settings.base_url = url("https", "127.0.0.1", named.port());
  CHECK(failure_of(*client_of(settings)).find("not trusted: IP address mismatch") !=
        std::string::npos);
  // Of the wildcards the whole label alone.
  TestServer wild({}, "127.0.0.1:0", make_certificate(folder.path(), "wild", "DNS:local*"));
  settings.base_url = url("https", "localhost", wild.port());
  CHECK(failure_of(*client_of(settings)).find("not trusted: hostname mismatch") !=
        std::string::npos);
  CHECK(server.counters().requests == before);
  CHECK(named.counters().requests + wild.counters().requests == 0);
}

TEST_CASE("A URL or a CA file that can't be used is refused before anything is sent") {
  const std::pair<const char*, const char*> cases[] = {
      {"", "https://"},
      {"calendar.example.org", "https://"},
      {"ftp://a", "https://"},
      {"https://", "no valid host"},
      {"https://a b", "no valid host"},
      {"https://a:0", "no valid port"},
      {"https://a:65536", "no valid port"},
      {"https://a:8x", "no valid port"},
      {"https://a:", "no valid port"},
      {"https://[::1", "closing"},
      {"https://[::1]x", "no valid port"},
      {"https://[a]", "no valid host"},
      {"https://u:p@a", "user information"},
      {"https://a/path", "goes on"},
      {"https://a?q", "goes on"},
      {"http://calendar.example.org", "unencrypted"},
      {"http://127.0.0.1.example.org", "unencrypted"},
      {"http://128.0.0.1", "unencrypted"},
      {"http://localhost.example.org", "unencrypted"},
      {"http://[::2]", "unencrypted"},
      {"http://0x7f000001", "unencrypted"},
  };
  transport::Transport& transport = **transport::load_transport();
  for (const auto& [base_url, reason] : cases) {
    INFO(base_url);
    ClientSettings settings;
    settings.base_url = base_url;
    const auto client = transport.make_client(settings);
    REQUIRE_FALSE(client);
    CHECK(client.error().code() == ErrorCode::validation_failed);
    CHECK(client.error().message().find(reason) != std::string::npos);
  }
  for (const char* fine : {"https://a", "HTTPS://A:1/", "https://[::1]:8443", "http://127.9.9.9",
                           "http://[::1]:80", "http://localhost"}) {
    INFO(fine);
    ClientSettings settings;
    settings.base_url = fine;
    CHECK(transport.make_client(settings));
  }
  ClientSettings settings;
  settings.base_url = "https://localhost";
  settings.ca_file = "/no/such/file";
  const auto client = transport.make_client(settings);
  REQUIRE_FALSE(client);
  CHECK(client.error().message().find("CA file") != std::string::npos);
}

TEST_CASE("A server that isn't there, or speaks something else, is named as such") {
  int port = 0;
  {
    TestServer gone;
    port = gone.port();
  }
  ClientSettings settings;
  settings.base_url = url("http", "127.0.0.1", port);
  CHECK(failure_of(*client_of(settings)).find("can't be reached") != std::string::npos);

  TestServer plain;
  settings.base_url = url("https", "127.0.0.1", plain.port());
  CHECK(failure_of(*client_of(settings)).find("through TLS") != std::string::npos);

  CannedServer silent("");
  settings.base_url = url("http", "127.0.0.1", silent.port());
  CHECK(failure_of(*client_of(settings)).find("broke the connection off") != std::string::npos);
}

TEST_CASE("total_time_max ends a call to a server that is slow or drips") {
  ClientSettings settings;
  settings.total_time_max = milliseconds(300);
  TestServer slow;
  settings.base_url = url("http", "127.0.0.1", slow.port());
  CHECK(failure_of(*client_of(settings), "/wait").find("in time") != std::string::npos);
  CannedServer dripping("HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'a'), true);
  settings.base_url = url("http", "127.0.0.1", dripping.port());
  const auto client = client_of(settings);
  CHECK(failure_of(*client).find("in time") != std::string::npos);
  const TemporaryFolder folder;
  TestServer tls({}, "127.0.0.1:0", make_certificate(folder.path()));
  settings.base_url = url("https", "localhost", tls.port());
  settings.ca_file = folder.path() + "/ca.pem";
  CHECK(failure_of(*client_of(settings), "/wait").find("in time") != std::string::npos);
}

TEST_CASE("A redirect is an answer like any other") {
  CannedServer server(
      "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 2\r\n\r\nno");
  ClientSettings settings;
  settings.base_url = url("http", "127.0.0.1", server.port());
  const auto reply = client_of(settings)->send("GET", "/", {}, "");
  REQUIRE(reply);
  CHECK(reply->status == 302);
  CHECK(reply->body == "no");
}

TEST_CASE("kClientReplyBytesMax: an answer that is larger is an error, as a stream it is not") {
  TestServer server;
  ClientSettings settings;
  settings.base_url = url("http", "127.0.0.1", server.port());
  const auto client = client_of(settings);
  const std::size_t most = limits::kClientReplyBytesMax;
  CHECK(client->send("GET", "/size/" + std::to_string(most), {}, "")->body.size() == most);
  const std::string larger = "/size/" + std::to_string(most + 1);
  CHECK(failure_of(*client, larger).find("larger than") != std::string::npos);

  std::size_t arrived = 0;
  const auto streamed = client->stream("GET", larger, {}, "", [&](std::string_view piece) {
    arrived += piece.size();
    return true;
  });
  REQUIRE(streamed);
  CHECK(streamed->status == 200);
  CHECK(streamed->body.empty());
  CHECK(arrived == most + 1);
}

TEST_CASE("A stream hands on piece by piece, until the sink has enough; an error comes as a body") {
  TestServer server;
  ClientSettings settings;
  settings.base_url = url("http", "127.0.0.1", server.port());
  const auto client = client_of(settings);
  std::string events;
  const auto reply = client->stream("GET", "/events", {}, "", [&](std::string_view piece) {
    events += piece;
    return true;
  });
  REQUIRE(reply);
  CHECK(events == "data: 1\n\ndata: 2\n\ndata: 3\n\n");

  const auto stopped =
      client->stream("GET", "/forever", {}, "", [](std::string_view) { return false; });
  REQUIRE(stopped);
  CHECK(stopped->status == 200);
  CHECK(eventually([&] { return server.counters().event_streams_open == 0; }));

  const auto refused = client->stream("GET", "/throw", {}, "", [](std::string_view) {
    FAIL("an error is not part of the stream");
    return true;
  });
  REQUIRE(refused);
  CHECK(refused->status == 500);
  CHECK(refused->body.find("could not be carried out") != std::string::npos);
}

TEST_CASE("A compressed answer is not inflated") {
  CannedServer server("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc");
  ClientSettings settings;
  settings.base_url = url("http", "127.0.0.1", server.port());
  const auto reply = client_of(settings)->send("GET", "/", {}, "");
  REQUIRE(reply);
  CHECK(reply->body == "abc");
}

TEST_CASE("The transport says what it was loaded with") {
  const std::string libraries = (*transport::load_transport())->libraries();
  CHECK(libraries.find("httplib 0.") == 0);
  CHECK(libraries.find("OpenSSL 3.") != std::string::npos);
  CHECK(*transport::load_transport() == *transport::load_transport());
}
