// Meeting classes: how much a meeting weighs, and what may happen to its bookings (arbitration
// contract, Zones, tiers and policies).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/id.h"

namespace openavail::policy {

// Higher weighs more; the numeric order is the order of the contract.
enum class Tier { low = 0, normal = 1, high = 2, critical = 3 };

// What may happen to the bookings of a class.
enum class PreemptPolicy { protected_, reschedulable, replaceable };

struct MeetingClass {
  ClassId id;
  std::string name;  // unique, compared without case
  Tier tier = Tier::normal;
  PreemptPolicy policy = PreemptPolicy::reschedulable;
  std::string description;
};

std::string_view to_text(Tier tier);             // "critical" …
std::string_view to_text(PreemptPolicy policy);  // "protected" …
std::optional<Tier> tier_from_text(std::string_view text);
std::optional<PreemptPolicy> preempt_policy_from_text(std::string_view text);

}  // namespace openavail::policy
