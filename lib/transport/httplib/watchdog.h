// Ends a call that takes too long, wherever it is waiting: shuts its socket down when the time is
// over. httplib's own time-outs begin anew with each byte.
//
// Thread rule: made and destroyed by the thread that calls; watch() and extend() are that thread's.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "transport/httplib/descriptor.h"

namespace openavail::transport {

class Watchdog {
 public:
  explicit Watchdog(std::chrono::milliseconds time);
  ~Watchdog();

  // The socket to shut down. It is watched through a copy, since its number may be given to another
  // file meanwhile.
  void watch(int fd);
  // The time begins anew.
  void extend();
  bool has_barked() const;

 private:
  void run();

  const std::chrono::milliseconds time_;
  mutable std::mutex lock_;
  std::condition_variable changed_;
  std::chrono::steady_clock::time_point until_;
  Descriptor socket_;
  bool is_over_ = false;
  bool has_barked_ = false;
  std::thread thread_;
};

}  // namespace openavail::transport
