#include "service/owner_rounds.h"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace openavail::service {
namespace {

Error waited_too_long() {
  return Error(ErrorCode::internal, "this owner's calendars are busy for too long",
               "nothing was changed; try again in a few seconds");
}

}  // namespace

struct OwnerRounds::Round {
  std::vector<std::shared_ptr<Member>> members;  // without those that left
  std::mutex locking;
  std::unique_ptr<ports::OwnerLock> lock;
  // Used by the member that decides, and by whoever ends the round.
  std::unique_ptr<ports::Transaction> whole;
  std::optional<Error> failure;  // the whole could not be begun
  bool has_kept = false;
  bool is_over = false;
  Status outcome;  // once it is over
};

struct OwnerRounds::Member {
  enum class State { outside, waiting, reading, ready, deciding, kept };
  State state = State::outside;
  policy::Tier tier = policy::Tier::low;
  std::uint64_t arrival = 0;  // of the first time; 0 before it
  std::shared_ptr<Round> round;
  std::condition_variable changed;
};

class OwnerRounds::Lines : public std::enable_shared_from_this<OwnerRounds::Lines> {
 public:
  using State = Member::State;
  using MemberPtr = std::shared_ptr<Member>;

  explicit Lines(OwnerRoundsOptions options) : options_(std::move(options)) {
    if (!options_.pause) {
      options_.pause = [](std::chrono::milliseconds time) { std::this_thread::sleep_for(time); };
    }
  }

  std::size_t waiting(const OwnerId& owner) const {
    const std::lock_guard guard(mutex_);
    const auto line = lines_.find(owner);
    return line == lines_.end() ? 0 : line->second.waiting.size();
  }

  State state(const Member& member) const {
    const std::lock_guard guard(mutex_);
    return member.state;
  }

  std::shared_ptr<Round> round_of(const Member& member) const {
    const std::lock_guard guard(mutex_);
    return member.round;
  }

  bool enter(const OwnerId& owner, const MemberPtr& member, policy::Tier tier) {
    const std::lock_guard guard(mutex_);
    if (member->arrival == 0) member->arrival = ++arrivals_;
    member->tier = tier;
    member->state = State::waiting;
    Line& line = lines_[owner];
    line.waiting.push_back(member);
    if (line.running || line.is_widening || options_.widened_by.count() > 0) return false;
    start(line);
    return true;
  }

  Status wait(const OwnerId& owner, const MemberPtr& member) {
    std::unique_lock lock(mutex_);
    if (member->state == State::waiting) {
      Line& line = lines_.at(owner);
      if (line.waiting.size() > options_.waiting_max) {
        withdraw(owner, member);
        return fail(ErrorCode::rate_limited, "too many requests wait for this owner",
                    "try again in a few seconds");
      }
      if (!line.running && !line.is_widening) {
        line.is_widening = true;
        lock.unlock();
        options_.pause(options_.widened_by);
        lock.lock();
        line.is_widening = false;
        start(line);
      }
    }
    const auto is_called = [&] { return member->state == State::reading; };
    if (member->changed.wait_for(lock, options_.wait_max, is_called)) return {};
    withdraw(owner, member);
    return fail(waited_too_long());
  }

  void leave(const OwnerId& owner, const MemberPtr& member) {
    std::unique_lock lock(mutex_);
    if (member->state == State::waiting) withdraw(owner, member);
    if (member->state == State::reading) drop(lock, owner, member);
  }

  Status await_turn(const OwnerId& owner, const MemberPtr& member) {
    std::unique_lock lock(mutex_);
    member->state = State::ready;
    advance(lock, owner, member->round);
    const auto is_called = [&] { return member->state == State::deciding; };
    if (member->changed.wait_for(lock, options_.wait_max, is_called)) return {};
    drop(lock, owner, member);
    return fail(waited_too_long());
  }

  // The member's part has ended.
  Status decided(const OwnerId& owner, const MemberPtr& member, bool is_kept) {
    std::unique_lock lock(mutex_);
    if (!is_kept) {
      drop(lock, owner, member);
      return {};
    }
    const std::shared_ptr<Round> round = member->round;
    member->state = State::kept;
    round->has_kept = true;
    advance(lock, owner, round);
    member->changed.wait(lock, [&] { return round->is_over; });
    member->state = State::outside;
    member->round.reset();
    return round->outcome;
  }

 private:
  struct Line {
    std::vector<MemberPtr> waiting;
    std::shared_ptr<Round> running;
    bool is_widening = false;
  };

  static bool arrived_before(const MemberPtr& a, const MemberPtr& b) {
    return a->arrival < b->arrival;
  }

