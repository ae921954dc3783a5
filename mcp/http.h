// MCP over HTTP: one endpoint, POST alone, both eras, and no state between requests. The transport
// hands in whole requests; what precedes a result goes out as an event stream.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "mcp/http_guard.h"
#include "mcp/protocol.h"
#include "transport/message.h"

namespace openavail::mcp {

// References must outlive the endpoint and its streams; functions are called from any thread.
struct HttpSettings {
  Protocol& protocol;
  // Whether a bearer key may come in at all. Its errors become 401, 403, 429 or 503; the headers
  // that it adds stand on whatever is answered. Null: no key is asked for, and none is passed on.
  std::function<Status(const std::string& api_key, const transport::Request& request,
                       const std::string& request_id, std::vector<transport::Header>& added)>
      authenticate;
  std::vector<std::string> allowed_hosts;    // see HttpGuard
  std::vector<std::string> allowed_origins;  // see HttpGuard
  // Some clients name in the header the legacy revision of an earlier handshake, and a modern one
  // in the body. The specification has that refused; true lets it pass.
  bool accepts_legacy_version_header = false;
  // Told of each request that passes because of it; null: nobody is.
  std::function<void(const std::string& line)> log = nullptr;
};

// Thread rule: safe from any thread.
class HttpEndpoint {
 public:
  explicit HttpEndpoint(HttpSettings settings);

  transport::Response handle(const transport::Request& request, const std::string& request_id = "");

 private:
  // What is wrong with the request before its body is read; nothing: go on.
  std::optional<transport::Response> refuse_at_door(const transport::Request& request,
                                                    const std::string& request_id,
                                                    std::vector<transport::Header>& added);
  transport::Response handle_message(const transport::Request& request);
  transport::Response handle_request(Request request,
                                     const std::vector<transport::Header>& headers);
  // What the headers of a request say against its body.
  std::optional<RpcError> check_headers(const Request& request,
                                        const std::vector<transport::Header>& headers);

  HttpSettings settings_;
  HttpGuard guard_;
};

}  // namespace openavail::mcp
