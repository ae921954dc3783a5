// Limits per key and minute (wire contract, section 1), for REST and MCP alike: which limit a call
// counts against is a matter of its operation.
#pragma once

#include <string>
#include <string_view>

#include "base/limits.h"
#include "http/rate_limit.h"
#include "operations/operations.h"

namespace openavail::http {

// Per key and minute; per address and minute for keys that this process has not verified yet, and
// for pages without a key.
struct RateSettings {
  int search = limits::kRateSearchPerMinute;
  int write = limits::kRateWritePerMinute;  // hold, confirm, create; each has its own
  int other = limits::kRateOtherPerMinute;
  int address = limits::kRateAddressPerMinute;
};

RatePolicy policy_of(const operations::OperationInfo& operation, const RateSettings& rates);

// 429, with retry_after_seconds in its details.
Error too_many(const std::string& what, const RateVerdict& verdict);

// Operations that count each call first. Thread rule: safe from any thread.
class Limited final : public operations::Runner {
 public:
  // All of them must outlive it.
  Limited(operations::Operations& behind, RateLimiter& per_key, const RateSettings& rates)
      : behind_(behind), per_key_(per_key), rates_(rates) {}

  // Further errors: rate_limited, before anything is done.
  operations::Outcome run(std::string_view name, nlohmann::json input, std::string_view api_key,
                          service::Call call,
                          operations::Spelling spelling = operations::Spelling::rest) override;
  Result<operations::KeyHolder> holder(std::string_view api_key,
                                       const service::Call& call) override;

 private:
  operations::Operations& behind_;
  RateLimiter& per_key_;
  const RateSettings& rates_;
};

}  // namespace openavail::http
