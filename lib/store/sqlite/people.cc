// Owners, calendars, classes, rules, agents and keys.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "store/sqlite/statements.h"

namespace openavail::store {
namespace {

constexpr const char* kCalendarByOwner =
    "SELECT id, owner_id, type, provider, location, timezone, is_primary, is_suspended, created_ms "
    "FROM calendars WHERE owner_id = ? AND removed = 0 ORDER BY is_primary DESC, type";
constexpr const char* kCalendarById =
    "SELECT id, owner_id, type, provider, location, timezone, is_primary, is_suspended, created_ms "
    "FROM calendars WHERE id = ?";
constexpr const char* kCalendarAll =
    "SELECT id, owner_id, type, provider, location, timezone, is_primary, is_suspended, created_ms "
    "FROM calendars WHERE removed = 0 ORDER BY owner_id, is_primary DESC, type";

ports::Owner read_owner(SQLite::Statement& s) {
  ports::Owner owner;
  owner.id = OwnerId(text_at(s, 0));
  owner.timezone = maybe_text_at(s, 1);
  owner.revision = s.getColumn(2).getInt64();
  owner.created_at = instant_at(s, 3);
  return owner;
}

ports::Calendar read_calendar(SQLite::Statement& s) {
  ports::Calendar calendar;
  calendar.id = CalendarId(text_at(s, 0));
  calendar.owner_id = OwnerId(text_at(s, 1));
  calendar.type = ports::calendar_type_from_text(text_at(s, 2)).value();
  calendar.provider = text_at(s, 3);
  calendar.location = text_at(s, 4);
  calendar.timezone = maybe_text_at(s, 5);
  calendar.is_primary = flag_at(s, 6);
  calendar.is_suspended = flag_at(s, 7);
  calendar.created_at = instant_at(s, 8);
  return calendar;
}

policy::MeetingClass read_class(SQLite::Statement& s) {
  policy::MeetingClass c;
  c.id = ClassId(text_at(s, 0));
  c.name = text_at(s, 1);
  c.tier = static_cast<policy::Tier>(s.getColumn(2).getInt());
  c.policy = policy::preempt_policy_from_text(text_at(s, 3)).value();
  c.description = text_at(s, 4);
  return c;
}

ports::Agent read_agent(SQLite::Statement& s) {
  ports::Agent agent;
  agent.id = AgentId(text_at(s, 0));
  agent.name = text_at(s, 1);
  const auto names = nlohmann::json::parse(text_at(s, 2)).get<std::vector<std::string>>();
  // Names were checked when they were written; one that a later version knew grants nothing.
  if (auto permissions = policy::PermissionSet::from_names(names)) agent.permissions = *permissions;
  agent.is_disabled = flag_at(s, 3);
  agent.created_at = instant_at(s, 4);
  agent.is_for_all_owners = flag_at(s, 5);
  return agent;
}

ports::Key read_key(SQLite::Statement& s) {
  ports::Key key;
  key.ref = KeyRef(text_at(s, 0));
  key.agent_id = AgentId(text_at(s, 1));
  key.label = text_at(s, 2);
  key.verifier = text_at(s, 3);
  key.pepper_id = text_at(s, 4);
  key.version = s.getColumn(5).getInt64();
  key.created_at = instant_at(s, 6);
  key.expires_at = maybe_instant_at(s, 7);
  key.parent = maybe_id_at<KeyRef>(s, 8);
  key.revoked_at = maybe_instant_at(s, 9);
  return key;
}

std::string names_of(const policy::PermissionSet& permissions) {
  return nlohmann::json(permissions.names()).dump();
}

}  // namespace

Status SqliteTransaction::fill(ports::Owner& owner) {
  struct Address {
    std::string text;
    bool is_primary;
  };
  OA_TRY(const auto addresses,
         rows<Address>(
             "SELECT address, is_primary FROM owner_addresses WHERE owner_id = ? "
             "ORDER BY is_primary DESC, address_key",
             [](SQLite::Statement& s) {
               return Address{text_at(s, 0), flag_at(s, 1)};
             },
             owner.id));
  for (const Address& address : addresses) {
    if (address.is_primary) {
      owner.email = address.text;
    } else {
      owner.aliases.push_back(address.text);
    }
  }
  return {};
}

Status SqliteTransaction::put_addresses(const ports::Owner& owner) {
  OA_TRY_STATUS(run("DELETE FROM owner_addresses WHERE owner_id = ?", owner.id));
  const char* sql = "INSERT INTO owner_addresses VALUES (?, ?, ?, ?)";
  OA_TRY_STATUS(run(sql, without_case(owner.email), owner.id, owner.email, true));
  for (const std::string& alias : owner.aliases) {
    OA_TRY_STATUS(run(sql, without_case(alias), owner.id, alias, false));
  }
  return {};
}

Status SqliteTransaction::insert_owner(const ports::Owner& owner) {
  OA_TRY_STATUS(run("INSERT INTO owners VALUES (?, ?, ?, ?)", owner.id, owner.timezone,
                    owner.revision, owner.created_at));
  return put_addresses(owner);
}

Status SqliteTransaction::update_owner(const ports::Owner& owner) {
  OA_TRY_STATUS(run("UPDATE owners SET timezone = ? WHERE id = ?", owner.timezone, owner.id));
  return put_addresses(owner);
}

Status SqliteTransaction::remove_owner(const OwnerId& id) {
  OA_TRY_STATUS(run("UPDATE calendars SET removed = 1 WHERE owner_id = ?", id));
  OA_TRY_STATUS(run("DELETE FROM rules WHERE owner_id = ?", id));
  return run("DELETE FROM owners WHERE id = ?", id);
}

Result<std::optional<ports::Owner>> SqliteTransaction::find_owner(const OwnerId& id) {
  OA_TRY(auto owner,
         row<ports::Owner>("SELECT id, timezone, revision, created_ms FROM owners WHERE id = ?",
                           read_owner, id));
  if (owner) OA_TRY_STATUS(fill(*owner));
  return owner;
}

Result<std::optional<ports::Owner>> SqliteTransaction::find_owner_by_address(
    const std::string& address) {
  OA_TRY(const auto id,
         row<OwnerId>(
             "SELECT owner_id FROM owner_addresses WHERE address_key = ?",
             [](SQLite::Statement& s) { return OwnerId(text_at(s, 0)); }, without_case(address)));
  if (!id) return std::optional<ports::Owner>{};
  return find_owner(*id);
}

Result<std::vector<ports::Owner>> SqliteTransaction::owners() {
  OA_TRY(auto all,
         rows<ports::Owner>("SELECT id, timezone, revision, created_ms FROM owners", read_owner));
  for (ports::Owner& owner : all) OA_TRY_STATUS(fill(owner));
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.email < b.email; });
  return all;
}

