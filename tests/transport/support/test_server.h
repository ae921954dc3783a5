// A real server on a free port of 127.0.0.1 with a small handler, loaded as the product loads it.
//
//   /echo     method, target, headers and body of the request, as text
//   /size/N   N bytes
//   /wait     answers when release() was called
//   /throw    throws an exception whose text is "a secret path"
//   /header   tries to smuggle a header in with a line break
//   /close    asks for the connection to be closed
//   /events   three events, then the end
//   /forever  one event, then waits until the client or the server wants no more
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "transport/loader.h"
#include "transport/support/raw_client.h"

namespace openavail::testing {

class TestServer {
 public:
  explicit TestServer(transport::ServerLimits limits = {}, std::string listen = "127.0.0.1:0",
                      std::optional<transport::TlsFiles> tls = std::nullopt);
  ~TestServer();

  int port() const { return server_->port(); }
  RawClient connect(const std::string& from = "127.0.0.1") const { return RawClient(port(), from); }
  // The answer to one request on a connection of its own.
  std::optional<RawAnswer> answer_to(const std::string& bytes) const;
  // As answer_to(), after which the server must have closed the connection; otherwise nothing.
  std::optional<RawAnswer> last_answer_to(const std::string& bytes) const;

  void release();
  // Blocks until that many requests are in /wait or /forever at once.
  void wait_for_waiting(int count);
  transport::Server& server() { return *server_; }
  transport::ServerCounters counters() const { return server_->counters(); }
  std::vector<std::string> logged();

 private:
  transport::Response respond(transport::Request&& request);
  transport::Response stream_forever();
  void wait_for_release();

  std::mutex lock_;
  std::condition_variable changed_;
  bool is_released_ = false;
  int waiting_ = 0;
  std::vector<std::string> logged_;
  std::unique_ptr<transport::Server> server_;
};

// Waits until `condition` holds; false after 20 s.
template <class Condition>
bool eventually(Condition condition) {
  for (int tries = 0; tries < 4000; ++tries) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

// A folder that is removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// What a shell command prints on both outputs.
std::string output_of(const std::string& command);

// A CA (ca.pem) and a certificate for localhost and 127.0.0.1 signed by it (NAME.pem, NAME.key), in
// `folder`. Called again it makes another certificate of the same CA.
transport::TlsFiles make_certificate(const std::string& folder, const std::string& name = "server",
                                     const std::string& names = "DNS:localhost,IP:127.0.0.1");

}  // namespace openavail::testing
