// The one door to time. Tests and the simulator bring their own.
//
// Thread rule: implementations are safe to call from any thread.
#pragma once

#include <cstdint>

namespace openavail {

class Clock {
 public:
  virtual ~Clock() = default;
  // Milliseconds since 1970-01-01T00:00:00Z. May step in either direction.
  virtual std::int64_t wall_ms() const = 0;
  // Nanoseconds since an arbitrary start; never goes back.
  virtual std::int64_t monotonic_ns() const = 0;
};

class SystemClock final : public Clock {
 public:
  std::int64_t wall_ms() const override;
  std::int64_t monotonic_ns() const override;
};

}  // namespace openavail
