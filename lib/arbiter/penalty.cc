#include "arbiter/penalty.h"

#include <algorithm>
#include <cstddef>

namespace openavail::arbiter {
namespace {

constexpr int kGapPenalty = 2;
constexpr int kChainPenalty = 1;
constexpr int kPreemptablePenalty = 4;

}  // namespace

Penalties::Penalties(const Situation& situation, const Sweep& sweep)
    : buffer_(std::chrono::minutes(situation.rules.buffer_minutes)),
      chain_max_(situation.rules.max_back_to_back) {
  for (const Sweep::Item& item : sweep.items()) {
    if (!item.neighbour) continue;
    const Instant end = item.interval.end;
    reach_.push_back(reach_.empty() ? end : std::max(reach_.back(), end));
    neighbours_.push_back(item.interval);
  }
}

int Penalties::of(const Interval& candidate, bool preemptable) const {
  int sum = preemptable ? kPreemptablePenalty : 0;
  if (tight(candidate)) sum += kGapPenalty;
  if (chained(candidate)) sum += kChainPenalty;
  return sum;
}

bool Penalties::tight(const Interval& candidate) const {
  if (buffer_ == Millis{0}) return false;
  const auto right =
      std::partition_point(neighbours_.begin(), neighbours_.end(),
                           [&](const Interval& n) { return n.start < candidate.end; });
  if (right != neighbours_.end() && right->start - candidate.end < buffer_) return true;
  for (auto i = static_cast<std::size_t>(right - neighbours_.begin()); i > 0; --i) {
    if (candidate.start - reach_[i - 1] >= buffer_) return false;  // nothing further left is near
    const Interval& n = neighbours_[i - 1];
    if (n.end <= candidate.start && candidate.start - n.end < buffer_) return true;
  }
  return false;
}

bool Penalties::chained(const Interval& candidate) const {
  if (!chain_max_) return false;
  int count = 1;
  if (count > *chain_max_) return true;
  const auto right =
      std::partition_point(neighbours_.begin(), neighbours_.end(),
                           [&](const Interval& n) { return n.start < candidate.end; });
  Instant end = candidate.end;
  for (auto n = right; n != neighbours_.end() && n->start - end < buffer_; ++n) {
    end = std::max(end, n->end);
    if (++count > *chain_max_) return true;
  }
  // To the left, a long neighbour may link although a shorter one that starts later does not; so
  // first find how far the chain goes, then count what starts inside it.
  Instant start = candidate.start;
  const auto first_right = static_cast<std::size_t>(right - neighbours_.begin());
  std::size_t i = first_right;
  int linked = 0;
  for (; i > 0 && start - reach_[i - 1] < buffer_; --i) {
    const Interval& n = neighbours_[i - 1];
    if (n.overlaps(candidate) || start - n.end >= buffer_) continue;
    start = std::min(start, n.start);
    if (count + ++linked > *chain_max_) return true;
  }
  linked = 0;
  for (; i < first_right; ++i) {
    if (neighbours_[i].start >= start && !neighbours_[i].overlaps(candidate)) ++linked;
  }
  return count + linked > *chain_max_;
}

}  // namespace openavail::arbiter
