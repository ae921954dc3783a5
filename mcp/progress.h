// Progress notifications of one request, for clients that gave a token.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <thread>

#include "mcp/exchange.h"
#include "mcp/message.h"

namespace openavail::mcp {

// Thread rule: one thread at a time.
class Progress {
 public:
  explicit Progress(const Request& request);

  static bool is_wanted(const Request& request);
  // Dropped without a token, and when `done` is not more than the last one.
  void report(std::int64_t done, std::optional<std::int64_t> total, const std::string& message);

 private:
  Exchange* exchange_;
  nlohmann::json token_;
  std::optional<std::int64_t> last_;
};

// Tells at once, and then again and again, that the work goes on; until it is destroyed. How much
// is left nobody knows: what is counted are the times that it was told.
class Heartbeat {
 public:
  Heartbeat(const Request& request, std::string message, std::chrono::milliseconds every);
  ~Heartbeat();
  Heartbeat(const Heartbeat&) = delete;
  Heartbeat& operator=(const Heartbeat&) = delete;

 private:
  void beat();

  Progress progress_;
  const std::string message_;
  const std::chrono::milliseconds every_;
  std::mutex mutex_;
  std::condition_variable stop_;
  bool is_stopping_ = false;
  std::thread thread_;
};

}  // namespace openavail::mcp
