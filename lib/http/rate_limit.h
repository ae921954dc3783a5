// Rate limits by the generic cell rate algorithm (GCRA) on a monotonic clock: a burst of a minute's
// worth, then an even flow (wire contract, section 1; draft-ietf-httpapi-ratelimit-headers-10).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "transport/message.h"

namespace openavail::http {

// One policy: at most `per_minute` in a burst and per minute.
struct RatePolicy {
  std::string name;  // "search", "hold", …
  int per_minute = 0;
};

struct RateVerdict {
  bool is_allowed = true;
  int remaining = 0;                    // of the burst
  std::chrono::seconds reset{0};        // until the burst is whole again
  std::chrono::seconds retry_after{0};  // when refused; at least one
};

// Thread rule: safe from any thread. Bounded: the keys not seen for longest are forgotten, which
// only ever gives them a whole burst again.
class RateLimiter {
 public:
  explicit RateLimiter(const Clock& clock, std::size_t keys_max);

  // Takes one of `key`'s under `policy`, if there is one left.
  RateVerdict take(const std::string& key, const RatePolicy& policy);

 private:
  struct Entry {
    std::string key;
    std::int64_t full_at_ns = 0;  // GCRA's theoretical arrival time
  };
  using Entries = std::list<Entry>;  // most recently used first

  const Clock& clock_;
  const std::size_t keys_max_;
  std::mutex mutex_;
  Entries entries_;
  std::unordered_map<std::string, Entries::iterator> places_;
};

// RateLimit-Policy and RateLimit; Retry-After besides when refused.
void add_rate_headers(std::vector<transport::Header>& headers, const RatePolicy& policy,
                      const RateVerdict& verdict);

}  // namespace openavail::http
