// Which names a server answers to, and which web pages may speak to it: a page that a browser
// loaded from elsewhere must not reach a server on this machine or in this network by its address.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace openavail::mcp {

// Thread rule: immutable after construction.
class HttpGuard {
 public:
  // `hosts`: names or addresses without a port ("calendar.example.org", "10.0.0.5", "::1"), beside
  // those of this machine's loopback, which are always allowed. `origins`: whole origins
  // ("https://app.example.org") beside those of allowed hosts.
  HttpGuard(std::vector<std::string> hosts, std::vector<std::string> origins);

  // The value of a Host header.
  bool allows_host(std::string_view host) const;
  // The value of an Origin header.
  bool allows_origin(std::string_view origin) const;

 private:
  std::vector<std::string> hosts_;
  std::vector<std::string> origins_;
};

}  // namespace openavail::mcp
