#include "policy/rules.h"

namespace openavail::policy {
namespace {

// The layer that speaks for a field: the owner's if it is set at all.
template <class T>
const Field<T>& speaking(const Field<T>& organisation, const Field<T>& owner) {
  return owner.is_unset() ? organisation : owner;
}

}  // namespace

EffectiveRules merge(const RuleLayer& organisation, const RuleLayer& owner) {
  EffectiveRules out;
  out.working_hours = speaking(organisation.working_hours, owner.working_hours).value();
  out.hard_blocks = speaking(organisation.hard_blocks, owner.hard_blocks)
                        .value()
                        .value_or(std::vector<WeeklyRow>{});
  out.max_daily_meeting_minutes =
      speaking(organisation.max_daily_meeting_minutes, owner.max_daily_meeting_minutes).value();
  out.slot_interval_minutes =
      speaking(organisation.slot_interval_minutes, owner.slot_interval_minutes)
          .value()
          .value_or(out.slot_interval_minutes);
  const Field<int>& buffer = speaking(organisation.buffer_minutes, owner.buffer_minutes);
  // Unset takes the default of 15 minutes, an explicit none switches the buffer off.
  if (buffer.is_none()) out.buffer_minutes = 0;
  if (buffer.value()) out.buffer_minutes = *buffer.value();
  out.max_back_to_back = speaking(organisation.max_back_to_back, owner.max_back_to_back).value();
  out.sacred_meeting_age_hours =
      speaking(organisation.sacred_meeting_age_hours, owner.sacred_meeting_age_hours).value();
  out.hold_ttl_seconds = speaking(organisation.hold_ttl_seconds, owner.hold_ttl_seconds)
                             .value()
                             .value_or(out.hold_ttl_seconds);
  return out;
}

}  // namespace openavail::policy
