#include "service/checkpoint_keeper.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"
#include "service/checkpoints.h"

namespace openavail::service {

CheckpointKeeper::~CheckpointKeeper() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
  if (const Status written = write_now(); !written) {
    parts_.operator_log("the audit log's last rows have no checkpoint yet: " +
                        written.error().message() + " " + written.error().operator_detail());
  }
}

void CheckpointKeeper::note_row() {
  std::int64_t none = 0;
  // A clock that says 0 must not look like nothing.
  const std::int64_t now = std::max<std::int64_t>(parts_.clock.monotonic_ns(), 1);
  waiting_since_ns_.compare_exchange_strong(none, now);
  if (keeps_looking_.load()) {
    std::call_once(has_thread_, [this] { thread_ = std::thread([this] { run(); }); });
  }
}

Status CheckpointKeeper::look() {
  const std::int64_t since = waiting_since_ns_.load();
  if (since == 0) return {};
  // Early by one look, so that it is there in time.
  const auto wait = std::chrono::nanoseconds(limits::kCheckpointDelayMax) -
                    std::chrono::nanoseconds(limits::kCheckpointLookEvery) * 2;
  if (parts_.clock.monotonic_ns() - since < wait.count()) return {};
  return write_now();
}

Status CheckpointKeeper::write_now() {
  const std::int64_t since = waiting_since_ns_.exchange(0);
  if (since == 0) return {};
  const Status written = [&]() -> Status {
    // The row that was noted may still be in a transaction: then this waits for its end.
    OA_TRY(auto tx, parts_.store.begin(ports::Access::write));
    OA_TRY_STATUS(present_checkpoint(parts_, *tx).map([](const auto&) {}));
    return tx->commit();
  }();
  if (!written) {
    std::int64_t none = 0;
    waiting_since_ns_.compare_exchange_strong(none, since);
  }
  return written;
}

void CheckpointKeeper::run() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, limits::kCheckpointLookEvery, [this] { return is_stopping_; })) {
    lock.unlock();
    const Status done = look();
    lock.lock();
    const bool was_failing = std::exchange(is_failing_, !done);
    if (!done && !was_failing) {
      parts_.operator_log("the audit log gets no checkpoint: " + done.error().message() + " " +
                          done.error().operator_detail());
    }
  }
}

}  // namespace openavail::service
