// The Model Context Protocol's methods, apart from any transport, in both eras side by side.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "mcp/exchange.h"
#include "mcp/features.h"
#include "mcp/message.h"
#include "mcp/subscriptions.h"

namespace openavail::mcp {

// A response as JSON text on one line, and the error in it, if it is one.
struct Reply {
  std::string text;
  std::optional<RpcError> error;
};

// Thread rule: safe from any thread.
class Protocol {
 public:
  // Both must outlive the protocol.
  Protocol(Features& features, Subscriptions& subscriptions)
      : features_(features), subscriptions_(subscriptions) {}

  // The answer to a request whose envelope was checked; nothing when its client wants none any
  // more. `subscriptions/listen` returns when its stream ends.
  std::optional<Reply> answer(const Request& request);

  // For transports without headers: judges any message and answers where an answer is due.
  std::optional<std::string> handle(const nlohmann::json& message, const Caller& caller,
                                    Exchange& exchange);
  std::optional<std::string> handle(const nlohmann::json& message, const Caller& caller);

  Features& features() { return features_; }
  Subscriptions& subscriptions() { return subscriptions_; }

 private:
  // A result's members. The list of tools is long and the same each time: it stands beside them as
  // text that is ready.
  struct Result {
    nlohmann::json members;
    std::string_view tools;
  };
  // Nothing: no answer is wanted any more.
  RpcResult<std::optional<Result>> result_of(const Request& request);
  RpcResult<Result> shared_method(const Request& request);
  RpcResult<Result> legacy_method(const Request& request);
  RpcResult<Result> list_tools(const Request& request);
  RpcResult<nlohmann::json> list(const Request& request, const char* name);
  nlohmann::json initialize(const Request& request);
  nlohmann::json discover(const Request& request);

  Features& features_;
  Subscriptions& subscriptions_;
};

}  // namespace openavail::mcp
