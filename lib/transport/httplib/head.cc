#include "transport/httplib/head.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace openavail::transport {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_alpha(char c) { return is_upper(c) || (c >= 'a' && c <= 'z'); }

bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return is_alpha(c) || is_digit(c) || kMarks.find(c) != std::string_view::npos;
  });
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

// Calls `each` with every element of a comma list.
template <class Each>
void for_each_element(std::string_view list, Each each) {
  while (true) {
    const std::size_t comma = list.find(',');
    each(trimmed(list.substr(0, comma)));
    if (comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}

bool is_host(std::string_view text) {
  constexpr std::string_view kMarks = "-._~:[]";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return is_alpha(c) || is_digit(c) || kMarks.find(c) != std::string_view::npos;
  });
}

class Parser {
 public:
  explicit Parser(const ServerLimits& limits) : limits_(limits) {}

  tl::expected<Head, Refusal> parse(std::string_view text) {
    const std::size_t line_end = text.find("\r\n");
    // The fields first: what they say of the request's id goes into every refusal.
    if (!read_fields(text.substr(line_end + 2)) || !read_request_line(text.substr(0, line_end)) ||
        !judge_host() || !judge_framing() || !judge_expectation()) {
      refusal_.request_id = request_id();
      return tl::unexpected<Refusal>(std::move(refusal_));
    }
    judge_connection();
    return std::move(head_);
  }

 private:
  bool refuse(int status, std::string message) {
    refusal_.status = status;
    refusal_.message = std::move(message);
    return false;
  }

  std::optional<std::string> request_id() const {
    const auto id = find_header(head_.headers, "X-Request-Id");
    return id ? std::optional<std::string>(*id) : std::nullopt;
  }

