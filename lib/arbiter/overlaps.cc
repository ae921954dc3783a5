#include "arbiter/overlaps.h"

namespace openavail::arbiter {

const std::vector<Overlap>& Overlaps::of(const Interval& slot) {
  std::erase_if(active_,
                [&](const Overlap& each) { return each.occupant->interval.end <= slot.start; });
  for (; next_ != situation_.occupancy.end() && next_->interval.start < slot.end; ++next_) {
    if (next_->interval.end <= slot.start) continue;
    const Standing standing = standing_of(*next_, situation_);
    if (standing != Standing::absent) active_.push_back({&*next_, standing});
  }
  return active_;
}

}  // namespace openavail::arbiter