Status SqliteTransaction::bump_owner_revision(const OwnerId& id) {
  return run("UPDATE owners SET revision = revision + 1 WHERE id = ?", id);
}

Status SqliteTransaction::bump_all_owner_revisions() {
  return run("UPDATE owners SET revision = revision + 1");
}

Status SqliteTransaction::insert_calendar(const ports::Calendar& c) {
  return run("INSERT INTO calendars VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)", c.id, c.owner_id,
             std::string(to_text(c.type)), c.provider, c.location, c.timezone, c.is_primary,
             c.is_suspended, c.created_at);
}

Status SqliteTransaction::update_calendar(const ports::Calendar& c) {
  return run("UPDATE calendars SET timezone = ?, is_primary = ?, is_suspended = ? WHERE id = ?",
             c.timezone, c.is_primary, c.is_suspended, c.id);
}

Status SqliteTransaction::remove_calendar(const CalendarId& id) {
  return run("UPDATE calendars SET removed = 1, is_primary = 0 WHERE id = ?", id);
}

Result<std::optional<ports::Calendar>> SqliteTransaction::find_calendar(const CalendarId& id) {
  return row<ports::Calendar>(kCalendarById, read_calendar, id);
}

Result<std::vector<ports::Calendar>> SqliteTransaction::calendars(const OwnerId& owner) {
  return rows<ports::Calendar>(kCalendarByOwner, read_calendar, owner);
}

