// Soft penalties of a search candidate (arbitration contract, Search): a gap below the buffer 2, a
// chain longer than max_back_to_back 1, preemptable 4.
//
// Thread rule: one belongs to one thread.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "arbiter/situation.h"

namespace openavail::arbiter {

class Penalties {
 public:
  // `reach`: the local days that the search touches; what lies on others is not seen.
  Penalties(const Situation& situation, const Interval& reach);

  // The candidate passed the checks: whatever of the neighbours it overlaps would be displaced and
  // is not seen. Ends must not descend from call to call.
  int of(const Interval& candidate, bool preemptable);

 private:
  bool tight(const Interval& candidate) const;
  bool chained(const Interval& candidate) const;

  Millis buffer_;
  std::optional<int> chain_max_;
  std::vector<Interval> neighbours_;  // by start, then end
  std::vector<Instant> reach_;        // reach_[i]: latest end among neighbours_[0..i]
  std::size_t right_ = 0;  // the first neighbour that starts at the candidate's end or later
};

}  // namespace openavail::arbiter
