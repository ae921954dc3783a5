// Who of one owner's requests is decided when (arbitration contract, Races). Requests for an owner
// that wait together form a round: all of them read the calendars, side by side, then they are
// decided one after the other, those of higher tier first, then in order of arrival, in parts of
// one write transaction, and each is answered when that transaction is durable. So of two in one
// round the higher tier has its way without displacing anyone, whichever was quicker to arrive or
// to read. Who comes while a round is under way waits for the next one, which begins when it is
// over.
//
// That later ones see what earlier ones of their round recorded is the transaction's doing; that
// they need not read the calendars again for it is explained at carry_over() (service/reading.h).
//
// The owner is locked (ports::Store::lock_owner) while its round decides, and nobody waits for a
// calendar inside a write transaction. One object serves a whole process; where there is none, each
// request is a round of its own. Between processes only the lock orders requests: one after the
// other.
//
// Thread rule: OwnerRounds is safe from any thread, a Place belongs to its thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>

#include "base/limits.h"
#include "policy/meeting_class.h"
#include "ports/store.h"

namespace openavail::service {

struct OwnerRoundsOptions {
  // arbitration.round_ms: how long the first one waits for others before its round begins, where no
  // round is under way.
  std::chrono::milliseconds widened_by{0};
  // How that time is spent; tests bring their own.
  std::function<void(std::chrono::milliseconds)> pause;
  std::size_t together_max = limits::kOwnerRoundMax;        // in one round; the rest is next
  std::size_t waiting_max = limits::kOwnerWaitingMax;       // for one owner
  std::chrono::milliseconds wait_max = limits::kOwnerWait;  // for a round, or for one's turn in it
};

class OwnerRounds {
  class Lines;
  struct Member;
  struct Round;

 public:
  explicit OwnerRounds(OwnerRoundsOptions options = {});

  // Requests that wait for their owner's next round.
  std::size_t waiting(const OwnerId& owner) const;

  // One request's way through: enter, read the calendars, begin. `store` must outlive it.
  class Place {
   public:
    Place(OwnerRounds& rounds, ports::Store& store, OwnerId owner);
    ~Place();
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    const OwnerId& owner() const { return owner_; }
    // In a round, from entering it to leaving it or to the end of begin()'s transaction.
    bool is_inside() const;

    // True: a round has begun with this request. False: wait() for the next one.
    bool enter(policy::Tier tier);
    // Errors: rate_limited (too many wait for this owner), internal (waited for too long).
    Status wait();

    // For the locked way: no booking of another comes in from now until the round has decided.
    Status lock_owner();

    // Waits for the others of the round to be ready and for those in front to be decided. The
    // answer is this request's part of the round's transaction. Errors: as ports::Store::begin.
    Result<std::unique_ptr<ports::Transaction>> begin();

    // The calendars have to be read again: back to the line, with the same time of arrival.
    void leave();

   private:
    std::shared_ptr<Lines> lines_;
    ports::Store& store_;
    OwnerId owner_;
    std::shared_ptr<Member> member_;
  };

 private:
  std::shared_ptr<Lines> lines_;
};

}  // namespace openavail::service
