// What Openavail offers over MCP: the operations as tools; owner contexts, meeting classes and
// decisions as resources; prompts; completion of what a caller may see anyway.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/entropy.h"
#include "base/limits.h"
#include "mcp/features.h"
#include "mcp/request_state.h"
#include "operations/operations.h"

namespace openavail::mcp {

// References must outlive the features; functions are called from any thread.
struct ServerSettings {
  std::string version;  // of the server
  std::function<std::string()> new_request_id;
  // Opens what a call needs (database, keys); not called for tools and prompts.
  std::function<Result<operations::Runner*>()> operations;
  RequestStates::Secret state_secret;
  const Clock& clock;
  Entropy& entropy;
  std::chrono::milliseconds progress_every = limits::kMcpProgressEvery;
};

class CalendarFeatures final : public Features {
 public:
  explicit CalendarFeatures(ServerSettings settings);

  nlohmann::json server_info() const override;
  nlohmann::json capabilities(Era era) const override;
  std::string instructions(const Caller& caller) const override;
  int list_ttl_ms() const override;
  std::string_view tool_list(const Request& request) override;
  RpcResult<nlohmann::json> call_tool(const Request& request) override;
  RpcResult<nlohmann::json> resources(const Request& request) override;
  RpcResult<nlohmann::json> resource_templates(const Request& request) override;
  RpcResult<nlohmann::json> read_resource(const Request& request) override;
  RpcResult<nlohmann::json> prompts(const Request& request) override;
  RpcResult<nlohmann::json> get_prompt(const Request& request) override;
  RpcResult<nlohmann::json> complete(const Request& request) override;
  bool may_send(const Request& request) const override;
  nlohmann::json mirrored_schema(const std::string& tool) const override;
  nlohmann::json honoured(const nlohmann::json& filter) const override;

 private:
  service::Call new_call() const;
  // Runs one operation with the caller's key; a data directory that can't be opened is an outcome.
  operations::Outcome run(const Request& request, const std::string& operation,
                          nlohmann::json input, service::Call call,
                          operations::Spelling spelling = operations::Spelling::rest);
  RpcResult<operations::KeyHolder> holder(const Request& request);
  // The meeting classes that the caller may see; empty for a key that may see none.
  RpcResult<nlohmann::json> meeting_classes(const Request& request,
                                            const operations::KeyHolder& holder);
  // Runs a booking that asks before it displaces.
  RpcResult<nlohmann::json> call_and_ask(const Request& request, const std::string& tool,
                                         nlohmann::json input, const nlohmann::json& arguments);

  ServerSettings settings_;
  RequestStates states_;
};

}  // namespace openavail::mcp
