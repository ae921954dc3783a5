// Keys that nobody has, counted: a stranger who tries many must not fill the log (arbitration
// contract, Audit row). One row a minute tells how many there were since the last.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>

namespace openavail::service {

// Thread rule: safe from any thread.
class RefusedKeys {
 public:
  // One more at `now_ns` of the monotonic clock. How many a row due now tells of; nothing when the
  // last row is not a minute old.
  std::optional<std::int64_t> note(std::int64_t now_ns) {
    constexpr std::int64_t kMinuteNs = 60'000'000'000;
    const std::lock_guard lock(mutex_);
    ++count_;
    if (last_row_ns_ && now_ns - *last_row_ns_ < kMinuteNs) return std::nullopt;
    last_row_ns_ = now_ns;
    const std::int64_t due = count_;
    count_ = 0;
    return due;
  }

 private:
  std::mutex mutex_;
  std::optional<std::int64_t> last_row_ns_;
  std::int64_t count_ = 0;
};

}  // namespace openavail::service
