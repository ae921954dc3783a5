// An HTTP client for `--server` and OPENAVAIL_BASE_URL: one server that the person at the keyboard
// named, so no guard against internal addresses stands in front of it.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "transport/message.h"

namespace openavail::transport {

struct ClientSettings {
  // "https://host:8443" or, to loopback alone, "http://127.0.0.1:8080". No path, no user info.
  std::string base_url;
  // PEM; besides the system's trust store. TLS 1.2 at least, certificate and name are checked.
  std::optional<std::string> ca_file;
  std::chrono::milliseconds connect_time_max = limits::kClientConnectTimeMax;
  std::chrono::milliseconds total_time_max = limits::kClientTotalTimeMax;
};

struct Reply {
  int status = 0;
  std::vector<Header> headers;
  std::string body;
};

// Thread rule: safe from any thread; calls of one client run one after the other.
class Client {
 public:
  virtual ~Client() = default;
  // Redirects are not followed. Errors: internal with what to check (unreachable, certificate not
  // trusted, time over, answer larger than limits::kClientReplyBytesMax).
  virtual Result<Reply> send(const std::string& method, const std::string& target,
                             const std::vector<Header>& headers, const std::string& body) = 0;
  // As send(), but hands the body of a 2xx answer to `sink` piece by piece as it arrives, without
  // a limit on its size, until it answers false. Reply::body is then empty. For exports.
  virtual Result<Reply> stream(const std::string& method, const std::string& target,
                               const std::vector<Header>& headers, const std::string& body,
                               const std::function<bool(std::string_view)>& sink) = 0;
};

}  // namespace openavail::transport
