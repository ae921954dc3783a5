// Soft penalties of a search candidate (arbitration contract, Search): a gap below the buffer 2, a
// chain longer than max_back_to_back 1, preemptable 4.
//
// Thread rule: one belongs to one thread; it refers to the sweep, which must outlive it.
#pragma once

#include <vector>

#include "arbiter/sweep.h"

namespace openavail::arbiter {

class Penalties {
 public:
  Penalties(const Situation& situation, const Sweep& sweep);

  // The candidate passed the checks: whatever of the neighbours it overlaps would be displaced and
  // is not seen.
  int of(const Interval& candidate, bool preemptable) const;

 private:
  bool tight(const Interval& candidate) const;
  bool chained(const Interval& candidate) const;

  Millis buffer_;
  std::optional<int> chain_max_;
  std::vector<Interval> neighbours_;  // by start, then end
  std::vector<Instant> reach_;        // reach_[i]: latest end among neighbours_[0..i]
};

}  // namespace openavail::arbiter
