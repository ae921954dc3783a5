// Keys.
#include <functional>

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
  OA_TRY_STATUS(
      record_admin(parts, *tx, action, {{"agent", agent.id.text()}, {"key", key.ref.text()}}));
  OA_TRY_STATUS(tx->commit());
  return MintedKey{std::move(made.text), key, agent.name};
}

}  // namespace

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
    return fail(ErrorCode::state_conflict,
                "the key was revoked before, at " + time::format_instant(*key.revoked_at),
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

}  // namespace openavail::service
