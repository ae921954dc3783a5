// Owners and agents.
#include <algorithm>

#include "base/identifiers.h"
#include "base/nearest.h"
#include "base/utf8.h"
#include "service/admin_change.h"
#include "service/event_view.h"
#include "service/proposing.h"
#include "time/zone.h"

namespace openavail::service {
namespace {

std::string join(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out.empty() ? "none yet" : out;
}

Error unknown(const char* what, const std::string& name, const std::vector<std::string>& known) {
  const std::string nearest = nearest_name(name, known);
  return Error(ErrorCode::not_found, std::string("there is no ") + what + " " + name,
               nearest.empty() ? "known: " + join(known) : "did you mean " + nearest + "?");
}

Status set_scope(ports::Transaction& tx, ports::Agent& agent,
                 const std::vector<std::string>& emails) {
  const bool names_all = std::find(emails.begin(), emails.end(), kAllOwners) != emails.end();
  if (names_all && emails.size() > 1) {
    return fail(ErrorCode::validation_failed, "all owners are named, and single ones besides",
                "name all alone, or the addresses alone");
  }
  agent.is_for_all_owners = names_all;
  agent.owners.clear();
  if (names_all) {
    OA_TRY(const auto owners, tx.owners());
    for (const ports::Owner& owner : owners) agent.owners.push_back(owner.id);
  } else {
    for (const std::string& email : emails) {
      OA_TRY(const auto owner, owner_of(tx, email));
      agent.owners.push_back(owner.id);
    }
  }
  std::sort(agent.owners.begin(), agent.owners.end());
  agent.owners.erase(std::unique(agent.owners.begin(), agent.owners.end()), agent.owners.end());
  return {};
}

Result<AgentInfo> with_emails(ports::Transaction& tx, const ports::Agent& agent) {
  AgentInfo info{agent, {}};
  for (const OwnerId& id : agent.owners) {
    OA_TRY(const auto owner, tx.find_owner(id));
    if (owner) info.owner_emails.push_back(owner->email);
  }
  return info;
}

}  // namespace

Result<ports::Owner> owner_of(ports::Transaction& tx, const std::string& email) {
  OA_TRY(const auto owner, tx.find_owner_by_address(email));
  if (owner) return *owner;
  OA_TRY(const auto all, tx.owners());
  std::vector<std::string> known;
  for (const auto& o : all) known.push_back(o.email);
  return fail(unknown("owner", email, known));
}

Result<ports::Agent> agent_of(ports::Transaction& tx, const std::string& name) {
  OA_TRY(auto agent, tx.find_agent_by_name(name));
  if (!agent) {
    OA_TRY(agent, tx.find_agent(AgentId(name)));
  }
  if (agent) return *agent;
  OA_TRY(const auto all, tx.agents());
  std::vector<std::string> known;
  for (const auto& a : all) known.push_back(a.name);
  return fail(unknown("agent", name, known));
}

Status check_email(const std::string& email) {
  if (is_email_address(email)) return {};
  return fail(ErrorCode::validation_failed, "not an e-mail address: " + email,
              "write it like jane@example.org");
}

Status check_name(const std::string& name, const char* what) {
  const bool plausible = !name.empty() && name.size() <= limits::kNameBytesMax && is_utf8(name) &&
                         std::all_of(name.begin(), name.end(), [](char c) {
                           return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f;
                         });
  if (plausible) return {};
  return fail(ErrorCode::validation_failed,
              std::string("a ") + what + " has 1 to 200 bytes of UTF-8 and no control characters",
              "choose another");
}

Status check_zone(const std::optional<std::string>& zone) {
  if (zone) OA_TRY_STATUS(time::Zone::open(*zone));
  return {};
}

Result<ports::Owner> Administration::add_owner(const std::string& email,
                                               const std::optional<std::string>& timezone,
                                               const std::vector<std::string>& aliases) {
  OA_TRY_STATUS(check_email(email));
  for (const std::string& alias : aliases) OA_TRY_STATUS(check_email(alias));
  OA_TRY_STATUS(check_zone(timezone));
  OA_TRY(auto tx, parts_.store.begin(ports::Access::write));
  ports::Owner owner;
  owner.id = OwnerId(new_opaque_id("own_", parts_.entropy));
  owner.email = email;
  owner.aliases = aliases;
  owner.timezone = timezone;
  OA_TRY(owner.created_at, tx->now(Instant{parts_.clock.wall_ms()}));
  OA_TRY_STATUS(tx->insert_owner(owner));
  OA_TRY_STATUS(record_admin(parts_, *tx, "owners.add", {}, owner.id));
  OA_TRY_STATUS(tx->commit());
  return owner;
}

Result<std::vector<ports::Owner>> Administration::owners() {
  OA_TRY(auto tx, parts_.store.begin(ports::Access::read));
  return tx->owners();
}

Result<ports::Owner> Administration::owner(const std::string& email) {
  OA_TRY(auto tx, parts_.store.begin(ports::Access::read));
  return owner_of(*tx, email);
}

Result<ports::Owner> Administration::update_owner(const std::string& email,
                                                  const OwnerChange& change) {
  if (change.email) OA_TRY_STATUS(check_email(*change.email));
  for (const std::string& alias : change.add_aliases) OA_TRY_STATUS(check_email(alias));
  OA_TRY_STATUS(check_zone(change.timezone));
  OA_TRY(auto tx, parts_.store.begin(ports::Access::write));
  OA_TRY(ports::Owner owner, owner_of(*tx, email));
  if (change.email) owner.email = *change.email;
  if (change.timezone) owner.timezone = change.timezone;
  for (const std::string& alias : change.remove_aliases) {
    const auto found =
        std::find_if(owner.aliases.begin(), owner.aliases.end(),
                     [&](const std::string& own) { return equal_without_case(own, alias); });
    if (found == owner.aliases.end()) return fail(unknown("alias", alias, owner.aliases));
    owner.aliases.erase(found);
  }
  owner.aliases.insert(owner.aliases.end(), change.add_aliases.begin(), change.add_aliases.end());
  OA_TRY_STATUS(tx->update_owner(owner));
  OA_TRY_STATUS(tx->bump_owner_revision(owner.id));
  OA_TRY_STATUS(record_admin(parts_, *tx, "owners.update", {}, owner.id));
  OA_TRY_STATUS(tx->commit());
  return owner;
}

Status Administration::remove_owner(const std::string& email) {
  OA_TRY(auto tx, parts_.store.begin(ports::Access::write));
  OA_TRY(const ports::Owner owner, owner_of(*tx, email));
  OA_TRY(const Instant now, tx->now(Instant{parts_.clock.wall_ms()}));
  OA_TRY(const int future, tx->count_future_bookings(owner.id, now));
  if (future > 0) {
    return fail(ErrorCode::state_conflict,
                "the owner has " + std::to_string(future) + " bookings to come",
                "cancel them first");
  }
  OA_TRY(const auto connected, tx->calendars(owner.id));
  OA_TRY_STATUS(withdraw_all(parts_, *tx, owner.id, now));
  OA_TRY_STATUS(tx->remove_owner(owner.id));
  OA_TRY_STATUS(record_admin(parts_, *tx, "owners.remove", {}, owner.id));
  OA_TRY_STATUS(tx->commit());
  for (const ports::Calendar& c : connected) {
    OA_TRY_STATUS(parts_.providers.release({c.id, c.provider, c.location}));
  }
  return {};
}

Result<AgentInfo> Administration::register_agent(const std::string& name,
                                                 policy::PermissionSet permissions,
                                                 const std::vector<std::string>& owner_emails) {
  OA_TRY_STATUS(check_name(name, "agent's name"));
  OA_TRY(auto tx, parts_.store.begin(ports::Access::write));
  ports::Agent agent;
  agent.id = AgentId(new_opaque_id("agt_", parts_.entropy));
  agent.name = name;
  agent.permissions = permissions;
  OA_TRY_STATUS(set_scope(*tx, agent, owner_emails));
  OA_TRY(agent.created_at, tx->now(Instant{parts_.clock.wall_ms()}));
  OA_TRY_STATUS(tx->insert_agent(agent));
  OA_TRY_STATUS(record_admin(parts_, *tx, "agents.register", {{"agent", agent.id.text()}}));
  OA_TRY(AgentInfo info, with_emails(*tx, agent));
  OA_TRY_STATUS(tx->commit());
  return info;
}

Result<std::vector<AgentInfo>> Administration::agents() {
  OA_TRY(auto tx, parts_.store.begin(ports::Access::read));
  OA_TRY(const auto all, tx->agents());
  std::vector<AgentInfo> infos;
  for (const ports::Agent& agent : all) {
    OA_TRY(auto info, with_emails(*tx, agent));
    infos.push_back(std::move(info));
  }
  return infos;
}

Result<AgentInfo> Administration::agent(const std::string& name) {
  OA_TRY(auto tx, parts_.store.begin(ports::Access::read));
  OA_TRY(const ports::Agent agent, agent_of(*tx, name));
  return with_emails(*tx, agent);
}

Result<AgentInfo> Administration::update_agent(
    const std::string& name, const std::optional<policy::PermissionSet>& permissions,
    const std::optional<std::vector<std::string>>& owner_emails) {
  OA_TRY(auto tx, parts_.store.begin(ports::Access::write));
  OA_TRY(ports::Agent agent, agent_of(*tx, name));
  if (permissions) agent.permissions = *permissions;
  if (owner_emails) OA_TRY_STATUS(set_scope(*tx, agent, *owner_emails));
  OA_TRY_STATUS(tx->update_agent(agent));
  OA_TRY_STATUS(record_admin(parts_, *tx, "agents.update", {{"agent", agent.id.text()}}));
  OA_TRY(AgentInfo info, with_emails(*tx, agent));
  OA_TRY_STATUS(tx->commit());
  return info;
}

Result<AgentInfo> Administration::set_agent_disabled(const std::string& name, bool disabled) {
  OA_TRY(auto tx, parts_.store.begin(ports::Access::write));
  OA_TRY(ports::Agent agent, agent_of(*tx, name));
  agent.is_disabled = disabled;
  OA_TRY_STATUS(tx->update_agent(agent));
  OA_TRY_STATUS(record_admin(parts_, *tx, disabled ? "agents.disable" : "agents.enable",
                             {{"agent", agent.id.text()}}));
  OA_TRY(AgentInfo info, with_emails(*tx, agent));
  OA_TRY_STATUS(tx->commit());
  return info;
}

}  // namespace openavail::service
