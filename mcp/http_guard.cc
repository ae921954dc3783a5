#include "mcp/http_guard.h"

#include <algorithm>

namespace openavail::mcp {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

// "[::1]:80" and "::1" to "::1", "Localhost:80" to "localhost".
std::string name_of(std::string_view host) {
  std::string name = lower(host);
  if (!name.empty() && name.front() == '[') {
    const std::size_t end = name.find(']');
    return end == std::string::npos ? std::string{} : name.substr(1, end - 1);
  }
  if (std::count(name.begin(), name.end(), ':') == 1) name.resize(name.find(':'));
  return name;
}

bool contains(const std::vector<std::string>& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

}  // namespace

HttpGuard::HttpGuard(std::vector<std::string> hosts, std::vector<std::string> origins)
    : hosts_{"localhost", "127.0.0.1", "::1"} {
  for (const std::string& host : hosts) hosts_.push_back(name_of(host));
  for (const std::string& origin : origins) origins_.push_back(lower(origin));
}

bool HttpGuard::allows_host(std::string_view host) const {
  const std::string name = name_of(host);
  return !name.empty() && contains(hosts_, name);
}

bool HttpGuard::allows_origin(std::string_view origin) const {
  const std::string whole = lower(origin);
  if (contains(origins_, whole)) return true;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (whole.compare(0, scheme.size(), scheme) == 0) {
      return allows_host(std::string_view(whole).substr(scheme.size()));
    }
  }
  return false;
}

}  // namespace openavail::mcp
