// Rounds: what several threads of one process write goes to the disk together.
//
// A store in front of another one. Write transactions are served one after the other, in order of
// arrival, as parts of one transaction of the store behind: the round. A part that was committed
// waits until the round has been, and answers what became of it: after a failure every part of the
// round answers that failure and nothing of it happened. A part that is destroyed without commit()
// is undone alone and waits for nobody. So what waits together costs one fsync.
//
// A round begins with the first that waits and ends when nobody waits any more, or at a limit of
// parts or time; who came too late is first in the next one. It holds the store's write lock for
// itself alone, from its begin to its end, so other processes come in between rounds.
//
// Reads go straight to the store behind. Whoever holds the write lock holds up everyone: nothing
// that waits for the world outside (a calendar) is done in a write transaction; for that there is
// lock_owner().
//
// Thread rule: as ports::Store; the store behind must let the threads of a round use its
// transaction one after the other.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>

#include "base/clock.h"
#include "base/limits.h"
#include "ports/store.h"

namespace openavail::store {

struct RoundLimits {
  int parts_max = limits::kRoundPartsMax;
  std::chrono::milliseconds time_max = limits::kRoundTimeMax;  // no part begins later than this
  std::size_t waiting_max = limits::kRoundWaitingMax;
  std::chrono::milliseconds wait_max = limits::kDatabaseBusyWait;  // for one's turn
};

class RoundStore final : public ports::Store {
 public:
  // `clock` must outlive it.
  RoundStore(std::unique_ptr<ports::Store> behind, const Clock& clock, RoundLimits limits = {});

  // Further errors of a write: internal when too many wait, or one's turn does not come in time.
  Result<std::unique_ptr<ports::Transaction>> begin(ports::Access access) override;
  Result<std::unique_ptr<ports::OwnerLock>> lock_owner(const OwnerId& owner) override;
  Result<WriterId> writer() override;
  Result<bool> writer_is_alive(const WriterId& id) override;
  Result<std::vector<std::pair<std::string, std::string>>> pragmas() override;
  Result<std::vector<std::string>> integrity_problems() override;

  // How many threads wait for their turn now.
  std::size_t waiting() const;

 private:
  class Rounds;
  std::shared_ptr<ports::Store> behind_;
  std::shared_ptr<Rounds> rounds_;  // shared with parts, which may outlive the store
};

}  // namespace openavail::store
