// TLS as the server speaks it; the versions it refuses are in tests/http_hostile.
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "transport/support/test_server.h"

using namespace openavail;
using namespace openavail::testing;

namespace {

class TlsHouse {
 public:
  TlsHouse() : files_(make_certificate(folder_.path())), server_({}, "127.0.0.1:0", files_) {}

  // One request by openssl's client: what it printed.
  std::string request(const std::string& options = "") {
    return output_of(
        "printf 'GET /echo HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n'"
        " | openssl s_client -quiet -verify_return_error -verify_hostname localhost "
        "-no_ign_eof -CAfile " +
        folder_.path() + "/ca.pem -connect 127.0.0.1:" + std::to_string(server_.port()) + " " +
        options + " -ign_eof");
  }
  std::string handshake(const std::string& options) {
    return output_of("echo | openssl s_client -connect 127.0.0.1:" +
                     std::to_string(server_.port()) + " " + options);
  }
  std::string served_name() {
    return output_of(
        "echo | openssl s_client -connect 127.0.0.1:" + std::to_string(server_.port()) +
        " 2>/dev/null | openssl x509 -noout -subject");
  }
  const std::string& folder() const { return folder_.path(); }
  TestServer& server() { return server_; }

 private:
  TemporaryFolder folder_;
  transport::TlsFiles files_;
  TestServer server_;
};

}  // namespace

TEST_CASE("A request through TLS is one that knows so") {
  TlsHouse house;
  const std::string printed = house.request();
  INFO(printed);
  CHECK(printed.find("HTTP/1.1 200 OK") != std::string::npos);
  CHECK(printed.find("peer=127.0.0.1 loopback tls\n") != std::string::npos);
}

TEST_CASE("Neither tickets nor early data nor compression nor other protocols are offered") {
  TlsHouse house;
  const std::string printed = house.handshake("-tls1_3");
  CHECK(printed.find("New, TLSv1.3") != std::string::npos);
  CHECK(printed.find("Compression: NONE") != std::string::npos);
  CHECK(printed.find("Early data was not sent") != std::string::npos);
  CHECK(printed.find("session ticket") == std::string::npos);
  CHECK(house.handshake("-alpn h2,http/1.1").find("ALPN protocol: http/1.1") != std::string::npos);
  CHECK(house.handshake("-alpn h2").find("no application protocol") != std::string::npos);
}

TEST_CASE("A certificate is exchanged under way: new connections get the new one") {
  TlsHouse house;
  CHECK(house.served_name() == "subject=CN = server\n");
  make_certificate(house.folder(), "next");
  output_of("cd " + house.folder() + " && mv next.pem server.pem && mv next.key server.key");
  CHECK(house.served_name() == "subject=CN = server\n");
  REQUIRE(house.server().server().reload_tls());
  CHECK(house.served_name() == "subject=CN = next\n");

  // One that can't be used leaves the present one in place.
  output_of("echo rubbish > " + house.folder() + "/server.pem");
  const Status reloaded = house.server().server().reload_tls();
  REQUIRE_FALSE(reloaded);
  CHECK(reloaded.error().code() == ErrorCode::validation_failed);
  CHECK(house.served_name() == "subject=CN = next\n");
}

TEST_CASE("Certificates and keys that can't be used are refused with the reason") {
  const TemporaryFolder folder;
  const transport::TlsFiles good = make_certificate(folder.path());
  make_certificate(folder.path(), "other");
  const auto start = [](const transport::TlsFiles& files) {
    transport::ServerSettings settings;
    settings.listen = "127.0.0.1:0";
    settings.tls = files;
    const auto server = (*transport::load_transport())->make_server(std::move(settings));
    const Status started = server->start();
    return started ? std::string() : started.error().message();
  };
  CHECK(start(good).empty());
  const std::string other = folder.path() + "/other.key";
  CHECK(start({good.certificate_path, other}).find("not the key of the certificate") !=
        std::string::npos);
  CHECK(start({good.certificate_path, folder.path() + "/none"}).find("No such file") !=
        std::string::npos);
  CHECK(start({folder.path() + "/none", good.key_path}).find("certificate in") !=
        std::string::npos);
  CHECK(start({good.certificate_path, folder.path()}).find("not a file") != std::string::npos);
  CHECK(start({good.certificate_path, good.certificate_path}).find("not a PEM key") !=
        std::string::npos);
  output_of("openssl ec -aes128 -passout pass:secret -in " + other + " -out " + folder.path() +
            "/locked.key; chmod 600 " + folder.path() + "/locked.key");
  CHECK(start({good.certificate_path, folder.path() + "/locked.key"}).find("pass phrase") !=
        std::string::npos);
  for (const mode_t mode : {0640U, 0604U, 0620U, 0610U}) {
    chmod(good.key_path.c_str(), mode);
    CHECK(start(good).find("group or others") != std::string::npos);
  }
  chmod(good.key_path.c_str(), 0400);
  CHECK(start(good).empty());
}

TEST_CASE("What is no TLS gets none, and an unfinished handshake has an end") {
  const TemporaryFolder folder;
  transport::ServerLimits limits;
  limits.head_time_max = std::chrono::milliseconds(200);
  TestServer server(limits, "127.0.0.1:0", make_certificate(folder.path()));
  RawClient plain = server.connect();
  plain.send(get("/echo"));
  CHECK(plain.rest()->find("HTTP/1.1") == std::string::npos);
  RawClient silent = server.connect();
  CHECK(silent.rest() == "");
  RawClient begun = server.connect();
  begun.send(std::string("\x16\x03\x01\x02\x00\x01", 6));
  CHECK(begun.rest() == "");
  CHECK(eventually([&] { return server.counters().connections_open == 0; }));
  CHECK(server.counters().requests == 0);
}
