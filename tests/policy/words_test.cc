#include <catch2/catch.hpp>

#include "policy/meeting_class.h"
#include "policy/permission.h"

namespace openavail::policy {

TEST_CASE("tiers and policies are read as they are written") {
  for (const Tier t : {Tier::low, Tier::normal, Tier::high, Tier::critical}) {
    CHECK(tier_from_text(to_text(t)) == t);
  }
  for (const PreemptPolicy p :
       {PreemptPolicy::protected_, PreemptPolicy::reschedulable, PreemptPolicy::replaceable}) {
    CHECK(preempt_policy_from_text(to_text(p)) == p);
  }
  CHECK(Tier::low < Tier::normal);
  CHECK(Tier::high < Tier::critical);
  CHECK_FALSE(tier_from_text("urgent").has_value());
  CHECK_FALSE(preempt_policy_from_text("Protected").has_value());
}

TEST_CASE("permissions keep the order of the contract, whatever the order they came in") {
  const auto set = PermissionSet::from_names({"preempt", "read_freebusy", "preempt"});
  REQUIRE(set.has_value());
  CHECK(set->names() == std::vector<std::string>{"read_freebusy", "preempt"});
  CHECK(set->has(Permission::preempt));
  CHECK_FALSE(set->has(Permission::read_events));
  PermissionSet less;
  less.add(Permission::preempt);
  CHECK(set->contains(less));
  CHECK_FALSE(less.contains(*set));
  CHECK(PermissionSet().empty());
  CHECK(all_permissions().size() == 8);
  for (const Permission p : all_permissions()) CHECK(permission_from_text(to_text(p)) == p);
}

TEST_CASE("an unknown permission names the nearest and all known ones") {
  const auto set = PermissionSet::from_names({"create_hold"});
  REQUIRE_FALSE(set.has_value());
  CHECK(set.error().code() == ErrorCode::validation_failed);
  CHECK(set.error().next().find("did you mean create_holds?") != std::string::npos);
  CHECK(set.error().next().find("manage_public_scheduling") != std::string::npos);
  const auto far = PermissionSet::from_names({"fly"});
  REQUIRE_FALSE(far.has_value());
  CHECK(far.error().next().find("permissions are read_freebusy, ") == 0);
}

}  // namespace openavail::policy
