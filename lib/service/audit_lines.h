// Internal to this room: rows and what goes with them as the lines of an export
// (audit/export_lines.h).
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "audit/note.h"
#include "base/limits.h"
#include "base/result.h"
#include "ports/store.h"

namespace openavail::service {

class ExportLines {
 public:
  // Answers false when it has enough.
  using Sink = std::function<bool(const std::string&)>;

  // Begins behind the row `after`; where that is not 0, the lines up to it are on an earlier page.
  ExportLines(ports::Transaction& tx, std::int64_t after, Sink sink)
      : tx_(tx),
        sink_(std::move(sink)),
        last_(after),
        next_look_(after + limits::kCheckpointRowsMax) {}

  // The next row; what lies between is left out. Of checkpoints that are passed on the way some
  // are given too, so that a reader can tell better where something is wrong. Answers what the
  // sink did.
  Result<bool> row(const audit::SealedRow& row, const std::optional<std::string>& owner_email);
  // The end: everything up to the checkpoint's size, and the checkpoint.
  Status finish(const ports::CheckpointRecord& checkpoint, const std::vector<audit::NoteKey>& keys);

 private:
  Result<bool> leave_out_up_to(std::int64_t seq);
  Result<bool> checkpoint_of(std::int64_t seq);

  ports::Transaction& tx_;
  Sink sink_;
  std::int64_t last_;       // row that is accounted for
  std::int64_t next_look_;  // row from which on another checkpoint is given
};

}  // namespace openavail::service
