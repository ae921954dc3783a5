// The threads that answer whole requests. They may block, so there are as many as it takes: a
// request that has waited for limits::kHttpWorkerPatience brings a new one, up to workers_max.
//
// Thread rule: submit, tend and wake_in are the reactor's; the rest any thread's.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "transport/httplib/connection.h"
#include "transport/httplib/counters.h"

namespace openavail::transport {

class Workers {
 public:
  // Called by a worker, with an Exchange that is its alone.
  using Work = std::function<void(Connection&, Exchange&)>;

  Workers(const ServerSettings& settings, Counters& counters, Work work);
  ~Workers();  // waits for what runs

  // Puts it at the end of the queue. False: the queue is full, or there is no thread to be had.
  bool submit(Connection& connection);
  // Brings new workers where requests have waited too long.
  void tend(std::chrono::steady_clock::time_point now);
  // When to tend next; nothing: not before something is submitted.
  std::optional<std::chrono::steady_clock::time_point> tend_at();
  // Ends: what waits is dropped, what runs is finished. Does not wait.
  void end();

 private:
  void run();
  bool add_worker();  // with lock_ held

  const ServerSettings& settings_;
  Counters& counters_;
  const Work work_;
  const int workers_at_first_;

  std::mutex lock_;
  std::condition_variable something_to_do_;
  std::deque<Connection*> queue_;
  std::vector<std::thread> threads_;
  int idle_ = 0;
  bool ended_ = false;
};

}  // namespace openavail::transport
