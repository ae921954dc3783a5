// judge() and decide(): one request against the rules and what is there.
#include <utility>

#include "arbiter/arbiter.h"
#include "arbiter/free_slots.h"
#include "arbiter/names.h"
#include "arbiter/placements.h"
#include "arbiter/sweep.h"
#include "arbiter/trace.h"
#include "base/check.h"

namespace openavail::arbiter {
namespace {

bool is_capacity(Reason reason) { return check_name(reason) == check_name(Reason::no_capacity); }

void note_own_holds(const Situation& situation, const std::vector<Overlap>& overlapping,
                    Decision& decision) {
  for (const Overlap& each : overlapping) {
    const Occupant& occupant = *each.occupant;
    if (occupant.kind == OccupantKind::hold && occupant.agent_id == situation.agent_id) {
      decision.own_holds_in_the_way.push_back(occupant.hold_id);
    }
  }
}

void note_displaced(const Sweep& sweep, Decision& decision) {
  decision.displaced.reserve(sweep.overlapping().size());
  for (const Occupant* each : in_answer_order(sweep.overlapping())) {
    decision.displaced.push_back(each->booking_id);
  }
}

Decision decision_of(const Situation& situation, const Sweep& sweep, const Interval& slot,
                     const Sweep::Judgement& judgement) {
  Decision decision;
  decision.trace = trace_of(situation, sweep, slot, judgement);
  if (judgement.failed) {
    decision.verdict = Verdict::reject;
    decision.blocking_reason = judgement.failed;
    decision.rule_fired = check_name(*judgement.failed);
  } else if (judgement.displaces) {
    decision.verdict = Verdict::preempt;
    decision.rule_fired = "preempt";
    note_displaced(sweep, decision);
  } else {
    decision.verdict = Verdict::accept;
    decision.rule_fired = "accept";
  }
  return decision;
}

Decision judge_interval(const Situation& situation) {
  const Interval& interval = situation.request.interval;
  Sweep sweep(situation, days_of(Grid(situation.rules), interval));
  Decision decision = decision_of(situation, sweep, interval, sweep.judge(interval));
  if (decision.blocking_reason == Reason::no_capacity) {
    note_own_holds(situation, sweep.overlapping(), decision);
  }
  return decision;
}

Decision closed_window(const std::string& detail) {
  Decision decision;
  decision.verdict = Verdict::reject;
  decision.blocking_reason = Reason::no_capacity;
  decision.rule_fired = check_name(Reason::no_capacity);
  decision.trace = trace_of_closed_window(detail);
  return decision;
}

// The live holds among them, for the trace; empty when there is none.
std::string holds_in(const std::vector<Overlap>& overlapping) {
  std::string out;
  for (const Overlap& each : overlapping) {
    const Occupant& occupant = *each.occupant;
    if (occupant.kind != OccupantKind::hold) continue;
    out += (out.empty() ? "hold " : ", hold ") + occupant.hold_id.text();
  }
  return out;
}

// A refusal is the furthest one; among those of capacity the first in the contract's order.
bool tells_more(Reason candidate, Reason best) {
  if (is_capacity(candidate) && is_capacity(best)) return candidate < best;
  return candidate > best;
}

Decision judge_window(const Situation& situation) {
  const Grid grid(situation.rules);
  Sweep sweep(situation, days_of(grid, situation.request.interval));
  std::optional<Decision> passed;
  std::optional<Decision> refused;
  for_each_placement(situation, grid, [&](const Interval& slot) {
    const Sweep::Judgement judgement = sweep.judge(slot);
    if (!judgement.failed) {
      passed = decision_of(situation, sweep, slot, judgement);
      passed->placement = slot;
      return false;
    }
    if (!refused || tells_more(*judgement.failed, *refused->blocking_reason)) {
      refused = decision_of(situation, sweep, slot, judgement);
    }
    return true;
  });
  const bool reached_capacity = passed || !refused || is_capacity(*refused->blocking_reason);
  Overlaps window(situation);
  const std::string holds = holds_in(window.of(situation.request.interval));
  if (reached_capacity && !holds.empty()) {
    // The window is exclusive as a whole: another live hold anywhere in it keeps it closed.
    Decision decision = closed_window("NO_CAPACITY: " + holds);
    note_own_holds(situation, window.last(), decision);
    return decision;
  }
  if (passed) return *std::move(passed);
  if (refused) return *std::move(refused);
  return closed_window("NO_CAPACITY: no grid start with room for the duration");
}

}  // namespace

Decision judge(const Situation& situation) {
  OA_CHECK(situation.request.kind != RequestKind::search);
  OA_CHECK(defect_of(situation) == nullptr);
  return is_window_hold(situation.request) ? judge_window(situation) : judge_interval(situation);
}

Decision decide(const Situation& situation) {
  Decision decision = judge(situation);
  if (!decision.blocking_reason) return decision;
  const FreeSlots slots(situation);
  decision.alternatives = slots.alternatives();
  const FreeSlots::Next next = slots.next_available();
  decision.next_available = next.start;
  decision.next_available_exceeds_lookahead = next.exceeds_lookahead;
  if (is_capacity(*decision.blocking_reason) && !decision.alternatives.empty()) {
    decision.verdict = Verdict::counter_propose;
  }
  return decision;
}

}  // namespace openavail::arbiter
