// The head of a request: where it ends, and whether its framing is beyond doubt. Nothing else looks
// at bytes from the network before this has; a head that two readers could understand differently
// is refused (RFC 9112; security design, section 0, rows 1, 2, 3, 6, 7).
//
// Thread rule: plain values and free functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "transport/message.h"
#include "transport/server.h"

namespace openavail::transport {

struct Head {
  std::string method;
  std::string target;  // origin form
  int minor_version = 1;
  std::vector<Header> headers;
  std::size_t body_bytes = 0;  // at most the limit
  bool keep_alive = true;
  bool expects_continue = false;
};

// Finds the end of a head that arrives in pieces; looks at every byte once.
class HeadEnd {
 public:
  enum class Found {
    not_yet,
    whole,
    malformed,  // a line that does not end in CRLF, or a control character
  };

  // `in` is what has arrived, always from the first byte of the request on.
  Found look(std::string_view in);
  // After `whole`: the head in `in`, with the empty line at its end.
  std::string_view head(std::string_view in) const { return in.substr(start_, at_ - start_); }
  // After `whole`: where the body begins.
  std::size_t end() const { return at_; }
  // Before `whole`: no line has ended so far.
  bool in_first_line() const { return line_start_ == start_; }

 private:
  std::size_t at_ = 0;          // the next byte to look at
  std::size_t start_ = 0;       // of the head: behind an empty line that a client sent before it
  std::size_t line_start_ = 0;  // of the line that at_ is in
};

// `text` is a whole head. Never larger than limits.head_bytes_max: the caller sees to that.
tl::expected<Head, Refusal> parse_head(std::string_view text, const ServerLimits& limits);

}  // namespace openavail::transport