Result<std::vector<ports::Calendar>> SqliteTransaction::all_calendars() {
  return rows<ports::Calendar>(kCalendarAll, read_calendar);
}

Status SqliteTransaction::insert_class(const policy::MeetingClass& c) {
  return run("INSERT INTO classes VALUES (?, ?, ?, ?, ?, ?, 0)", c.id, c.name, without_case(c.name),
             static_cast<int>(c.tier), std::string(policy::to_text(c.policy)), c.description);
}

Status SqliteTransaction::update_class(const policy::MeetingClass& c) {
  return run(
      "UPDATE classes SET name = ?, name_key = ?, tier = ?, policy = ?, description = ? "
      "WHERE id = ?",
      c.name, without_case(c.name), static_cast<int>(c.tier),
      std::string(policy::to_text(c.policy)), c.description, c.id);
}

Status SqliteTransaction::remove_class(const ClassId& id) {
  return run("UPDATE classes SET removed = 1 WHERE id = ?", id);
}

Result<std::optional<policy::MeetingClass>> SqliteTransaction::find_class(const ClassId& id) {
  return row<policy::MeetingClass>(
      "SELECT id, name, tier, policy, description FROM classes WHERE id = ?", read_class, id);
}

Result<std::optional<policy::MeetingClass>> SqliteTransaction::find_class_by_name(
    const std::string& name) {
  return row<policy::MeetingClass>(
      "SELECT id, name, tier, policy, description FROM classes WHERE name_key = ? AND removed = 0",
      read_class, without_case(name));
}

Result<std::vector<policy::MeetingClass>> SqliteTransaction::classes() {
  return rows<policy::MeetingClass>(
      "SELECT id, name, tier, policy, description FROM classes WHERE removed = 0 "
      "ORDER BY tier DESC, name_key",
      read_class);
}

Result<int> SqliteTransaction::count_future_bookings(const ClassId& id, Instant now) {
  return count(
      "SELECT count(*) FROM bookings WHERE class_id = ? AND end_ms > ? AND state IN "
      "('writing', 'committed', 'displacing')",
      id, now);
}

Result<int> SqliteTransaction::count_future_bookings(const CalendarId& id, Instant now) {
  return count(
      "SELECT count(*) FROM bookings WHERE calendar_id = ? AND end_ms > ? AND state IN "
      "('writing', 'committed', 'displacing')",
      id, now);
}

Result<int> SqliteTransaction::count_future_bookings(const OwnerId& id, Instant now) {
  return count(
      "SELECT count(*) FROM bookings WHERE owner_id = ? AND end_ms > ? AND state IN "
      "('writing', 'committed', 'displacing')",
      id, now);
}

Result<policy::RuleLayer> SqliteTransaction::rules(const std::optional<OwnerId>& owner) {
  OA_TRY(const auto text, row<std::string>(
                              "SELECT layer FROM rules WHERE owner_id = ?",
                              [](SQLite::Statement& s) { return text_at(s, 0); },
                              owner ? owner->text() : std::string{}));
  if (!text) return policy::RuleLayer{};
  return guarded([&]() -> Result<policy::RuleLayer> {
    return policy::layer_from_json(nlohmann::json::parse(*text));
  });
}

Status SqliteTransaction::set_rules(const std::optional<OwnerId>& owner,
                                    const policy::RuleLayer& layer) {
  return run(
      "INSERT INTO rules VALUES (?, ?) "
      "ON CONFLICT (owner_id) DO UPDATE SET layer = excluded.layer",
      owner ? owner->text() : std::string{}, policy::to_json(layer).dump());
}

Status SqliteTransaction::fill(ports::Agent& agent) {
  const auto read = [](SQLite::Statement& s) { return OwnerId(text_at(s, 0)); };
  if (agent.is_for_all_owners) {
    OA_TRY(agent.owners, rows<OwnerId>("SELECT id FROM owners ORDER BY id", read));
    return {};
  }
  OA_TRY(agent.owners, rows<OwnerId>("SELECT owner_id FROM agent_owners WHERE agent_id = ? "
                                     "ORDER BY owner_id",
                                     read, agent.id));
  return {};
}

