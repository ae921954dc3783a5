// Keys, and the audit log as administrators read it.
#include <map>
#include <nlohmann/json.hpp>

#include "keys/key_text.h"
#include "service/admin_change.h"

namespace openavail::service {
namespace {

Result<ports::Key> key_of(ports::Transaction& tx, const KeyRef& ref) {
  OA_TRY(const auto key, tx.find_key(ref));
  if (key) return *key;
  return fail(ErrorCode::not_found, "there is no key with the reference " + ref.text(),
              "openavail keys list shows them");
}

Result<MintedKey> mint(const Parts& parts, const std::string& agent_name, const std::string& label,
                       const keys::Pepper& pepper, const char* action,
                       const std::function<Status(ports::Transaction&, Instant)>& besides) {
  if (!label.empty()) OA_TRY_STATUS(check_name(label, "key's label"));
  keys::NewKey made = keys::make_key(parts.entropy);
  // The slow hash is outside the transaction: no one waits for it.
  OA_TRY(const std::string verifier,
         keys::hash_for_storage(made.text.reveal(), pepper, parts.entropy));
  OA_TRY(auto tx, parts.store.begin(ports::Access::write));
  OA_TRY(const ports::Agent agent, agent_of(*tx, agent_name));
  ports::Key key;
  key.ref = made.ref;
  key.agent_id = agent.id;
  key.label = label;
  key.verifier = verifier;
  key.pepper_id = pepper.id();
  OA_TRY(key.created_at, tx->now(Instant{parts.clock.wall_ms()}));
  OA_TRY_STATUS(tx->insert_key(key));
  if (besides) OA_TRY_STATUS(besides(*tx, key.created_at));
  OA_TRY_STATUS(record_admin(parts, *tx, action,
                             {{"agent", agent.id.text()}, {"key", key.ref.text()}}));
  OA_TRY_STATUS(tx->commit());
  return MintedKey{std::move(made.text), key, agent.name};
}

}  // namespace

std::optional<std::string> owner_email_of(const audit::SealedRow& row,
                                          const std::map<std::string, std::string>& emails) {
  const auto fields = nlohmann::json::parse(row.canonical);
  const auto owner = fields.find("calendar_owner");
  if (owner == fields.end() || !owner->is_string()) return std::nullopt;
  const auto found = emails.find(owner->get<std::string>());
  if (found == emails.end()) return std::nullopt;
  return found->second;
}

Result<MintedKey> Administration::mint_key(const std::string& agent, const std::string& label,
                                           const keys::Pepper& pepper) {
  return mint(parts_, agent, label, pepper, "keys.mint", {});
}

Result<std::vector<ports::Key>> Administration::keys(const std::optional<std::string>& agent) {
  OA_TRY(auto tx, parts_.store.begin(ports::Access::read));
  if (!agent) return tx->keys(std::nullopt);
  OA_TRY(const ports::Agent found, agent_of(*tx, *agent));
  return tx->keys(found.id);
}

Status Administration::revoke_key(const KeyRef& ref) {
  OA_TRY(auto tx, parts_.store.begin(ports::Access::write));
  OA_TRY(const ports::Key key, key_of(*tx, ref));
  if (key.revoked_at) {
    return fail(ErrorCode::state_conflict, "the key was revoked before, at " +
                                               time::format_instant(*key.revoked_at),
                "nothing needs to be done");
  }
  OA_TRY(const Instant now, tx->now(Instant{parts_.clock.wall_ms()}));
  OA_TRY_STATUS(tx->revoke_key(ref, now));
  OA_TRY_STATUS(record_admin(parts_, *tx, "keys.revoke",
                             {{"agent", key.agent_id.text()}, {"key", ref.text()}}));
  return tx->commit();
}

Result<MintedKey> Administration::rotate_key(const KeyRef& ref, std::chrono::seconds grace,
                                             const keys::Pepper& pepper) {
  OA_TRY(auto tx, parts_.store.begin(ports::Access::read));
  OA_TRY(const ports::Key old, key_of(*tx, ref));
  tx.reset();
  if (old.revoked_at) {
    return fail(ErrorCode::state_conflict, "a revoked key can't be rotated",
                "mint a new one (openavail keys mint)");
  }
  return mint(parts_, old.agent_id.text(), old.label, pepper, "keys.rotate",
              [&](ports::Transaction& write, Instant now) -> Status {
                if (grace <= std::chrono::seconds{0}) return write.revoke_key(ref, now);
                // A grace may shorten a key's life, never lengthen it or bring it back.
                OA_TRY(const ports::Key present, key_of(write, ref));
                if (present.expires_at && *present.expires_at <= now + grace) return {};
                return write.set_key_expiry(ref, now + grace);
              });
}

Status Administration::each_audit(const AuditSelection& selection, bool is_export,
                                  const std::function<bool(const AuditRow&)>& sink) {
  ports::AuditFilter filter;
  filter.action = selection.action;
  filter.since = selection.since;
  filter.until = selection.until;
  filter.after_seq = selection.after_seq;
  filter.newest_first = selection.newest_first;
  filter.limit = selection.limit;
  {
    OA_TRY(auto tx, parts_.store.begin(is_export ? ports::Access::write : ports::Access::read));
    if (selection.agent) {
      OA_TRY(const ports::Agent agent, agent_of(*tx, *selection.agent));
      filter.agent_id = agent.id;
    }
    if (selection.owner_email) {
      OA_TRY(const ports::Owner owner, owner_of(*tx, *selection.owner_email));
      filter.owner_id = owner.id;
    }
    // The export's own row comes first and is part of it: the next one resumes behind it.
    if (is_export) {
      OA_TRY_STATUS(record_admin(parts_, *tx, "audit.export", {}));
      OA_TRY_STATUS(tx->commit());
    }
  }
  OA_TRY(auto tx, parts_.store.begin(ports::Access::read));
  OA_TRY(const auto owners, tx->owners());
  std::map<std::string, std::string> emails;
  for (const ports::Owner& owner : owners) emails[owner.id.text()] = owner.email;
  return tx->each_audit(filter, [&](const audit::SealedRow& row) {
    return sink({row, owner_email_of(row, emails)});
  });
}

Result<AuditRow> Administration::audit_row(const DecisionId& id) {
  OA_TRY(auto tx, parts_.store.begin(ports::Access::read));
  OA_TRY(const auto row, tx->find_audit(id));
  if (!row) {
    return fail(ErrorCode::not_found, "there is no audit row " + id.text(),
                "openavail audit list shows them");
  }
  OA_TRY(const auto owners, tx->owners());
  std::map<std::string, std::string> emails;
  for (const ports::Owner& owner : owners) emails[owner.id.text()] = owner.email;
  return AuditRow{*row, owner_email_of(*row, emails)};
}

Result<std::vector<ports::SigningKeyRecord>> Administration::signing_keys() {
  OA_TRY(auto tx, parts_.store.begin(ports::Access::read));
  return tx->signing_keys();
}

}  // namespace openavail::service
