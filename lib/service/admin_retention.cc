// Retention of the audit log: first hidden, erased a month later. Leaves stay.
#include <algorithm>

#include "base/limits.h"
#include "service/admin_change.h"

namespace openavail::service {
namespace {

// Some of what has been hidden for long enough. False: nothing is left to do.
Result<bool> erase_some(const Parts& parts) {
  OA_TRY(auto tx, parts.store.begin(ports::Access::write));
  OA_TRY(auto retention, tx->audit_retention());
  OA_TRY(const Instant now, tx->now(Instant{parts.clock.wall_ms()}));
  const auto wait = std::chrono::milliseconds(limits::kAuditHiddenFor).count();
  if (retention.erased_through == retention.hidden_through ||
      now.unix_ms - retention.hidden_at.unix_ms < wait) {
    return false;
  }
  retention.erased_through =
      std::min(retention.hidden_through, retention.erased_through + limits::kAuditErasedTogether);
  OA_TRY_STATUS(tx->erase_audit_contents(retention.erased_through));
  OA_TRY_STATUS(tx->set_audit_retention(retention));
  const bool is_done = retention.erased_through == retention.hidden_through;
  if (is_done) {
    OA_TRY_STATUS(record_admin(parts, *tx, "audit.erase",
                               {{"through", std::to_string(retention.erased_through)}}));
  }
  OA_TRY_STATUS(tx->commit());
  return !is_done;
}

}  // namespace

Result<ports::AuditRetention> Administration::apply_retention(std::chrono::hours keep) {
  for (;;) {
    OA_TRY(const bool goes_on, erase_some(parts_));
    if (!goes_on) break;
  }
  OA_TRY(auto tx, parts_.store.begin(ports::Access::write));
  OA_TRY(auto retention, tx->audit_retention());
  // One lot after the other, so that each has its month.
  if (retention.erased_through < retention.hidden_through) return retention;
  OA_TRY(const Instant now, tx->now(Instant{parts_.clock.wall_ms()}));
  OA_TRY(const std::int64_t last,
         tx->last_audit_before({now.unix_ms - std::chrono::milliseconds(keep).count()}));
  if (last <= retention.hidden_through) return retention;
  OA_TRY_STATUS(
      record_admin(parts_, *tx, audit::kRetireAction, {{"through", std::to_string(last)}}));
  retention.hidden_through = last;
  retention.hidden_at = now;
  OA_TRY_STATUS(tx->set_audit_retention(retention));
  OA_TRY_STATUS(tx->commit());
  return retention;
}

Result<ports::AuditRetention> Administration::undo_retention() {
  OA_TRY(auto tx, parts_.store.begin(ports::Access::write));
  OA_TRY(auto retention, tx->audit_retention());
  if (retention.erased_through == retention.hidden_through) {
    return fail(ErrorCode::state_conflict, "nothing is hidden that could be shown again",
                "openavail audit list shows what is there");
  }
  OA_TRY_STATUS(record_admin(parts_, *tx, "audit.unretire",
                             {{"from", std::to_string(retention.erased_through + 1)},
                              {"through", std::to_string(retention.hidden_through)}}));
  retention.hidden_through = retention.erased_through;
  OA_TRY_STATUS(tx->set_audit_retention(retention));
  OA_TRY_STATUS(tx->commit());
  return retention;
}

}  // namespace openavail::service