Status SqliteTransaction::put_scope(const ports::Agent& agent) {
  OA_TRY_STATUS(run("DELETE FROM agent_owners WHERE agent_id = ?", agent.id));
  if (agent.is_for_all_owners) return {};
  for (const OwnerId& owner : agent.owners) {
    OA_TRY_STATUS(run("INSERT INTO agent_owners VALUES (?, ?)", agent.id, owner));
  }
  return {};
}

Status SqliteTransaction::insert_agent(const ports::Agent& agent) {
  OA_TRY_STATUS(run("INSERT INTO agents VALUES (?, ?, ?, ?, ?, ?, ?)", agent.id, agent.name,
                    without_case(agent.name), names_of(agent.permissions), agent.is_disabled,
                    agent.created_at, agent.is_for_all_owners));
  return put_scope(agent);
}

Status SqliteTransaction::update_agent(const ports::Agent& agent) {
  OA_TRY_STATUS(
      run("UPDATE agents SET name = ?, name_key = ?, permissions = ?, is_disabled = ?, "
          "for_all_owners = ? WHERE id = ?",
          agent.name, without_case(agent.name), names_of(agent.permissions), agent.is_disabled,
          agent.is_for_all_owners, agent.id));
  return put_scope(agent);
}

Result<std::optional<ports::Agent>> SqliteTransaction::find_agent(const AgentId& id) {
  OA_TRY(auto agent,
         row<ports::Agent>("SELECT id, name, permissions, is_disabled, created_ms, for_all_owners "
                           "FROM agents WHERE id = ?",
                           read_agent, id));
  if (agent) OA_TRY_STATUS(fill(*agent));
  return agent;
}

Result<std::optional<ports::Agent>> SqliteTransaction::find_agent_by_name(const std::string& name) {
  OA_TRY(auto agent,
         row<ports::Agent>("SELECT id, name, permissions, is_disabled, created_ms, for_all_owners "
                           "FROM agents WHERE name_key = ?",
                           read_agent, without_case(name)));
  if (agent) OA_TRY_STATUS(fill(*agent));
  return agent;
}

Result<std::vector<ports::Agent>> SqliteTransaction::agents() {
  OA_TRY(auto all,
         rows<ports::Agent>("SELECT id, name, permissions, is_disabled, created_ms, for_all_owners "
                            "FROM agents ORDER BY name_key",
                            read_agent));
  for (ports::Agent& agent : all) OA_TRY_STATUS(fill(agent));
  return all;
}

Status SqliteTransaction::insert_key(const ports::Key& key) {
  return run("INSERT INTO api_keys VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", key.ref, key.agent_id,
             key.label, key.verifier, key.pepper_id, key.version, key.created_at, key.expires_at,
             key.parent, key.revoked_at);
}

Result<std::optional<ports::Key>> SqliteTransaction::find_key(const KeyRef& ref) {
  return row<ports::Key>(
      "SELECT ref, agent_id, label, verifier, pepper_id, version, created_ms, expires_ms, "
      "parent_ref, revoked_ms FROM api_keys WHERE ref = ?",
      read_key, ref);
}

Result<std::vector<ports::Key>> SqliteTransaction::keys(const std::optional<AgentId>& agent) {
  return rows<ports::Key>(
      "SELECT ref, agent_id, label, verifier, pepper_id, version, created_ms, expires_ms, "
      "parent_ref, revoked_ms FROM api_keys WHERE ?1 IS NULL OR agent_id = ?1 "
      "ORDER BY created_ms, ref",
      read_key, agent);
}

Status SqliteTransaction::revoke_key(const KeyRef& ref, Instant at) {
  return run(
      "UPDATE api_keys SET revoked_ms = ?, version = version + 1 "
      "WHERE ref = ? AND revoked_ms IS NULL",
      at, ref);
}

Status SqliteTransaction::set_key_expiry(const KeyRef& ref, Instant at) {
  return run("UPDATE api_keys SET expires_ms = ?, version = version + 1 WHERE ref = ?", at, ref);
}

}  // namespace openavail::store
