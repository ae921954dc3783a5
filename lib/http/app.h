// Every route of the server: REST through the operations table, MCP through its own endpoint, and
// the few pages that need no key.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/entropy.h"
#include "http/limited.h"
#include "http/metrics.h"
#include "http/pages.h"
#include "http/problem.h"
#include "http/rate_limit.h"
#include "http/routes.h"
#include "operations/operations.h"
#include "transport/server.h"

namespace openavail::http {

// References and functions must outlive the app; functions are called from any thread.
struct AppSettings {
  operations::Operations& operations;
  const Clock& clock;
  Entropy& entropy;
  RateSettings rates;
  PageSettings pages;
  // POST /mcp and its refusals; null: there is no such route.
  std::function<transport::Response(const transport::Request&, const std::string& request_id)> mcp;
  bool only_mcp = false;  // nothing else is served then
  // For /metrics.
  std::function<transport::ServerCounters()> counters;
  // What the operator should know of one failure; one line.
  std::function<void(const std::string&)> log;
};

// Thread rule: safe from any thread.
class App {
 public:
  explicit App(AppSettings settings);

  transport::Response handle(transport::Request&& request);
  // The house's words for what the transport refused by itself.
  transport::Response refuse(const transport::Refusal& refusal);

  // For the MCP endpoint: whether a request with this key may come in, and what runs its calls.
  // `told`: headers that say what is left of a limit, for whatever is answered. Errors:
  // rate_limited, unknown_api_key, api_key_revoked, agent_disabled.
  Status admit(const std::string& api_key, const transport::Request& request,
               const std::string& request_id, std::vector<transport::Header>& told);
  operations::Runner& runner() { return limited_; }

 private:
  // `route` is set to what the answer is counted under.
  transport::Response routed(const transport::Request& request, const Exchange& exchange,
                             std::string& route);
  transport::Response run(const Route& route, const transport::Request& request,
                          const Exchange& exchange);
  transport::Response metrics(const transport::Request& request, const Exchange& exchange);
  Result<keys::VerifiedKey> authenticate(std::string_view key, const transport::Request& request,
                                         const service::Call& call,
                                         std::vector<transport::Header>& told);

  AppSettings settings_;
  Metrics metrics_;
  Pages pages_;
  RateLimiter per_key_;
  RateLimiter per_address_;
  Limited limited_;
};

}  // namespace openavail::http
