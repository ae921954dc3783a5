#include "http/rate_limit.h"

#include <algorithm>

namespace openavail::http {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::int64_t kMinuteNs = 60 * kSecondNs;

std::chrono::seconds rounded_up(std::int64_t ns) {
  return std::chrono::seconds((ns + kSecondNs - 1) / kSecondNs);
}

}  // namespace

RateLimiter::RateLimiter(const Clock& clock, std::size_t keys_max)
    : clock_(clock), keys_max_(keys_max) {}

RateVerdict RateLimiter::take(const std::string& key, const RatePolicy& policy) {
  const std::int64_t now = clock_.monotonic_ns();
  const std::int64_t one = kMinuteNs / policy.per_minute;
  const std::int64_t burst = one * policy.per_minute;
  const std::lock_guard lock(mutex_);
  const std::string name = policy.name + "\n" + key;
  auto place = places_.find(name);
  if (place == places_.end()) {
    if (entries_.size() >= keys_max_) {
      places_.erase(entries_.back().key);
      entries_.pop_back();
    }
    entries_.push_front({name, now});
    place = places_.emplace(name, entries_.begin()).first;
  } else {
    entries_.splice(entries_.begin(), entries_, place->second);
  }
  Entry& entry = *place->second;
  const std::int64_t from = std::max(entry.full_at_ns, now);
  RateVerdict verdict;
  verdict.is_allowed = from + one - now <= burst;
  if (verdict.is_allowed) {
    entry.full_at_ns = from + one;
  } else {
    verdict.retry_after = std::max(rounded_up(from + one - burst - now), std::chrono::seconds{1});
  }
  const std::int64_t used = std::max<std::int64_t>(entry.full_at_ns - now, 0);
  verdict.remaining = static_cast<int>((burst - used) / one);
  verdict.reset = rounded_up(used);
  return verdict;
}

void add_rate_headers(std::vector<transport::Header>& headers, const RatePolicy& policy,
                      const RateVerdict& verdict) {
  const std::string quoted = "\"" + policy.name + "\"";
  headers.push_back(
      {"RateLimit-Policy", quoted + ";q=" + std::to_string(policy.per_minute) + ";w=60"});
  headers.push_back({"RateLimit", quoted + ";r=" + std::to_string(verdict.remaining) +
                                      ";t=" + std::to_string(verdict.reset.count())});
  if (!verdict.is_allowed) {
    headers.push_back({"Retry-After", std::to_string(verdict.retry_after.count())});
  }
}

}  // namespace openavail::http
