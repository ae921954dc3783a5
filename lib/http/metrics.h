// What /metrics tells, in Prometheus' text exposition format 0.0.4. Counters carry operations and
// statuses, never an owner, an agent or a key.
//
// prometheus-cpp is not used for this: as a shared library it would be loaded by every agent's
// process, and what is needed of it is this file.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "transport/server.h"

namespace openavail::http {

// Thread rule: safe from any thread.
class Metrics {
 public:
  // One answer of a route ("create-event", "mcp", "health", "none").
  void count(const std::string& route, int status, std::chrono::nanoseconds took);

  std::string text(const transport::ServerCounters& server, const std::string& version) const;

 private:
  // Upper bounds in milliseconds; one more bucket takes the rest.
  static constexpr std::array kBucketsMs = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000};
  struct Durations {
    std::array<std::uint64_t, kBucketsMs.size() + 1> buckets{};
    std::uint64_t count = 0;
    double seconds = 0;
  };

  mutable std::mutex mutex_;
  std::map<std::pair<std::string, int>, std::uint64_t> answers_;
  std::map<std::string, Durations> durations_;
};

}  // namespace openavail::http
