// Where the server listens, and how it ends.
#include <sys/stat.h>

#include <atomic>
#include <catch2/catch.hpp>

#include "transport/support/test_server.h"

using namespace openavail;
using namespace openavail::testing;
using std::chrono::milliseconds;

namespace {

// The error that start() gives for this address.
std::string why_not(const std::string& listen, std::optional<transport::TlsFiles> tls = {}) {
  transport::ServerSettings settings;
  settings.listen = listen;
  settings.tls = std::move(tls);
  const auto server = (*transport::load_transport())->make_server(std::move(settings));
  const Status started = server->start();
  if (started) return "";
  CHECK(started.error().code() == ErrorCode::validation_failed);
  return started.error().message();
}

}  // namespace

TEST_CASE("stop lets what runs finish, and takes nothing new") {
  TestServer server;
  RawClient idle = server.connect();
  RawClient partial = server.connect();
  partial.send("GET / HTTP");
  RawClient running = server.connect();
  running.send(get("/wait") + get("/echo"));
  server.wait_for_waiting(1);
  std::atomic<bool> result{false};
  std::thread stopping([&] { result = server.server().stop(std::chrono::seconds(20)); });
  CHECK(idle.rest() == "");
  CHECK(partial.rest() == "");
  CHECK_FALSE(server.connect().is_connected());
  server.release();
  const auto answer = running.answer();
  stopping.join();
  CHECK(result);
  REQUIRE(answer);
  CHECK(answer->body == "waited");
  CHECK(answer->header("connection") == "close");
  CHECK(running.rest() == "");                   // the request behind it was not begun
  CHECK(server.server().stop(milliseconds(0)));  // a second time: the same answer
  CHECK(server.counters().connections_open == 0);
}

TEST_CASE("stop gives up on what does not finish within the grace, and says so") {
  TestServer server;
  RawClient running = server.connect();
  running.send(get("/wait"));
  server.wait_for_waiting(1);
  CHECK_FALSE(server.server().stop(milliseconds(50)));
  CHECK(running.rest() == "");
}

TEST_CASE("Under load every request that was begun is answered before stop returns") {
  TestServer server;
  std::atomic<int> whole{0};
  std::atomic<int> broken{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([&] {
      RawClient client = server.connect();
      while (client.send(get("/size/1000"))) {
        const std::string head = client.read_until("\r\n\r\n");
        if (head.empty()) return;  // closed between two requests
        ++(client.read_until(std::string(1000, 'x')).size() == 1000 ? whole : broken);
        if (head.find("Connection: close") != std::string::npos) return;
      }
    });
  }
  while (whole < 500) std::this_thread::sleep_for(milliseconds(1));
  CHECK(server.server().stop(std::chrono::seconds(20)));
  for (std::thread& client : clients) client.join();
  CHECK(broken == 0);
  CHECK(server.counters().requests >= static_cast<std::uint64_t>(whole.load()));
}

TEST_CASE("A server may be made, started and dropped again and again") {
  for (int i = 0; i < 20; ++i) {
    TestServer server;
    RawClient client = server.connect();
    client.send(get("/forever"));
    REQUIRE(client.answer());
    RawClient other = server.connect();
    other.send(get("/echo"));
    REQUIRE(other.answer());
  }
}

TEST_CASE("It listens on IPv6") {
  TestServer server({}, "[::1]:0");
  RawClient client = RawClient::to_ipv6(server.port());
  client.send(get("/echo"));
  const auto answer = client.answer();
  REQUIRE(answer);
  CHECK(answer->body.find("peer=::1 loopback\n") != std::string::npos);
}

TEST_CASE("An IPv4 client of a server on all addresses has its IPv4 address") {
  TestServer server({}, "[::]:0");
  const auto answer = server.answer_to(get("/echo"));
  REQUIRE(answer);
  CHECK(answer->body.find("peer=127.0.0.1 loopback\n") != std::string::npos);
}

TEST_CASE("It listens on a Unix socket, for owner and group, and takes the file away at the end") {
  const TemporaryFolder folder;
  const std::string path = folder.path() + "/socket";
  struct stat info {};
  {
    TestServer server({}, "unix:" + path);
    CHECK(server.port() == 0);
    REQUIRE(stat(path.c_str(), &info) == 0);
    CHECK((info.st_mode & 07777) == 0660);
    RawClient client = RawClient::to_socket_file(path);
    client.send(get("/echo"));
    const auto answer = client.answer();
    REQUIRE(answer);
    CHECK(answer->body.find("peer= loopback\n") != std::string::npos);
    // While it lives, another one can't take the path.
    CHECK(why_not("unix:" + path).find("Address already in use") != std::string::npos);
    CHECK(stat(path.c_str(), &info) == 0);
  }
  CHECK(stat(path.c_str(), &info) != 0);
}

TEST_CASE("A socket file left behind is replaced, another file is not") {
  const TemporaryFolder folder;
  const std::string path = folder.path() + "/socket";
  output_of("python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"" + path + "\")'");
  struct stat info {};
  REQUIRE(stat(path.c_str(), &info) == 0);
  { TestServer server({}, "unix:" + path); }
  output_of("echo precious > " + path);
  CHECK(why_not("unix:" + path).find("can't listen on unix:") != std::string::npos);
  CHECK(output_of("cat " + path) == "precious\n");
}

TEST_CASE("An address that can't be used is refused with the reason") {
  const std::pair<const char*, const char*> cases[] = {
      {"", "no port"},
      {"127.0.0.1", "no port"},
      {"127.0.0.1:", "no number"},
      {"127.0.0.1:99999", "no number"},
      {"127.0.0.1:80x", "no number"},
      {"localhost:80", "no numeric address"},
      {"::1:80", "no numeric address"},
      {"[127.0.0.1]:80", "no numeric address"},
      {"192.0.2.1:0", "Cannot assign"},
      {"unix:", "1 to 107 bytes"},
      {"unix:/no/such/folder/socket", "No such file"},
  };
  for (const auto& [listen, reason] : cases) {
    INFO(listen);
    CHECK(why_not(listen).find(reason) != std::string::npos);
  }
  TestServer server;
  CHECK(why_not("127.0.0.1:" + std::to_string(server.port())).find("in use") != std::string::npos);
}
