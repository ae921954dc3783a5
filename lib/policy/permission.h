// What an agent may do (wire contract, section 2).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace openavail::policy {

enum class Permission : std::uint32_t {
  read_freebusy = 1u << 0,
  read_events = 1u << 1,
  create_holds = 1u << 2,
  create_bookings = 1u << 3,
  preempt = 1u << 4,
  create_booking_proposals = 1u << 5,
  read_audit = 1u << 6,
  manage_public_scheduling = 1u << 7,
};

class PermissionSet {
 public:
  PermissionSet() = default;
  void add(Permission p) { bits_ |= static_cast<std::uint32_t>(p); }
  bool has(Permission p) const { return (bits_ & static_cast<std::uint32_t>(p)) != 0; }
  bool contains(PermissionSet other) const { return (other.bits_ & ~bits_) == 0; }
  bool empty() const { return bits_ == 0; }
  // Names in the order of the contract.
  std::vector<std::string> names() const;
  bool operator==(const PermissionSet&) const = default;

  // Errors: validation_failed naming the unknown permission, the nearest known one and all of them.
  static Result<PermissionSet> from_names(const std::vector<std::string>& names);

 private:
  std::uint32_t bits_ = 0;
};

std::string_view to_text(Permission p);
std::optional<Permission> permission_from_text(std::string_view text);
const std::vector<Permission>& all_permissions();

}  // namespace openavail::policy
