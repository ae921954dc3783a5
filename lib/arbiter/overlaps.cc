#include "arbiter/overlaps.h"

#include <algorithm>

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

std::vector<const Occupant*> in_answer_order(const std::vector<Overlap>& overlapping) {
  std::vector<const Occupant*> out;
  out.reserve(overlapping.size());
  for (const Overlap& each : overlapping) out.push_back(each.occupant);
  const auto before = [](const Occupant* a, const Occupant* b) {
    return a->interval.start != b->interval.start ? a->interval.start < b->interval.start
                                                  : a->booking_id < b->booking_id;
  };
  // They come in canonical order, which differs only where starts are equal and ends are not.
  if (!std::is_sorted(out.begin(), out.end(), before)) std::sort(out.begin(), out.end(), before);
  return out;
}

}  // namespace openavail::arbiter
