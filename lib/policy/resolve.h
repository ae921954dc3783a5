// Rules made concrete: weekly rows as UTC intervals over a horizon, in the zones they belong to.
// After this step no one needs time-zone data any more (arbitration contract, Situation).
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "policy/rules.h"
#include "time/instant.h"
#include "time/zone.h"

namespace openavail::policy {

struct HardBlock {
  Interval interval;
  std::string label;
  bool operator==(const HardBlock&) const = default;
};

struct ResolvedRules {
  bool working_hours_configured = false;
  std::vector<Interval> working_hours;  // sorted, one per row and day, not merged, none empty
  std::vector<HardBlock> hard_blocks;   // sorted by interval, then label
  std::vector<Interval> local_days;     // contiguous, cover the horizon, primary zone
  std::optional<int> max_daily_meeting_minutes;
  int slot_interval_minutes = 15;
  int buffer_minutes = 15;
  std::optional<int> max_back_to_back;
  std::optional<int> sacred_meeting_age_hours;
  // The requested start's wall time on the next seven calendar days of the primary zone, gap and
  // overlap rule applied; used for alternatives.
  std::vector<Instant> same_wall_time;
};

// The local days of the primary zone that `span` touches, whole. An empty span touches the day of
// its start.
Interval whole_local_days(const Interval& span, const time::Zone& primary);

// Resolves over `horizon` (whole local days of `primary`). `requested_start` feeds same_wall_time.
// Errors: validation_failed for a row's zone that the system does not know.
Result<ResolvedRules> resolve(const EffectiveRules& rules, const time::Zone& primary,
                              const Interval& horizon, Instant requested_start);

}  // namespace openavail::policy
