// The occupants that an interval overlaps, for intervals of one duration in ascending order of
// start: followed with a cursor, so that each occupant is met once.
//
// Thread rule: one belongs to one thread; it refers to the situation, which must outlive it.
#pragma once

#include <vector>

#include "arbiter/standing.h"

namespace openavail::arbiter {

struct Overlap {
  const Occupant* occupant;
  Standing standing;  // never absent
};

class Overlaps {
 public:
  explicit Overlaps(const Situation& situation)
      : situation_(situation), next_(situation.occupancy.begin()) {}

  // In canonical order; valid until the next call. Starts must not descend and the length must
  // stay the same from call to call.
  const std::vector<Overlap>& of(const Interval& slot);
  const std::vector<Overlap>& last() const { return active_; }

 private:
  const Situation& situation_;
  std::vector<Occupant>::const_iterator next_;  // starts no earlier than the last slot ends
  std::vector<Overlap> active_;
};

// In the order in which answers name what would be displaced: by start, then booking id.
std::vector<const Occupant*> in_answer_order(const std::vector<Overlap>& overlapping);

}  // namespace openavail::arbiter
