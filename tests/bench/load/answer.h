// Where one HTTP answer ends, read from what has arrived of it.
#pragma once

#include <optional>
#include <string_view>

namespace openavail::bench {

struct AnswerEnd {
  int status = 0;
  std::size_t bytes = 0;
  bool closes = false;  // the connection ends behind it
};

// Nothing: not whole yet. Knows Content-Length and chunks (RFC 9112, 6.3 and 7.1).
std::optional<AnswerEnd> answer_end(std::string_view arrived);

}  // namespace openavail::bench
