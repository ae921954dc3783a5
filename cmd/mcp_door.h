// MCP over HTTP as `serve` offers it: one endpoint, the same tools as over stdio.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cmd/installation.h"
#include "http/app.h"
#include "mcp/http.h"
#include "mcp/subscriptions.h"

namespace openavail::cmd {

// Which requests may come in at all, besides those that name this machine itself.
struct McpAdmission {
  std::vector<std::string> hosts;
  std::vector<std::string> origins;            // of web pages: "https://app.example.org"
  bool accepts_legacy_version_header = false;  // mcp::HttpSettings
  std::function<void(const std::string& line)> log = nullptr;
};

// Thread rule: safe from any thread.
class McpDoor {
 public:
  // Calendars, for keys that `app` admits. Both must outlive it; `app` is asked for when the first
  // request comes.
  static std::unique_ptr<McpDoor> to_calendars(Installation& installation,
                                               std::function<http::App&()> app,
                                               const McpAdmission& admission);
  // The tools that the conformance suite looks for, and no calendar; asks for no key.
  static std::unique_ptr<McpDoor> to_fixtures(const Clock& clock, Entropy& entropy);

  transport::Response handle(const transport::Request& request, const std::string& request_id) {
    return endpoint_->handle(request, request_id);
  }
  // Ends what streams, so that the server can stop.
  void end_streams() { subscriptions_.end_all(); }

 private:
  mcp::Subscriptions subscriptions_;
  std::unique_ptr<mcp::Features> features_;
  std::unique_ptr<mcp::Protocol> protocol_;
  std::unique_ptr<mcp::HttpEndpoint> endpoint_;
};

}  // namespace openavail::cmd
