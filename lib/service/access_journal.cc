#include "service/access_journal.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "service/journal.h"

namespace openavail::service {

AccessJournal::AccessJournal(const Parts& parts, AccessJournalOptions options)
    : parts_(parts), options_(options), writer_([this] { run(); }) {}

AccessJournal::~AccessJournal() { stop(); }

Status AccessJournal::why_refused() const {
  const auto refused = [](const char* why, const char* next) {
    return fail(ErrorCode::internal,
                std::string("the audit log can't take the row of this read: ") + why, next);
  };
  if (is_stopping_) return refused("the server is stopping", "call again in a few seconds");
  if (is_failing_)
    return refused("it can't be written", "an administrator should run openavail doctor");
  if (waiting_.size() >= options_.waiting_max) {
    return refused("too many wait", "call again in a few seconds");
  }
  return {};
}

Status AccessJournal::add(audit::Entry entry) {
  std::unique_lock guard(mutex_);
  OA_TRY_STATUS(why_refused());
  if (waiting_.size() >= options_.ahead) {
    written_.wait_for(guard, options_.ahead_wait, [this] {
      return waiting_.size() < options_.ahead || is_stopping_ || is_failing_;
    });
    OA_TRY_STATUS(why_refused());
  }
  if (entry.api_key_id) ++count_of_[*entry.api_key_id];
  waiting_.push_back({std::move(entry)});
  wake_.notify_one();
  return {};
}

bool AccessJournal::is_healthy() const {
  const std::lock_guard guard(mutex_);
  return why_refused().has_value();
}

Status AccessJournal::write_waiting_of(const KeyRef& key, ports::Transaction& tx) {
  std::vector<audit::Entry> entries;
  {
    const std::lock_guard guard(mutex_);
    if (count_of_.find(key) == count_of_.end()) return {};
    for (Waiting& waiting : waiting_) {
      if (waiting.entry.api_key_id != key) continue;
      waiting.may_be_written = true;
      entries.push_back(waiting.entry);
    }
  }
  for (audit::Entry& entry : entries) {
    OA_TRY(const auto present, tx.find_audit(entry.decision_id));
    if (present) continue;
    OA_TRY_STATUS(append_entry(parts_, tx, std::move(entry)).map([](const auto&) {}));
  }
  return {};
}

void AccessJournal::stop() {
  {
    const std::lock_guard guard(mutex_);
    is_stopping_ = true;
    wake_.notify_one();
    written_.notify_all();
  }
  if (writer_.joinable()) writer_.join();
}

void AccessJournal::run() {
  std::unique_lock lock(mutex_);
  int last_tries = 0;
  for (;;) {
    wake_.wait(lock, [this] { return is_stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;  // stopping
    wake_.wait_for(lock, options_.delay,
                   [this] { return is_stopping_ || waiting_.size() >= options_.ahead; });
    write_all(lock);
    if (!is_stopping_ || waiting_.empty()) continue;
    if (++last_tries < limits::kAccessRowsLastTries) continue;
    parts_.operator_log(std::to_string(waiting_.size()) +
                        " audit rows of reads could not be written before the end");
    return;
  }
}

// Until none waits or one can't be written.
void AccessJournal::write_all(std::unique_lock<std::mutex>& lock) {
  while (!waiting_.empty()) {
    const std::size_t count = std::min(waiting_.size(), limits::kAccessRowsTogetherMax);
    lock.unlock();
    const Status written = write_some(count);
    lock.lock();
    if (!written) {
      const bool is_news = !std::exchange(is_failing_, true);
      written_.notify_all();
      if (is_news) {
        parts_.operator_log("audit rows of reads can't be written, reads are refused: " +
                            written.error().message() + " " + written.error().operator_detail());
      }
      return;
    }
    is_failing_ = false;
    for (std::size_t i = 0; i < count; ++i) {
      if (const auto& key = waiting_.front().entry.api_key_id) {
        const auto counted = count_of_.find(*key);
        if (--counted->second == 0) count_of_.erase(counted);
      }
      waiting_.pop_front();
    }
    written_.notify_all();
  }
}

Status AccessJournal::write_some(std::size_t count) {
  OA_TRY(auto tx, parts_.store.begin(ports::Access::write));
  std::vector<Waiting> some;
  {
    // Only now: no other transaction can be writing some of them any more.
    const std::lock_guard guard(mutex_);
    some.assign(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
  }
  for (Waiting& waiting : some) {
    if (waiting.may_be_written) {
      OA_TRY(const auto present, tx->find_audit(waiting.entry.decision_id));
      if (present) continue;
    }
    OA_TRY_STATUS(append_entry(parts_, *tx, std::move(waiting.entry)).map([](const auto&) {}));
  }
  return tx->commit();
}

}  // namespace openavail::service
