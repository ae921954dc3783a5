#include "http/headers.h"

#include <algorithm>

namespace openavail::http {
namespace {

constexpr std::size_t kRequestIdBytesMax = 128;

struct HouseHeader {
  const char* name;
  const char* value;
};
constexpr HouseHeader kHouseHeaders[] = {
    {"Strict-Transport-Security", "max-age=31536000; includeSubDomains"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
    {"Cache-Control", "no-store"},
};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

void add_house_headers(transport::Response& response, const std::string& request_id) {
  for (const HouseHeader& header : kHouseHeaders) {
    // An answer that says more of itself (an event stream's Cache-Control) keeps its word.
    if (transport::find_header(response.headers, header.name)) continue;
    response.headers.push_back({header.name, header.value});
  }
  response.headers.push_back({"X-Request-Id", request_id});
}

std::optional<std::string> repeated_header(const transport::Request& request) {
  for (const char* name : {"Authorization", "Content-Type", "Idempotency-Key"}) {
    const auto count = std::count_if(
        request.headers.begin(), request.headers.end(),
        [&](const transport::Header& header) { return transport::same_name(header.name, name); });
    if (count > 1) return name;
  }
  return std::nullopt;
}

std::string request_id_of(std::optional<std::string_view> sent, std::string made) {
  if (!sent || sent->empty() || sent->size() > kRequestIdBytesMax) return made;
  const bool is_visible =
      std::all_of(sent->begin(), sent->end(), [](char c) { return c > 0x20 && c < 0x7f; });
  return is_visible ? std::string(*sent) : made;
}

bool wants_plain_json(const transport::Request& request) {
  const auto accept = transport::find_header(request.headers, "Accept");
  if (!accept) return false;
  const std::string wanted = lower(*accept);
  return wanted.find("application/json") != std::string::npos &&
         wanted.find("application/problem+json") == std::string::npos;
}

bool is_json(const transport::Request& request) {
  const auto type = transport::find_header(request.headers, "Content-Type");
  if (!type) return false;
  const std::string sent = lower(*type);
  const auto semicolon = sent.find(';');
  if (trimmed(std::string_view(sent).substr(0, semicolon)) != "application/json") return false;
  if (semicolon == std::string::npos) return true;
  const std::string_view parameter = trimmed(std::string_view(sent).substr(semicolon + 1));
  return parameter.empty() || parameter == "charset=utf-8" || parameter == "charset=\"utf-8\"";
}

std::string_view bearer_of(const transport::Request& request) {
  const auto sent = transport::find_header(request.headers, "Authorization");
  constexpr std::string_view kScheme = "bearer ";
  if (!sent || sent->size() <= kScheme.size()) return {};
  if (lower(sent->substr(0, kScheme.size())) != kScheme) return {};
  return trimmed(sent->substr(kScheme.size()));
}

}  // namespace openavail::http
