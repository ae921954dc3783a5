// HTTP messages as the house sees them, whatever library reads them off the wire.
//
// Thread rule: plain values; an EventStream belongs to the thread that was given it.
#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace openavail::transport {

struct Header {
  std::string name;  // as sent; names compare without case
  std::string value;
};

// Compares without case, in ASCII, whatever the locale.
inline bool same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [&](char x, char y) { return lower(x) == lower(y); });
}

// The first header of that name (compared without case), or nothing.
inline std::optional<std::string_view> find_header(const std::vector<Header>& headers,
                                                   std::string_view name) {
  for (const Header& header : headers) {
    if (same_name(header.name, name)) return header.value;
  }
  return std::nullopt;
}

// One whole request: head and body were read, framing and limits were checked.
struct Request {
  std::string method;  // upper case
  std::string target;  // origin form as sent: path and query, nothing decoded
  std::vector<Header> headers;
  std::string body;
  std::string peer_address;  // numeric, without the port; empty on a Unix socket
  bool is_loopback = false;  // the peer is on this machine (loopback or Unix socket)
  bool is_tls = false;
};

// What a streaming answer writes to: text/event-stream, chunk by chunk.
class EventStream {
 public:
  virtual ~EventStream() = default;
  // Waits until the client has taken them. False when it is gone, took nothing for
  // limits::kHttpWriteTimeMax, or the grace of Server::stop is over: nothing can be written any
  // more.
  virtual bool write(std::string_view bytes) = 0;
  // False once the client has closed, or the server began to stop: end the work. What is to be said
  // at the end can still be written in the second case.
  virtual bool is_open() const = 0;
};

struct Response {
  int status = 200;
  std::vector<Header>
      headers;  // without Content-Length, Connection, Date: those are the transport's
  std::string body;
  // Set: an event stream follows instead of `body`. Runs on a thread of its own, counted against
  // limits::kHttpEventStreamsMax; the stream ends when it returns.
  std::function<void(EventStream&)> stream;
  bool close = false;  // end the connection behind this answer
};

}  // namespace openavail::transport
