// A client that sends exactly the bytes it is told to, and reads answers apart by Content-Length.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace openavail::testing {

struct RawAnswer {
  int status = 0;
  std::string head;                            // as received, with the empty line
  std::map<std::string, std::string> headers;  // names in lower case; of several the last
  std::string body;

  std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? "" : found->second;
  }
};

class RawClient {
 public:
  // Connects to 127.0.0.1, from another loopback address if one is named.
  explicit RawClient(int port, const std::string& from = "127.0.0.1");
  // To a Unix socket, or to any address: see there.
  static RawClient to_socket_file(const std::string& path);
  static RawClient to_ipv6(int port);
  ~RawClient();
  RawClient(RawClient&& other) noexcept;
  RawClient& operator=(RawClient&&) = delete;

  bool is_connected() const { return fd_ >= 0; }
  // False when the other side has closed.
  bool send(std::string_view bytes);
  void shut_writing();
  // The next answer whole, or nothing: the connection ended first (or nothing came for 20 s).
  // `with_body` false: to a HEAD.
  std::optional<RawAnswer> answer(bool with_body = true);
  // Reads up to and with `mark`; what was read.
  std::string read_until(std::string_view mark);
  // Everything that still comes, until the other side closes. Nothing after 20 s without an end.
  std::optional<std::string> rest();
  // True once the other side has closed; what comes before that is thrown away.
  bool is_closed_by_server() { return rest().has_value(); }
  // Closes at once, with a reset.
  void reset();

 private:
  RawClient(int fd, bool) : fd_(fd) {}
  bool more();

  int fd_ = -1;
  std::string in_;
};

// GET with Host, kept alive.
std::string get(const std::string& target, const std::string& more_headers = "");
// POST with Host and Content-Length.
std::string post(const std::string& target, const std::string& body,
                 const std::string& more_headers = "");

}  // namespace openavail::testing
