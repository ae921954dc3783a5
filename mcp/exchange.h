// The way back to the client while its request runs.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

namespace openavail::mcp {

// Thread rule: implementations are safe from any thread.
class Exchange {
 public:
  virtual ~Exchange() = default;
  // Sends one message ahead of the result. False: the client is gone or there is no way to it.
  virtual bool send(const nlohmann::json& message) = 0;
  // True once the client wants no answer any more: work that has not begun must not begin.
  virtual bool is_cancelled() const = 0;

  // A notification, whole.
  bool notify(const std::string& method, nlohmann::json parameters);
};

// For answers that nothing may precede.
class NoExchange final : public Exchange {
 public:
  bool send(const nlohmann::json&) override { return false; }
  bool is_cancelled() const override { return false; }
};

}  // namespace openavail::mcp