  // A round of those who wait; who came back to the line stands where its arrival belongs.
  void start(Line& line) {
    std::sort(line.waiting.begin(), line.waiting.end(), arrived_before);
    const auto last = line.waiting.begin() + static_cast<std::ptrdiff_t>(std::min(
                                                 line.waiting.size(), options_.together_max));
    line.running = std::make_shared<Round>();
    line.running->members.assign(line.waiting.begin(), last);
    line.waiting.erase(line.waiting.begin(), last);
    for (const MemberPtr& member : line.running->members) {
      member->state = State::reading;
      member->round = line.running;
      member->changed.notify_one();
    }
  }

  void withdraw(const OwnerId& owner, const MemberPtr& member) {
    Line& line = lines_.at(owner);
    std::erase(line.waiting, member);
    member->state = State::outside;
    if (line.waiting.empty() && !line.running && !line.is_widening) lines_.erase(owner);
  }

  void drop(std::unique_lock<std::mutex>& lock, const OwnerId& owner, const MemberPtr& member) {
    const std::shared_ptr<Round> round = std::exchange(member->round, nullptr);
    std::erase(round->members, member);
    member->state = State::outside;
    advance(lock, owner, round);
  }

  // Calls the next one to decide, once all have read; ends the round after the last.
  void advance(std::unique_lock<std::mutex>& lock, const OwnerId& owner,
               const std::shared_ptr<Round>& round) {
    MemberPtr next;
    for (const MemberPtr& member : round->members) {
      if (member->state == State::reading || member->state == State::deciding) return;
      if (member->state != State::ready) continue;
      const bool is_before = !next || member->tier > next->tier ||
                             (member->tier == next->tier && arrived_before(member, next));
      if (is_before) next = member;
    }
    if (!next) return end(lock, owner, *round);
    next->state = State::deciding;
    next->changed.notify_one();
  }

  void end(std::unique_lock<std::mutex>& lock, const OwnerId& owner, Round& round) {
    lock.unlock();
    Status outcome;
    if (round.has_kept) outcome = round.whole->commit();
    round.whole.reset();
    round.lock.reset();
    lock.lock();
    round.outcome = std::move(outcome);
    round.is_over = true;
    for (const MemberPtr& member : round.members) member->changed.notify_one();
    Line& line = lines_.at(owner);
    line.running.reset();
    if (line.waiting.empty()) {
      lines_.erase(owner);
    } else {
      start(line);
    }
  }

  OwnerRoundsOptions options_;
  mutable std::mutex mutex_;
  std::map<OwnerId, Line> lines_;  // of owners for whom someone waits or a round is under way
  std::uint64_t arrivals_ = 0;
};

OwnerRounds::OwnerRounds(OwnerRoundsOptions options)
    : lines_(std::make_shared<Lines>(std::move(options))) {}

std::size_t OwnerRounds::waiting(const OwnerId& owner) const { return lines_->waiting(owner); }

OwnerRounds::Place::Place(OwnerRounds& rounds, ports::Store& store, OwnerId owner)
    : lines_(rounds.lines_),
      store_(store),
      owner_(std::move(owner)),
      member_(std::make_shared<Member>()) {}

OwnerRounds::Place::~Place() { leave(); }

bool OwnerRounds::Place::is_inside() const {
  const Member::State state = lines_->state(*member_);
  return state != Member::State::outside && state != Member::State::waiting;
}

bool OwnerRounds::Place::enter(policy::Tier tier) { return lines_->enter(owner_, member_, tier); }

Status OwnerRounds::Place::wait() { return lines_->wait(owner_, member_); }

Status OwnerRounds::Place::lock_owner() {
  const std::shared_ptr<Round> round = lines_->round_of(*member_);
  const std::lock_guard guard(round->locking);
  if (round->lock) return {};
  OA_TRY(round->lock, store_.lock_owner(owner_));
  return {};
}

Result<std::unique_ptr<ports::Transaction>> OwnerRounds::Place::begin() {
  OA_TRY_STATUS(lines_->await_turn(owner_, member_));
  const std::shared_ptr<Round> round = lines_->round_of(*member_);
  auto begun = [&]() -> Result<std::unique_ptr<ports::Transaction>> {
    // Whoever waited for the store in vain did so for all of the round.
    if (round->failure) return fail(*round->failure);
    if (!round->whole) {
      OA_TRY_STATUS(lock_owner());
      OA_TRY(round->whole, store_.begin(ports::Access::write));
    }
    return round->whole->begin_part(
        [lines = lines_, owner = owner_, member = member_](bool is_kept) {
          return lines->decided(owner, member, is_kept);
        });
  }();
  if (!begun) {
    if (!round->whole) round->failure = begun.error();
    static_cast<void>(lines_->decided(owner_, member_, false));
  }
  return begun;
}

void OwnerRounds::Place::leave() { lines_->leave(owner_, member_); }

}  // namespace openavail::service
