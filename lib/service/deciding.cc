#include "service/deciding.h"

#include <algorithm>
#include <utility>

#include "crypto/digest.h"
#include "policy/resolve.h"
#include "service/owner_rounds.h"
#include "service/recovery.h"

namespace openavail::service {
namespace {

// The local days that the request touches; wide: all that alternatives are taken from, which is on
// to the end of their reach, and back to where a window hold begins that is being confirmed.
Interval horizon_of(const Question& question, const time::Zone& zone, bool wide) {
  Interval span = question.interval;
  if (wide) {
    span.end = span.end + std::chrono::hours(24 * limits::kHorizonDaysAfterRequest);
    if (question.held_window) span.start = std::min(span.start, question.held_window->start);
  }
  return policy::whole_local_days(span, zone);
}

Result<arbiter::Situation> situation_of(ports::Transaction& tx, const Preparation& prepared,
                                        const OwnerView& view, const Claims& claims,
                                        const CalendarsRead& read, const Interval& horizon) {
  const Question& question = prepared.question;
  arbiter::Situation situation;
  situation.now = prepared.who.now;
  situation.agent_id = prepared.who.agent.id;
  arbiter::Request& request = situation.request;
  request.kind = question.kind;
  request.interval = question.interval;
  request.duration = question.duration;
  request.meeting_class = question.meeting_class;
  request.meeting_class.description.clear();
  request.may_preempt = prepared.who.agent.permissions.has(policy::Permission::preempt);
  request.lookahead = question.lookahead;
  request.results_wanted = question.results_wanted;
  request.held_window = question.held_window;
  OA_TRY(situation.rules, policy::resolve(view.rules, view.zone, horizon, question.interval.start));
  OA_TRY(situation.occupancy,
         occupants(tx, view.owner.id, claims, read, horizon, situation.now, question.own_hold));
  situation.horizon.interval = horizon;
  for (const ports::Calendar& calendar : view.calendars) {
    situation.horizon.calendars.push_back(calendar.id);
  }
  std::sort(situation.horizon.calendars.begin(), situation.horizon.calendars.end());
  situation.horizon.engine_version = arbiter::kEngineVersion;
  situation.horizon.tzdata_version = time::tzdata_version();
  return situation;
}

// What was read for one of them tells the same for the other.
bool are_read_alike(const OwnerView& a, const OwnerView& b) {
  const auto is_same_place = [](const ports::Calendar& x, const ports::Calendar& y) {
    return x.id == y.id && x.provider == y.provider && x.location == y.location;
  };
  return a.owner.id == b.owner.id && a.zone == b.zone && a.addresses == b.addresses &&
         std::equal(a.calendars.begin(), a.calendars.end(), b.calendars.begin(), b.calendars.end(),
                    is_same_place);
}

// A request's right to decide.
class Turn {
 public:
  explicit Turn(const Parts& parts)
      : parts_(parts), rounds_(parts.rounds != nullptr ? *parts.rounds : alone_) {}

  // Before the calendars are read. False: it took time; what was read of the ledger may be old.
  Result<bool> take(std::unique_ptr<ports::Transaction>& tx, const Preparation& prepared,
                    bool must_lock) {
    const OwnerId& owner = prepared.who.owner->id;
    only_reads_ = prepared.question.only_reads;
    if (!only_reads_ && (!place_ || place_->owner() != owner)) {
      place_.emplace(rounds_, parts_.store, owner);
    }
    if (!only_reads_ && !place_->is_inside() &&
        !place_->enter(prepared.question.meeting_class.tier)) {
      tx.reset();
      OA_TRY_STATUS(place_->wait());
      return false;
    }
    if (!must_lock || is_locked_) return true;
    tx.reset();
    if (only_reads_) {
      OA_TRY(lock_, parts_.store.lock_owner(owner));
    } else {
      OA_TRY_STATUS(place_->lock_owner());
    }
    is_locked_ = true;
    return false;
  }

  Result<std::unique_ptr<ports::Transaction>> begin() {
    if (!only_reads_) return place_->begin();
    return parts_.store.begin(parts_.journal != nullptr ? ports::Access::read
                                                        : ports::Access::write);
  }

  // The calendars are to be read again.
  void give_up() {
    if (place_) place_->leave();
    lock_.reset();
    is_locked_ = false;
  }

 private:
  const Parts& parts_;
  OwnerRounds alone_;
  OwnerRounds& rounds_;
  std::optional<OwnerRounds::Place> place_;
  std::unique_ptr<ports::OwnerLock> lock_;
  bool only_reads_ = false;
  bool is_locked_ = false;
};

}  // namespace

Result<Moment> reach_moment(const Parts& parts, const Prepare& prepare,
                            const NeedsMore& needs_more) {
  Turn turn(parts);
  bool wide = false;
  bool has_recovered = false;
  for (int moves = 0;;) {
    OA_TRY(auto tx, parts.store.begin(ports::Access::read));
    OA_TRY(Preparation prepared, prepare(*tx));
    OA_TRY(const bool is_unsettled, has_dead_writers(parts, *tx, prepared.who.owner->id));
    if (is_unsettled && !has_recovered) {
      has_recovered = true;
      tx.reset();
      OA_TRY_STATUS(recover_owner(parts, prepared.who.owner->id));
      continue;
    }
    OA_TRY(const bool is_ready, turn.take(tx, prepared, moves >= limits::kOwnerMovesBeforeLock));
    if (!is_ready) continue;
    OA_TRY(OwnerView view, load_owner_view(*tx, *prepared.who.owner));
    const Interval horizon = horizon_of(prepared.question, view.zone, wide);
    const Instant since = std::min(horizon.start, prepared.who.now);
    OA_TRY(Claims claims, load_claims(*tx, view.owner.id, since));
    tx.reset();

    auto read = read_calendars(parts, view, claims, horizon, prepared.who.now);
    if (!read) {
      if (read.error().suspend) OA_TRY_STATUS(suspend_calendar(parts, *read.error().suspend));
      return fail(std::move(read.error().error));
    }

    OA_TRY(tx, turn.begin());
    OA_TRY(prepared, prepare(*tx));
    if (prepared.who.owner->revision != view.owner.revision) {
      OA_TRY(OwnerView present, load_owner_view(*tx, *prepared.who.owner));
      OA_TRY(Claims claimed, load_claims(*tx, view.owner.id, since));
      auto carried =
          are_read_alike(view, present) ? carry_over(claims, *read, claimed) : std::nullopt;
      if (!carried) {
        ++moves;
        tx.reset();
        turn.give_up();
        continue;
      }
      view = std::move(present);
      claims = std::move(claimed);
      *read = std::move(*carried);
    }
    OA_TRY(arbiter::Situation situation, situation_of(*tx, prepared, view, claims, *read, horizon));
    if (!wide && needs_more(situation)) {
      wide = true;
      tx.reset();
      turn.give_up();
      continue;
    }
    ChosenCalendar target = choose_calendar(view, prepared.calendar_type);
    auto changes = external_changes(claims, *read);
    return Moment{std::move(tx),      std::move(prepared.who), std::move(view),
                  std::move(target),  std::move(claims),       std::move(*read),
                  std::move(changes), std::move(situation)};
  }
}

SituationCopy copy_of(const arbiter::Situation& situation) {
  SituationCopy copy;
  copy.canonical_json = arbiter::canonical_json(situation);
  copy.digest = crypto::sha256_hex(copy.canonical_json);
  return copy;
}

}  // namespace openavail::service
