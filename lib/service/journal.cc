#include "service/journal.h"

#include "arbiter/situation.h"
#include "base/identifiers.h"
#include "base/limits.h"
#include "service/checkpoint_keeper.h"
#include "service/checkpoints.h"
#include "time/zone.h"

namespace openavail::service {

DecisionId new_decision_id(const Parts& parts) {
  return DecisionId(new_opaque_id("dec_", parts.entropy));
}

Result<DecisionId> append_entry(const Parts& parts, ports::Transaction& tx, audit::Entry entry) {
  OA_TRY(const auto signing_key, present_signing_key(parts, tx));
  if (entry.decision_id.empty()) entry.decision_id = new_decision_id(parts);
  if (entry.timestamp == Instant{}) {
    OA_TRY(entry.timestamp, tx.now(Instant{parts.clock.wall_ms()}));
  }
  OA_TRY(entry.seq, tx.next_audit_seq());
  entry.engine_version = arbiter::kEngineVersion;
  entry.tzdata_version = time::tzdata_version();
  const audit::SealedRow row = signing_key->seal(entry);
  OA_TRY_STATUS(tx.append_audit(entry, row));
  if (entry.seq % limits::kCheckpointRowsMax == 0) {
    OA_TRY_STATUS(present_checkpoint(parts, tx).map([](const auto&) {}));
  }
  if (parts.checkpoints != nullptr) parts.checkpoints->note_row();
  return entry.decision_id;
}

}  // namespace openavail::service
