// search(): every placement of a window that would pass, ranked, and thinned out when there are
// more than wanted.
#include <algorithm>
#include <cstddef>
#include <utility>

#include "arbiter/arbiter.h"
#include "arbiter/free_slots.h"
#include "arbiter/names.h"
#include "arbiter/penalty.h"
#include "arbiter/placements.h"
#include "arbiter/sweep.h"
#include "arbiter/trace.h"
#include "base/check.h"

namespace openavail::arbiter {
namespace {

struct Found {
  Instant start;
  std::uint32_t day = 0;
  int penalty = 0;
  bool preemptable = false;
};

bool ranks_before(const Found& a, const Found& b) {
  return a.penalty != b.penalty ? a.penalty < b.penalty : a.start < b.start;
}

// What was found (by start) thinned to `wanted`: days take turns, the best left of each.
std::vector<Found> curate(std::vector<Found> found, std::size_t wanted) {
  std::vector<std::pair<std::size_t, std::size_t>> days;  // next and end, of each day
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (i == 0 || found[i].day != found[i - 1].day) days.emplace_back(i, i);
    days.back().second = i + 1;
  }
  for (const auto& [first, last] : days) {
    std::sort(found.begin() + static_cast<std::ptrdiff_t>(first),
              found.begin() + static_cast<std::ptrdiff_t>(last), ranks_before);
  }
  std::vector<Found> out;
  while (out.size() < wanted) {
    for (auto& [next, last] : days) {
      if (next == last || out.size() == wanted) continue;
      out.push_back(found[next++]);
    }
  }
  return out;
}

Candidate candidate_of(const Interval& interval, const Found& found,
                       const std::vector<Overlap>& overlapping) {
  Candidate candidate;
  candidate.interval = interval;
  candidate.penalty = found.penalty;
  if (!found.preemptable) return candidate;
  candidate.risk = Risk::preemptable;
  const std::vector<const Occupant*> displaced = in_answer_order(overlapping);
  const Occupant* heaviest = displaced.front();
  for (const Occupant* each : displaced) {
    candidate.occupying.push_back(each->booking_id);
    if (each->meeting_class.tier > heaviest->meeting_class.tier) heaviest = each;
  }
  candidate.occupying_class = heaviest->meeting_class.name;
  candidate.occupying_tier = heaviest->meeting_class.tier;
  return candidate;
}

// By rank, then start.
std::vector<Candidate> candidates_of(const Situation& situation, std::vector<Found> found) {
  const Millis duration = wanted_duration(situation.request);
  const auto starts_before = [](const Found& a, const Found& b) { return a.start < b.start; };
  std::sort(found.begin(), found.end(), starts_before);
  Overlaps overlaps(situation);
  std::vector<Candidate> candidates;
  candidates.reserve(found.size());
  for (const Found& each : found) {
    const Interval interval{each.start, each.start + duration};
    candidates.push_back(candidate_of(interval, each, overlaps.of(interval)));
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.penalty < b.penalty; });
  return candidates;
}

// The first placement that got furthest.
struct Furthest {
  std::optional<Interval> slot;
  Reason reason = Reason::no_capacity;
};

bool got_further(Reason reason, const Furthest& furthest) {
  if (!furthest.slot) return true;
  const bool both_capacity =
      reason >= Reason::no_capacity && furthest.reason >= Reason::no_capacity;
  return both_capacity ? reason < furthest.reason : reason > furthest.reason;
}

std::vector<TraceRow> fresh_trace(const Situation& situation, const Grid& grid,
                                  const Interval& slot) {
  Sweep sweep(situation, days_of(grid, slot));
  const Sweep::Judgement judgement = sweep.judge(slot);
  return trace_of(situation, sweep, slot, judgement);
}

void explain_nothing(const Situation& situation, const Grid& grid, const Furthest& furthest,
                     SearchResult& result) {
  result.reason = furthest.reason;
  result.rule_fired = check_name(furthest.reason);
  result.trace = furthest.slot ? fresh_trace(situation, grid, *furthest.slot)
                               : trace_of_closed_window("no grid start with room for the duration");
  const FreeSlots::Next next = FreeSlots(situation).next_available();
  result.next_available = next.start;
  result.next_available_exceeds_lookahead = next.exceeds_lookahead;
}

// Every placement that passes, by start; where there is none, `furthest` is the one to tell of.
std::vector<Found> find(const Situation& situation, const Grid& grid, Furthest& furthest) {
  const Interval window = window_from_now(situation);
  if (window.empty()) return {};
  const Interval reach = days_of(grid, window);
  Sweep sweep(situation, reach);
  Penalties penalties(situation, reach);
  std::vector<Found> found;
  std::size_t day = grid.day_of(window.start);
  for_each_placement(situation, grid, [&](const Interval& slot) {
    const Sweep::Judgement judgement = sweep.judge(slot);
    if (judgement.failed) {
      if (found.empty() && got_further(*judgement.failed, furthest)) {
        furthest = {slot, *judgement.failed};
      }
      return true;
    }
    while (grid.day(day).end <= slot.start) ++day;
    found.push_back({slot.start, static_cast<std::uint32_t>(day),
                     penalties.of(slot, judgement.displaces), judgement.displaces});
    return true;
  });
  return found;
}

}  // namespace

SearchResult search(const Situation& situation) {
  OA_CHECK(situation.request.kind == RequestKind::search);
  OA_CHECK(defect_of(situation) == nullptr);
  const Grid grid(situation.rules);
  Furthest furthest;
  std::vector<Found> found = find(situation, grid, furthest);
  SearchResult result;
  if (found.empty()) {
    explain_nothing(situation, grid, furthest, result);
    return result;
  }
  result.available_count = static_cast<int>(found.size());
  const auto wanted = static_cast<std::size_t>(situation.request.results_wanted);
  result.curated = found.size() > wanted;
  if (result.curated) found = curate(std::move(found), wanted);
  result.candidates = candidates_of(situation, std::move(found));
  result.rule_fired = "accept";
  result.trace = fresh_trace(situation, grid, result.candidates.front().interval);
  return result;
}

}  // namespace openavail::arbiter
