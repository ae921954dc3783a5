// The base URL of a server, taken apart.
#pragma once

#include <string>

#include "base/result.h"

namespace openavail::transport {

struct ClientUrl {
  bool is_tls = true;
  std::string host;  // a name, or an address without brackets
  int port = 443;
  bool is_address = false;
};

// Errors: validation_failed. Plain HTTP is taken for this machine alone: localhost, 127.0.0.0/8,
// ::1.
Result<ClientUrl> parse_client_url(const std::string& url);

}  // namespace openavail::transport
