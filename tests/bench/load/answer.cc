#include "load/answer.h"

#include <cstdlib>
#include <string>

namespace openavail::bench {
namespace {

bool same(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if ((a[i] | 0x20) != (b[i] | 0x20)) return false;
  }
  return true;
}

// The value of a field in a head that ends with CRLF CRLF; empty: none.
std::string_view field(std::string_view head, std::string_view name) {
  for (std::size_t at = head.find("\r\n"); at + 2 < head.size(); at = head.find("\r\n", at + 2)) {
    const std::string_view line = head.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !same(line.substr(0, colon), name)) continue;
    const std::size_t first = line.find_first_not_of(' ', colon + 1);
    return first == std::string_view::npos ? std::string_view{} : line.substr(first);
  }
  return {};
}

std::optional<std::size_t> chunks_end(std::string_view text, std::size_t at) {
  for (;;) {
    const std::size_t line_end = text.find("\r\n", at);
    if (line_end == std::string_view::npos) return std::nullopt;
    const std::string digits(text.substr(at, line_end - at));
    const std::size_t size = std::strtoul(digits.c_str(), nullptr, 16);
    at = line_end + 2 + size + 2;  // no trailers are sent to us
    if (at > text.size()) return std::nullopt;
    if (size == 0) return at;
  }
}

}  // namespace

std::optional<AnswerEnd> answer_end(std::string_view arrived) {
  const std::size_t head_end = arrived.find("\r\n\r\n");
  if (head_end == std::string_view::npos) return std::nullopt;
  const std::string_view head = arrived.substr(0, head_end + 4);
  AnswerEnd end;
  end.status = std::atoi(std::string(head.substr(9, 3)).c_str());
  end.closes = same(field(head, "Connection"), "close");
  end.bytes = head.size();
  if (same(field(head, "Transfer-Encoding"), "chunked")) {
    const auto whole = chunks_end(arrived, head.size());
    if (!whole) return std::nullopt;
    end.bytes = *whole;
    return end;
  }
  end.bytes += std::strtoul(std::string(field(head, "Content-Length")).c_str(), nullptr, 10);
  if (arrived.size() < end.bytes) return std::nullopt;
  return end;
}

}  // namespace openavail::bench
