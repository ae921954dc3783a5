#include "store/rounds/round_store.h"

#include <condition_variable>
#include <list>
#include <mutex>
#include <optional>
#include <utility>

namespace openavail::store {
namespace {

Error busy() {
  return Error(ErrorCode::internal, "the database is busy for too long; nothing was changed",
               "try again in a few seconds");
}

// One transaction of the store behind. Members are the parts whose work was kept.
struct Round {
  std::unique_ptr<ports::Transaction> whole;
  std::int64_t began_ns = 0;
  int parts = 0;
  bool has_members = false;
  bool is_over = false;
  Status outcome;  // once it is over
  std::condition_variable over;
};

struct Waiter {
  std::condition_variable turn;
  bool is_called = false;
  std::optional<Error> refusal;
};

}  // namespace

// At any time at most one thread has the turn: it opens a round, works in its part, or ends a
// round. It calls the next one when it is done.
class RoundStore::Rounds : public std::enable_shared_from_this<RoundStore::Rounds> {
 public:
  Rounds(std::shared_ptr<ports::Store> behind, const Clock& clock, RoundLimits limits)
      : behind_(std::move(behind)), clock_(clock), limits_(limits) {}

  Result<std::unique_ptr<ports::Transaction>> begin() {
    std::unique_lock lock(mutex_);
    OA_TRY_STATUS(await_turn(lock));
    if (!round_) OA_TRY_STATUS(open_round(lock));
    const std::shared_ptr<Round> round = round_;
    ++round->parts;
    lock.unlock();
    auto part = round->whole->begin_part(
        [self = shared_from_this(), round](bool is_kept) { return self->leave(round, is_kept); });
    if (!part) static_cast<void>(leave(round, false));
    return part;
  }

  std::size_t waiting() const {
    const std::lock_guard lock(mutex_);
    return waiting_.size();
  }

 private:
  Status await_turn(std::unique_lock<std::mutex>& lock) {
    if (!has_turn_) {
      has_turn_ = true;
      return {};
    }
    if (waiting_.size() >= limits_.waiting_max) return fail(busy());
    Waiter self;
    const auto place = waiting_.insert(waiting_.end(), &self);
    if (!self.turn.wait_for(lock, limits_.wait_max, [&] { return self.is_called; })) {
      waiting_.erase(place);
      return fail(busy());
    }
    if (self.refusal) return fail(*self.refusal);
    return {};
  }

  Status open_round(std::unique_lock<std::mutex>& lock) {
    // Who waits already would wait as long again for the same answer.
    const std::size_t together = waiting_.size();
    lock.unlock();
    auto whole = behind_->begin(ports::Access::write);
    lock.lock();
    if (!whole) {
      for (std::size_t i = 0; i < together && !waiting_.empty(); ++i) {
        waiting_.front()->refusal = whole.error();
        call_front();
      }
      pass_turn();
      return fail(std::move(whole.error()));
    }
    round_ = std::make_shared<Round>();
    round_->whole = std::move(*whole);
    round_->began_ns = clock_.monotonic_ns();
    return {};
  }

  // A part has ended. Its thread still has the turn.
  Status leave(const std::shared_ptr<Round>& round, bool is_kept) {
    std::unique_lock lock(mutex_);
    round->has_members = round->has_members || is_kept;
    if (waiting_.empty() || is_full(*round)) {
      end_round(lock, *round);
    } else {
      pass_turn();
    }
    if (!is_kept) return {};
    round->over.wait(lock, [&] { return round->is_over; });
    return round->outcome;
  }

  void end_round(std::unique_lock<std::mutex>& lock, Round& round) {
    round_.reset();
    lock.unlock();
    Status outcome;
    if (round.has_members) outcome = round.whole->commit();
    round.whole.reset();
    lock.lock();
    round.outcome = std::move(outcome);
    round.is_over = true;
    round.over.notify_all();
    pass_turn();
  }

  bool is_full(const Round& round) const {
    const std::chrono::nanoseconds lasted(clock_.monotonic_ns() - round.began_ns);
    return round.parts >= limits_.parts_max || lasted >= limits_.time_max;
  }

  void pass_turn() {
    if (waiting_.empty()) {
      has_turn_ = false;
    } else {
      call_front();
    }
  }

  void call_front() {
    Waiter& next = *waiting_.front();
    waiting_.pop_front();
    next.is_called = true;
    next.turn.notify_one();
  }

  const std::shared_ptr<ports::Store> behind_;
  const Clock& clock_;
  const RoundLimits limits_;
  mutable std::mutex mutex_;
  bool has_turn_ = false;         // some thread
  std::list<Waiter*> waiting_;    // in order of arrival
  std::shared_ptr<Round> round_;  // that parts can still be begun in
};

RoundStore::RoundStore(std::unique_ptr<ports::Store> behind, const Clock& clock, RoundLimits limits)
    : behind_(std::move(behind)), rounds_(std::make_shared<Rounds>(behind_, clock, limits)) {}

Result<std::unique_ptr<ports::Transaction>> RoundStore::begin(ports::Access access) {
  return access == ports::Access::read ? behind_->begin(access) : rounds_->begin();
}

Result<std::unique_ptr<ports::OwnerLock>> RoundStore::lock_owner(const OwnerId& owner) {
  return behind_->lock_owner(owner);
}

Result<WriterId> RoundStore::writer() { return behind_->writer(); }

Result<bool> RoundStore::writer_is_alive(const WriterId& id) {
  return behind_->writer_is_alive(id);
}

Result<std::vector<std::pair<std::string, std::string>>> RoundStore::pragmas() {
  return behind_->pragmas();
}

Result<std::vector<std::string>> RoundStore::integrity_problems() {
  return behind_->integrity_problems();
}

std::size_t RoundStore::waiting() const { return rounds_->waiting(); }

}  // namespace openavail::store
