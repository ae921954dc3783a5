#include "transport/httplib/client_url.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <string_view>

#include "transport/message.h"

namespace openavail::transport {
namespace {

tl::unexpected<Error> refuse(const std::string& url, const std::string& why) {
  return fail(ErrorCode::validation_failed, "the server's URL \"" + url + "\" " + why,
              "give one like https://calendar.example.org:8443");
}

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 253 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
  });
}

}  // namespace

Result<ClientUrl> parse_client_url(const std::string& url) {
  ClientUrl parsed;
  std::string_view rest = url;
  const auto begins_with = [&](std::string_view scheme) {
    return same_name(rest.substr(0, scheme.size()), scheme);
  };
  if (begins_with("https://")) {
    rest.remove_prefix(8);
  } else if (begins_with("http://")) {
    rest.remove_prefix(7);
    parsed.is_tls = false;
    parsed.port = 80;
  } else {
    return refuse(url, "does not begin with https://");
  }
  if (!rest.empty() && rest.back() == '/') rest.remove_suffix(1);
  if (rest.find('@') != std::string_view::npos) return refuse(url, "holds user information");
  if (rest.find_first_of("/?#") != std::string_view::npos) {
    return refuse(url, "goes on after host and port");
  }

  const bool is_bracketed = !rest.empty() && rest[0] == '[';
  const std::size_t host_end = is_bracketed ? rest.find(']') : rest.find(':');
  const std::string_view host =
      rest.substr(is_bracketed ? 1 : 0, host_end - (is_bracketed ? 1 : 0));
  std::string_view port = host_end == std::string_view::npos
                              ? std::string_view()
                              : rest.substr(host_end + (is_bracketed ? 1 : 0));
  if (is_bracketed && host_end == std::string_view::npos) return refuse(url, "has no closing ]");
  if (!port.empty()) {
    port.remove_prefix(1);
    const auto read = std::from_chars(port.data(), port.data() + port.size(), parsed.port);
    const bool is_whole = read.ec == std::errc() && read.ptr == port.data() + port.size();
    if (!is_whole || parsed.port < 1 || parsed.port > 65'535 ||
        rest[host_end + is_bracketed] != ':') {
      return refuse(url, "has no valid port");
    }
  }

  parsed.host = host;
  in_addr four{};
  in6_addr six{};
  const bool is_four = !is_bracketed && inet_pton(AF_INET, parsed.host.c_str(), &four) == 1;
  const bool is_six = is_bracketed && inet_pton(AF_INET6, parsed.host.c_str(), &six) == 1;
  parsed.is_address = is_four || is_six;
  if (!parsed.is_address && (is_bracketed || !is_name(host)))
    return refuse(url, "has no valid host");
  const bool is_this_machine = (is_four && ntohl(four.s_addr) >> 24 == 127) ||
                               (is_six && IN6_IS_ADDR_LOOPBACK(&six)) ||
                               same_name(parsed.host, "localhost");
  if (!parsed.is_tls && !is_this_machine) {
    return refuse(url, "would send the key unencrypted to another machine");
  }
  return parsed;
}

}  // namespace openavail::transport
