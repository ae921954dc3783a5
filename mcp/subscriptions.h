// `subscriptions/listen` (modern): open streams on which a client hears that lists have changed.
#pragma once

#include <condition_variable>
#include <list>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/limits.h"
#include "mcp/message.h"

namespace openavail::mcp {

struct SubscriptionLimits {
  int open_max = limits::kMcpSubscriptionsMax;
  int of_a_key_max = limits::kMcpSubscriptionsOfAKeyMax;
};

// Thread rule: safe from any thread.
class Subscriptions {
 public:
  explicit Subscriptions(SubscriptionLimits limits = {}) : limits_(limits) {}

  // Acknowledges `honoured` (a filter), then passes on what is published and it asks for, until
  // the client goes (nothing is answered) or end_all() (the empty result). Blocks meanwhile.
  // Errors: -32603 over a limit.
  RpcResult<std::optional<nlohmann::json>> listen(const Request& request, nlohmann::json honoured);

  // Tells every stream whose filter has `filter_member` set.
  void publish(const std::string& filter_member, const std::string& method);

  // Ends every stream with its result, and every later one at once.
  void end_all();
  int open() const;

 private:
  struct Stream {
    std::string key;
    nlohmann::json id;
    nlohmann::json filter;
    std::list<nlohmann::json> waiting;  // at most one of each method
  };

  bool is_full(const std::string& key) const;

  const SubscriptionLimits limits_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::list<Stream> streams_;
  bool is_ending_ = false;
};

}  // namespace openavail::mcp
