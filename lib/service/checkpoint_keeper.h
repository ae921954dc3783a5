// Sees to it that no row of this process stays without a checkpoint for long: one is made when rows
// have waited for limits::kCheckpointDelayMax, and at the end of the process's work. (That one is
// made after every limits::kCheckpointRowsMax rows is append_entry's doing.)
//
// Thread rule: safe from any thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/result.h"
#include "service/context.h"

namespace openavail::service {

class CheckpointKeeper {
 public:
  // What `parts` refers to must outlive it.
  explicit CheckpointKeeper(const Parts& parts) : parts_(parts) {}
  // Makes the last checkpoint; what hinders it is told to the operator.
  ~CheckpointKeeper();
  CheckpointKeeper(const CheckpointKeeper&) = delete;
  CheckpointKeeper& operator=(const CheckpointKeeper&) = delete;

  // A row has been appended; whether it is committed shows later.
  void note_row();

  // Makes a checkpoint if a row has waited for long enough by the clock. Errors: internal; it is
  // tried again then.
  Status look();
  // At once, if rows wait. Errors: internal.
  Status write_now();

  // From the first row on a thread of its own looks every limits::kCheckpointLookEvery: for a
  // process that goes on. One that only lists its tools has no thread.
  void keep_looking() { keeps_looking_ = true; }

 private:
  void run();

  const Parts parts_;
  std::atomic<std::int64_t> waiting_since_ns_{0};  // 0: none waits
  std::atomic<bool> keeps_looking_{false};
  std::once_flag has_thread_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool is_stopping_ = false;
  bool is_failing_ = false;  // of the thread
  std::thread thread_;
};

}  // namespace openavail::service
