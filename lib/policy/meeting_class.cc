#include "policy/meeting_class.h"

#include <array>

#include "base/check.h"

namespace openavail::policy {
namespace {

constexpr std::array kTiers = {Tier::low, Tier::normal, Tier::high, Tier::critical};
constexpr std::array kPolicies = {PreemptPolicy::protected_, PreemptPolicy::reschedulable,
                                  PreemptPolicy::replaceable};

}  // namespace

std::string_view to_text(Tier tier) {
  switch (tier) {
    case Tier::low:
      return "low";
    case Tier::normal:
      return "normal";
    case Tier::high:
      return "high";
    case Tier::critical:
      return "critical";
  }
  check_failed("every tier has a name", __FILE__, __LINE__);
}

std::string_view to_text(PreemptPolicy policy) {
  switch (policy) {
    case PreemptPolicy::protected_:
      return "protected";
    case PreemptPolicy::reschedulable:
      return "reschedulable";
    case PreemptPolicy::replaceable:
      return "replaceable";
  }
  check_failed("every policy has a name", __FILE__, __LINE__);
}

std::optional<Tier> tier_from_text(std::string_view text) {
  for (const Tier tier : kTiers) {
    if (to_text(tier) == text) return tier;
  }
  return std::nullopt;
}

std::optional<PreemptPolicy> preempt_policy_from_text(std::string_view text) {
  for (const PreemptPolicy policy : kPolicies) {
    if (to_text(policy) == text) return policy;
  }
  return std::nullopt;
}

}  // namespace openavail::policy
