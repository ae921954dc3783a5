#include "policy/permission.h"

#include "base/check.h"
#include "base/nearest.h"

namespace openavail::policy {

const std::vector<Permission>& all_permissions() {
  static const std::vector<Permission> all = {
      Permission::read_freebusy, Permission::read_events,
      Permission::create_holds,  Permission::create_bookings,
      Permission::preempt,       Permission::create_booking_proposals,
      Permission::read_audit,    Permission::manage_public_scheduling,
  };
  return all;
}

std::string_view to_text(Permission p) {
  switch (p) {
    case Permission::read_freebusy:
      return "read_freebusy";
    case Permission::read_events:
      return "read_events";
    case Permission::create_holds:
      return "create_holds";
    case Permission::create_bookings:
      return "create_bookings";
    case Permission::preempt:
      return "preempt";
    case Permission::create_booking_proposals:
      return "create_booking_proposals";
    case Permission::read_audit:
      return "read_audit";
    case Permission::manage_public_scheduling:
      return "manage_public_scheduling";
  }
  check_failed("every permission has a name", __FILE__, __LINE__);
}

std::optional<Permission> permission_from_text(std::string_view text) {
  for (const Permission p : all_permissions()) {
    if (to_text(p) == text) return p;
  }
  return std::nullopt;
}

std::vector<std::string> PermissionSet::names() const {
  std::vector<std::string> out;
  for (const Permission p : all_permissions()) {
    if (has(p)) out.emplace_back(to_text(p));
  }
  return out;
}

Result<PermissionSet> PermissionSet::from_names(const std::vector<std::string>& names) {
  PermissionSet set;
  for (const std::string& name : names) {
    const std::optional<Permission> p = permission_from_text(name);
    if (!p) {
      std::vector<std::string> known;
      std::string list;
      for (const Permission each : all_permissions()) {
        known.emplace_back(to_text(each));
        list += (list.empty() ? "" : ", ") + known.back();
      }
      const std::string near = nearest_name(name, known);
      return fail(ErrorCode::validation_failed, "unknown permission \"" + name.substr(0, 64) + "\"",
                  (near.empty() ? "" : "did you mean " + near + "? ") + "permissions are " + list);
    }
    set.add(*p);
  }
  return set;
}

}  // namespace openavail::policy
