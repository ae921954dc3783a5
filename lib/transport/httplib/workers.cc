#include "transport/httplib/workers.h"

#include <algorithm>
#include <system_error>

namespace openavail::transport {
namespace {

constexpr int kWorkersPerProcessor = 4;  // some wait for a moment, for a file or for each other
constexpr std::chrono::milliseconds kFlowWindow{50};

}  // namespace

Workers::Workers(const ServerSettings& settings, Counters& counters, Work work, Work turn_away)
    : settings_(settings),
      counters_(counters),
      work_(std::move(work)),
      turn_away_(std::move(turn_away)),
      workers_at_first_(
          std::clamp(kWorkersPerProcessor * static_cast<int>(std::thread::hardware_concurrency()),
                     1, settings.limits.workers_max)) {}

Workers::~Workers() {
  end();
  for (std::thread& thread : threads_) thread.join();
}

Workers::Submitted Workers::submit(Connection& connection) {
  {
    const std::lock_guard<std::mutex> held(lock_);
    const Time now = std::chrono::steady_clock::now();
    const auto waiting_max = static_cast<std::size_t>(settings_.limits.requests_waiting_max);
    if (ended_ || queue_.size() >= waiting_max) return Submitted::full;
    if (!queue_.empty() && is_too_late(*queue_.front(), now)) return Submitted::overloaded;
    if (idle_ == 0 && static_cast<int>(threads_.size()) < workers_at_first_) add_worker();
    if (threads_.empty()) return Submitted::full;
    connection.waiting_since = now;
    queue_.push_back(&connection);
    counters_.requests_waiting = static_cast<int>(queue_.size());
    if (idle_ == 0 || !may_work()) return Submitted::waits;
  }
  something_to_do_.notify_one();
  return Submitted::waits;
}

// It has waited long, as others have for a good while.
bool Workers::is_too_late(const Connection& connection, Time now) {
  if (now - connection.waiting_since <= settings_.limits.overload_wait_max) return false;
  if (now - last_late_ > settings_.limits.overload_after) late_since_ = now;
  last_late_ = now;
  return now - late_since_ >= settings_.limits.overload_after;
}

void Workers::tend(std::chrono::steady_clock::time_point now) {
  const std::lock_guard<std::mutex> held(lock_);
  last_tended_ = now;
  if (is_flowing_ && now - last_taken_ < limits::kHttpWorkerPatience) return;
  int called = 0;
  for (const Connection* waiting : queue_) {
    if (now - waiting->waiting_since < limits::kHttpWorkerPatience) break;
    is_flowing_ = false;
    if (++called <= idle_) continue;
    if (static_cast<int>(threads_.size()) >= settings_.limits.workers_max) break;
    if (!add_worker()) break;
  }
  if (called > 0) something_to_do_.notify_all();
}

std::optional<std::chrono::steady_clock::time_point> Workers::tend_at() {
  const std::lock_guard<std::mutex> held(lock_);
  if (queue_.empty()) return std::nullopt;
  const Time since = std::max(queue_.front()->waiting_since, last_tended_);
  return (is_flowing_ ? std::max(since, last_taken_) : since) + limits::kHttpWorkerPatience;
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

bool Workers::may_work() const { return !is_flowing_ || busy_ < workers_at_first_; }

void Workers::note_taken(Time now) {
  last_taken_ = now;
  ++taken_;
  const auto counted = now - counted_from_;
  if (counted < kFlowWindow) return;
  is_flowing_ = counted < 2 * kFlowWindow && taken_ >= busy_;
  counted_from_ = now;
  taken_ = 0;
}

void Workers::run() {
  Exchange exchange(settings_);
  std::unique_lock<std::mutex> held(lock_);
  while (true) {
    while (!ended_ && (queue_.empty() || !may_work())) {
      ++idle_;
      something_to_do_.wait(held);
      --idle_;
    }
    if (ended_) return;
    Connection* const connection = queue_.front();
    const Time now = std::chrono::steady_clock::now();
    const bool comes_too_late = is_too_late(*connection, now);
    queue_.pop_front();
    counters_.requests_waiting = static_cast<int>(queue_.size());
    note_taken(now);
    ++busy_;
    held.unlock();
    ++counters_.workers_busy;
    (comes_too_late ? turn_away_ : work_)(*connection, exchange);
    --counters_.workers_busy;
    held.lock();
    --busy_;
  }
}

}  // namespace openavail::transport
