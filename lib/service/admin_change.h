// What every administrative change shares: one write transaction with the change and its row.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "service/administration.h"
#include "service/journal.h"

namespace openavail::service {

using Subject = std::vector<std::pair<std::string, std::string>>;

// Appends the `admin` row of a change: ids and names of rules only, never an address.
inline Status record_admin(const Parts& parts, ports::Transaction& tx, const std::string& action,
                           Subject subject, const std::optional<OwnerId>& owner = std::nullopt) {
  audit::Entry entry;
  entry.kind = audit::Kind::admin;
  entry.action = action;
  entry.rule_fired = action;
  entry.actor = "admin";
  entry.calendar_owner = owner;
  entry.subject = std::move(subject);
  OA_TRY_STATUS(append_entry(parts, tx, std::move(entry)));
  return {};
}

// Errors: not_found with what is known.
Result<ports::Owner> owner_of(ports::Transaction& tx, const std::string& email);
Result<ports::Agent> agent_of(ports::Transaction& tx, const std::string& name);
// Errors: validation_failed.
Status check_email(const std::string& email);
Status check_name(const std::string& name, const char* what);
Status check_zone(const std::optional<std::string>& zone);

// The addresses of all owners, by id; and the one behind a row's owner id, while the person is
// known.
Result<std::map<std::string, std::string>> emails_of(ports::Transaction& tx);
std::optional<std::string> owner_email_of(const audit::SealedRow& row,
                                          const std::map<std::string, std::string>& emails);

}  // namespace openavail::service
