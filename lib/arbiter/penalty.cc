#include "arbiter/penalty.h"

#include <algorithm>
#include <cstddef>

#include "arbiter/standing.h"

namespace openavail::arbiter {
namespace {

constexpr int kGapPenalty = 2;
constexpr int kChainPenalty = 1;
constexpr int kPreemptablePenalty = 4;

}  // namespace

Penalties::Penalties(const Situation& situation, const Interval& reach)
    : buffer_(std::chrono::minutes(situation.rules.buffer_minutes)),
      chain_max_(situation.rules.max_back_to_back) {
  for (const Occupant& occupant : situation.occupancy) {
    if (occupant.interval.start >= reach.end) break;
    if (occupant.interval.end <= reach.start) continue;
    if (!is_neighbour(occupant) || !takes_part(occupant, situation.now)) continue;
    const Instant end = occupant.interval.end;
    reach_.push_back(reach_.empty() ? end : std::max(reach_.back(), end));
    neighbours_.push_back(occupant.interval);
  }
}

int Penalties::of(const Interval& candidate, bool preemptable) {
  while (right_ < neighbours_.size() && neighbours_[right_].start < candidate.end) ++right_;
  int sum = preemptable ? kPreemptablePenalty : 0;
  if (tight(candidate)) sum += kGapPenalty;
  if (chained(candidate)) sum += kChainPenalty;
  return sum;
}

bool Penalties::tight(const Interval& candidate) const {
  if (buffer_ == Millis{0}) return false;
  if (right_ < neighbours_.size() && neighbours_[right_].start - candidate.end < buffer_) {
    return true;
  }
  for (std::size_t i = right_; i > 0; --i) {
    if (candidate.start - reach_[i - 1] >= buffer_) return false;  // nothing further left is near
    const Interval& n = neighbours_[i - 1];
    if (n.end <= candidate.start && candidate.start - n.end < buffer_) return true;
  }
  return false;
}

bool Penalties::chained(const Interval& candidate) const {
  if (!chain_max_) return false;
  int count = 1;
  Instant end = candidate.end;
  for (std::size_t i = right_; i < neighbours_.size(); ++i) {
    if (neighbours_[i].start - end >= buffer_) break;
    end = std::max(end, neighbours_[i].end);
    if (++count > *chain_max_) return true;
  }
  // To the left, a long neighbour may link although a shorter one that starts later does not; so
  // first find how far the chain goes, then count what starts inside it.
  Instant start = candidate.start;
  std::size_t i = right_;
  int linked = 0;
  for (; i > 0 && start - reach_[i - 1] < buffer_; --i) {
    const Interval& n = neighbours_[i - 1];
    if (n.overlaps(candidate) || start - n.end >= buffer_) continue;
    start = n.start;  // they are sorted: no later than what it was
    if (count + ++linked > *chain_max_) return true;
  }
  linked = 0;
  for (; i < right_; ++i) {
    if (neighbours_[i].start >= start && !neighbours_[i].overlaps(candidate)) ++linked;
  }
  return count + linked > *chain_max_;
}

}  // namespace openavail::arbiter
