// The threads that answer whole requests. They may block, so there are as many as it takes: a
// request that has waited for limits::kHttpWorkerPatience brings a new one, up to workers_max.
// While requests flow, as many as the machine can use take them all: more would only be in each
// other's way.
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
  enum class Submitted {
    waits,
    overloaded,  // too many come (ServerLimits::overload_after)
    full,        // the queue; or there is no thread to be had
  };

  // `turn_away`: what has waited too long while too many came.
  Workers(const ServerSettings& settings, Counters& counters, Work work, Work turn_away);
  ~Workers();  // waits for what runs

  // Puts it at the end of the queue.
  Submitted submit(Connection& connection);
  // Brings new workers where requests have waited too long.
  void tend(std::chrono::steady_clock::time_point now);
  // When to tend next; nothing: not before something is submitted.
  std::optional<std::chrono::steady_clock::time_point> tend_at();
  // Ends: what waits is dropped, what runs is finished. Does not wait.
  void end();

 private:
  using Time = std::chrono::steady_clock::time_point;

  void run();
  // All with lock_ held.
  bool add_worker();
  bool may_work() const;
  void note_taken(Time now);
  bool is_too_late(const Connection& connection, Time now);

  const ServerSettings& settings_;
  Counters& counters_;
  const Work work_;
  const Work turn_away_;
  const int workers_at_first_;

  std::mutex lock_;
  std::condition_variable something_to_do_;
  std::deque<Connection*> queue_;
  std::vector<std::thread> threads_;
  // Requests have waited longer than overload_wait_max, without a pause of overload_after.
  Time late_since_, last_late_;
  int idle_ = 0;
  int busy_ = 0;
  // Each of those that were at work took one or more in the last short while: none blocks for long.
  bool is_flowing_ = false;
  int taken_ = 0;  // since
  Time counted_from_;
  Time last_taken_, last_tended_;
  bool ended_ = false;
};

}  // namespace openavail::transport
