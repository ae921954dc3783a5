// Limits per key and minute: a burst, then an even flow.
#include "http/rate_limit.h"

#include <catch2/catch.hpp>

namespace openavail::http {
namespace {

struct SteppedClock final : Clock {
  std::int64_t ns = 1'000'000'000'000;
  std::int64_t wall_ms() const override { return 0; }
  std::int64_t monotonic_ns() const override { return ns; }
};

constexpr std::int64_t kSecondNs = 1'000'000'000;

}  // namespace

TEST_CASE("A minute's worth goes at once, the next one is refused and says how long to wait") {
  SteppedClock clock;
  RateLimiter limiter(clock, 10);
  const RatePolicy policy{"search", 300};
  for (int i = 0; i < 300; ++i) {
    const RateVerdict verdict = limiter.take("key", policy);
    REQUIRE(verdict.is_allowed);
    CHECK(verdict.remaining == 299 - i);
  }
  const RateVerdict refused = limiter.take("key", policy);
  CHECK_FALSE(refused.is_allowed);
  CHECK(refused.retry_after.count() == 1);
  CHECK(refused.remaining == 0);
  CHECK(refused.reset.count() == 60);
  clock.ns += kSecondNs;  // five more by now
  for (int i = 0; i < 5; ++i) CHECK(limiter.take("key", policy).is_allowed);
  CHECK_FALSE(limiter.take("key", policy).is_allowed);
}

TEST_CASE("Waiting as told is enough, whatever the rate") {
  for (const int per_minute : {1, 7, 120, 600}) {
    SteppedClock clock;
    RateLimiter limiter(clock, 10);
    const RatePolicy policy{"other", per_minute};
    while (limiter.take("key", policy).is_allowed) {
    }
    const RateVerdict refused = limiter.take("key", policy);
    clock.ns += refused.retry_after.count() * kSecondNs;
    CAPTURE(per_minute);
    CHECK(limiter.take("key", policy).is_allowed);
  }
}

TEST_CASE("Keys and policies don't draw on each other, and what is long unseen is forgotten") {
  SteppedClock clock;
  RateLimiter limiter(clock, 2);
  const RatePolicy one{"one", 1};
  const RatePolicy two{"two", 1};
  CHECK(limiter.take("a", one).is_allowed);
  CHECK_FALSE(limiter.take("a", one).is_allowed);
  CHECK(limiter.take("a", two).is_allowed);
  CHECK(limiter.take("b", one).is_allowed);  // pushes out the one that was not seen for longest
  CHECK(limiter.take("a", one).is_allowed);
  CHECK_FALSE(limiter.take("b", one).is_allowed);
}

TEST_CASE("The headers say the policy, what is left, and when to come again") {
  SteppedClock clock;
  RateLimiter limiter(clock, 2);
  const RatePolicy policy{"create", 1};
  std::vector<transport::Header> allowed;
  add_rate_headers(allowed, policy, limiter.take("a", policy));
  CHECK(transport::find_header(allowed, "ratelimit-policy") == "\"create\";q=1;w=60");
  CHECK(transport::find_header(allowed, "RateLimit") == "\"create\";r=0;t=60");
  CHECK_FALSE(transport::find_header(allowed, "Retry-After"));
  std::vector<transport::Header> refused;
  add_rate_headers(refused, policy, limiter.take("a", policy));
  CHECK(transport::find_header(refused, "Retry-After") == "60");
}

}  // namespace openavail::http