  bool read_request_line(std::string_view line) {
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos || last == first) {
      return refuse(400, "the request line is not \"METHOD target HTTP/1.1\"");
    }
    const std::string_view method = line.substr(0, first);
    const std::string_view target = line.substr(first + 1, last - first - 1);
    if (!read_version(line.substr(last + 1))) return false;
    constexpr std::size_t kMethodBytesMax = 32;
    if (method.empty() || method.size() > kMethodBytesMax ||
        !std::all_of(method.begin(), method.end(), is_upper)) {
      return refuse(400, "the method is not a word in upper case");
    }
    head_.method = method;
    return read_target(target);
  }

  bool read_version(std::string_view version) {
    if (version.size() != 8 || version.substr(0, 5) != "HTTP/" || !is_digit(version[5]) ||
        version[6] != '.' || !is_digit(version[7])) {
      return refuse(400, "the request line does not end in HTTP/1.1");
    }
    if (version[5] != '1' || version[7] > '1') {
      return refuse(505, "only HTTP/1.1 and HTTP/1.0 are served");
    }
    head_.minor_version = version[7] - '0';
    return true;
  }

  bool read_target(std::string_view target) {
    if (target.size() > limits::kHttpTargetBytesMax) {
      return refuse(414, "the request target is longer than " +
                             std::to_string(limits::kHttpTargetBytesMax) + " bytes");
    }
    const bool is_visible = std::all_of(target.begin(), target.end(),
                                        [](char c) { return c > ' ' && c < 0x7f && c != '#'; });
    if (!is_visible) {
      return refuse(400, "the request target has characters that must be percent-encoded");
    }
    // A client may name the server in the target as well (RFC 9112, 3.2.2), as long as it names
    // the same one as in Host.
    for (const std::string_view scheme : {"http://", "https://"}) {
      if (target.substr(0, scheme.size()) != scheme) continue;
      target.remove_prefix(scheme.size());
      const std::size_t path = std::min(target.find_first_of("/?"), target.size());
      authority_ = target.substr(0, path);
      target.remove_prefix(path);
      if (target.empty() || target[0] == '?') head_.target = "/";
      head_.target += target;
      return true;
    }
    if (target.empty() || (target[0] != '/' && !(target == "*" && head_.method == "OPTIONS"))) {
      return refuse(400, "the request target does not begin with a slash");
    }
    head_.target = target;
    return true;
  }

  bool read_fields(std::string_view text) {
    while (true) {
      const std::size_t end = text.find("\r\n");
      const std::string_view line = text.substr(0, end);
      if (line.empty()) return true;  // the line that ends the head
      if (head_.headers.size() == limits_.headers_max) {
        return refuse(431, "more than " + std::to_string(limits_.headers_max) + " header fields");
      }
      if (line[0] == ' ' || line[0] == '\t') return refuse(400, "a header field is folded");
      const std::size_t colon = line.find(':');
      if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
        return refuse(400, "a header field is not \"Name: value\"");
      }
      head_.headers.push_back(
          {std::string(line.substr(0, colon)), std::string(trimmed(line.substr(colon + 1)))});
      text.remove_prefix(end + 2);
    }
  }

  // The values of all fields of that name.
  std::vector<std::string_view> values(std::string_view name) const {
    std::vector<std::string_view> found;
    for (const Header& header : head_.headers) {
      if (same_name(header.name, name)) found.emplace_back(header.value);
    }
    return found;
  }

  bool judge_host() {
    const auto hosts = values("Host");
    if (hosts.size() > 1) return refuse(400, "more than one Host field");
    if (hosts.empty() && head_.minor_version == 1) return refuse(400, "no Host field");
    if (!hosts.empty() && !is_host(hosts[0])) return refuse(400, "Host is not a host and port");
    if (!authority_.empty() && (hosts.empty() || !same_name(authority_, hosts[0]))) {
      return refuse(400, "Host is not the server that the request target names");
    }
    return true;
  }

  bool judge_framing() {
    const auto lengths = values("Content-Length");
    const bool has_coding = !values("Transfer-Encoding").empty();
    if (has_coding && !lengths.empty()) {
      return refuse(400, "Content-Length and Transfer-Encoding in one request");
    }
    if (has_coding) {
      return refuse(411, "send a Content-Length: bodies in chunks are not taken");
    }
    for (const std::string_view value : values("Content-Encoding")) {
      if (!same_name(value, "identity")) return refuse(415, "compressed bodies are not taken");
    }
    if (lengths.size() > 1) return refuse(400, "more than one Content-Length field");
    if (lengths.empty()) {
      // Without one there is no body (RFC 9112, 6.3); but of these methods a body is expected, and
      // who sends one without saying how long it is must not have it read as the next request.
      const bool wants_length =
          head_.method == "POST" || head_.method == "PUT" || head_.method == "PATCH";
      return !wants_length || refuse(411, "send a Content-Length, 0 if there is no body");
    }
    return read_length(lengths[0]);
  }

  bool read_length(std::string_view text) {
    if (text.empty() || !std::all_of(text.begin(), text.end(), is_digit)) {
      return refuse(400, "Content-Length is not a number");
    }
    std::size_t length = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), length);
    if (read.ec != std::errc() || length > limits_.body_bytes_max) {
      return refuse(413,
                    "the body is larger than " + std::to_string(limits_.body_bytes_max) + " bytes");
    }
    head_.body_bytes = length;
    return true;
  }

  bool judge_expectation() {
    for (const std::string_view value : values("Expect")) {
      if (!same_name(value, "100-continue")) {
        return refuse(417, "the only expectation that is met is 100-continue");
      }
      // To a client of HTTP/1.0 no interim answer may be sent (RFC 9110, 10.1.1).
      head_.expects_continue = head_.minor_version == 1 && head_.body_bytes > 0;
    }
    return true;
  }

  void judge_connection() {
    bool asks_close = false;
    bool asks_keep = false;
    for (const std::string_view value : values("Connection")) {
      for_each_element(value, [&](std::string_view option) {
        asks_close = asks_close || same_name(option, "close");
        asks_keep = asks_keep || same_name(option, "keep-alive");
      });
    }
    head_.keep_alive = !asks_close && (head_.minor_version == 1 || asks_keep);
  }

  const ServerLimits& limits_;
  Head head_;
  Refusal refusal_;
  std::string_view authority_;  // of a target in absolute form
};

}  // namespace

HeadEnd::Found HeadEnd::look(std::string_view in) {
  for (; at_ < in.size(); ++at_) {
    const char c = in[at_];
    const bool after_return = at_ > line_start_ && in[at_ - 1] == '\r';
    if (c == '\n') {
      if (!after_return) return Found::malformed;
      const bool is_empty = at_ - 1 == line_start_;
      line_start_ = at_ + 1;
      if (!is_empty) continue;
      if (start_ == 0 && at_ == 1) {  // one empty line before a request is let pass (RFC 9112, 2.2)
        start_ = line_start_;
        continue;
      }
      ++at_;
      return start_ + 2 == at_ ? Found::malformed : Found::whole;
    }
    const bool is_control = (c >= 0 && c < ' ' && c != '\t' && c != '\r') || c == 0x7f;
    if (after_return || is_control) return Found::malformed;
  }
  return Found::not_yet;
}

tl::expected<Head, Refusal> parse_head(std::string_view text, const ServerLimits& limits) {
  return Parser(limits).parse(text);
}

}  // namespace openavail::transport
