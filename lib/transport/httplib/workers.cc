#include "transport/httplib/workers.h"

#include <algorithm>
#include <system_error>

namespace openavail::transport {

Workers::Workers(const ServerSettings& settings, Counters& counters, Work work)
    : settings_(settings),
      counters_(counters),
      work_(std::move(work)),
      workers_at_first_(std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1,
                                   settings.limits.workers_max)) {}

Workers::~Workers() {
  end();
  for (std::thread& thread : threads_) thread.join();
}

bool Workers::submit(Connection& connection) {
  {
    const std::lock_guard<std::mutex> held(lock_);
    const auto waiting_max = static_cast<std::size_t>(settings_.limits.requests_waiting_max);
    if (ended_ || queue_.size() >= waiting_max) return false;
    if (idle_ == 0 && static_cast<int>(threads_.size()) < workers_at_first_) add_worker();
    if (threads_.empty()) return false;
    connection.waiting_since = std::chrono::steady_clock::now();
    queue_.push_back(&connection);
    counters_.requests_waiting = static_cast<int>(queue_.size());
    if (idle_ == 0) return true;
  }
  something_to_do_.notify_one();
  return true;
}

void Workers::tend(std::chrono::steady_clock::time_point now) {
  const std::lock_guard<std::mutex> held(lock_);
  for (const Connection* waiting : queue_) {
    if (now - waiting->waiting_since < limits::kHttpWorkerPatience) return;
    if (static_cast<int>(threads_.size()) >= settings_.limits.workers_max) return;
    if (!add_worker()) return;
  }
}

std::optional<std::chrono::steady_clock::time_point> Workers::tend_at() {
  const std::lock_guard<std::mutex> held(lock_);
  if (queue_.empty() || static_cast<int>(threads_.size()) >= settings_.limits.workers_max) {
    return std::nullopt;
  }
  return queue_.front()->waiting_since + limits::kHttpWorkerPatience;
}

void Workers::end() {
  {
    const std::lock_guard<std::mutex> held(lock_);
    ended_ = true;
    queue_.clear();
  }
  something_to_do_.notify_all();
}

bool Workers::add_worker() {
  try {
    threads_.emplace_back([this] { run(); });
    return true;
  } catch (const std::system_error&) {  // the machine has no more; those that are there go on
    return false;
  }
}

void Workers::run() {
  Exchange exchange(settings_);
  std::unique_lock<std::mutex> held(lock_);
  while (true) {
    while (queue_.empty() && !ended_) {
      ++idle_;
      something_to_do_.wait(held);
      --idle_;
    }
    if (ended_) return;
    Connection* const connection = queue_.front();
    queue_.pop_front();
    counters_.requests_waiting = static_cast<int>(queue_.size());
    held.unlock();
    ++counters_.workers_busy;
    work_(*connection, exchange);
    --counters_.workers_busy;
    held.lock();
  }
}

}  // namespace openavail::transport
