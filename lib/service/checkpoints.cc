#include "service/checkpoints.h"

#include <utility>

#include "audit/checkpoint.h"

namespace openavail::service {
namespace {

Result<std::string> origin_of_log(ports::Transaction& tx) {
  OA_TRY(const auto keys, tx.signing_keys());
  if (keys.empty()) {
    return fail(ErrorCode::internal, "the log has no signing key", "run openavail doctor");
  }
  return audit::origin_of(keys.front().id);
}

}  // namespace

Result<std::shared_ptr<const audit::SigningKey>> present_signing_key(const Parts& parts,
                                                                     ports::Transaction& tx) {
  OA_TRY(const SigningKeyId id, tx.present_signing_key());
  if (parts.signing_key_named) return parts.signing_key_named(id);
  OA_TRY(auto key, parts.signing_key());
  if (key->id() == id) return key;
  return fail(ErrorCode::internal, "the log's signing key is not here", "run openavail doctor");
}

audit::NodeReader node_reader(ports::Transaction& tx) {
  return [&tx](const audit::NodeId& id) { return tx.audit_node(id); };
}

Result<ports::CheckpointRecord> present_checkpoint(const Parts& parts, ports::Transaction& tx) {
  OA_TRY(const audit::CompactRange tree, tx.audit_tree());
  OA_TRY(auto last, tx.last_checkpoint());
  if (last && last->head.size == tree.end()) return std::move(*last);
  OA_TRY(const auto signing_key, present_signing_key(parts, tx));
  ports::CheckpointRecord made;
  made.head = {tree.end(), tree.root()};
  OA_TRY(made.created_at, tx.now(Instant{parts.clock.wall_ms()}));
  OA_TRY(std::string origin, origin_of_log(tx));
  made.note = audit::sign_checkpoint({std::move(origin), made.head}, signing_key->key());
  OA_TRY_STATUS(tx.insert_checkpoint(made));
  return made;
}

Result<std::vector<audit::NoteKey>> log_keys(ports::Transaction& tx) {
  OA_TRY(const std::string origin, origin_of_log(tx));
  OA_TRY(const auto records, tx.signing_keys());
  std::vector<audit::NoteKey> keys;
  for (const ports::SigningKeyRecord& record : records) {
    OA_TRY(auto key, crypto::Ed25519PublicKey::from_pem(record.public_key_pem));
    keys.push_back({origin, std::move(key)});
  }
  return keys;
}

Result<audit::Inclusion> inclusion_of(const Parts& parts, ports::Transaction& tx,
                                      std::int64_t seq) {
  OA_TRY(auto checkpoint, tx.find_checkpoint(seq));
  if (!checkpoint) {
    OA_TRY(checkpoint, present_checkpoint(parts, tx));
  }
  audit::Inclusion inclusion;
  inclusion.leaf_index = seq - 1;
  inclusion.tree_size = checkpoint->head.size;
  inclusion.checkpoint = std::move(checkpoint->note);
  OA_TRY(inclusion.proof,
         audit::prove_inclusion(inclusion.leaf_index, inclusion.tree_size, node_reader(tx)));
  return inclusion;
}

}  // namespace openavail::service
