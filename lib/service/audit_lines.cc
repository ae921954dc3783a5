#include "service/audit_lines.h"

#include <utility>

#include "audit/export_lines.h"
#include "base/limits.h"
#include "service/checkpoints.h"

namespace openavail::service {

Result<bool> ExportLines::leave_out_up_to(std::int64_t seq) {
  if (seq <= last_) return true;
  OA_TRY(const auto range, audit::read_range(last_, seq, node_reader(tx_)));
  last_ = seq;
  return sink_(audit::left_out_line(range));
}

Result<bool> ExportLines::checkpoint_of(std::int64_t seq) {
  if (seq < next_look_) return true;
  OA_TRY(const auto next, tx_.find_checkpoint(seq));
  next_look_ = next ? next->head.size : std::numeric_limits<std::int64_t>::max();
  if (next_look_ != seq) return true;
  next_look_ = seq + limits::kCheckpointRowsMax;
  return sink_(audit::checkpoint_line(next->note));
}

Result<bool> ExportLines::row(const audit::SealedRow& row,
                              const std::optional<std::string>& owner_email) {
  // Of the row before, only now: the last row's goes into the last line.
  OA_TRY(bool goes_on, checkpoint_of(last_));
  if (goes_on) {
    OA_TRY(goes_on, leave_out_up_to(row.seq - 1));
  }
  last_ = row.seq;
  return goes_on && sink_(audit::export_line(row, owner_email));
}

Status ExportLines::finish(const ports::CheckpointRecord& checkpoint,
                           const std::vector<audit::NoteKey>& keys) {
  OA_TRY(const bool goes_on, leave_out_up_to(checkpoint.head.size));
  if (goes_on) sink_(audit::checkpoint_line(checkpoint.note, keys));
  return {};
}

}  // namespace openavail::service
