// Request state: what a client carries from a question to its answer (modern era), so that the
// server keeps nothing. It is authenticated, bound to who asked what, short-lived, and good once.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>

#include "base/clock.h"
#include "base/entropy.h"
#include "base/result.h"
#include "crypto/secret_bytes.h"
#include "mcp/message.h"

namespace openavail::mcp {

// What a state belongs to; another key, tool or argument makes it worthless.
struct StateBinding {
  std::string api_key;
  std::string tool;
  nlohmann::json arguments;
};

// Thread rule: safe from any thread. Used states are remembered by this process; another one that
// shares the secret accepts a state of ours once more, until it expires.
class RequestStates {
 public:
  using Secret = std::function<Result<std::shared_ptr<const crypto::SecretBytes>>()>;

  // References must outlive it.
  RequestStates(Secret secret, const Clock& clock, Entropy& entropy)
      : secret_(std::move(secret)), clock_(clock), entropy_(entropy) {}

  // Text that only open() understands. `facts` can be read by whoever holds it. Errors: the
  // secret's.
  Result<std::string> seal(const StateBinding& binding, const nlohmann::json& facts);

  struct Opened {
    nlohmann::json facts;
    std::string nonce;
    std::int64_t expires_ms = 0;
  };
  // Errors: -32602 for everything that is not a live, unused state of this binding; -32603.
  RpcResult<Opened> open(const std::string& state, const StateBinding& binding);
  // Uses it up. Errors: -32602 when that was done before; -32603 when no more can be remembered.
  RpcResult<void> spend(const Opened& state);

 private:
  Result<std::string> tag_of(const std::string& payload, const StateBinding& binding) const;
  void forget_expired();

  Secret secret_;
  const Clock& clock_;
  Entropy& entropy_;
  std::mutex mutex_;
  std::map<std::string, std::int64_t> spent_;  // nonce -> when it expires
};

}  // namespace openavail::mcp
