// What an export holds besides its rows, so that a reader needs nothing else: JSON objects with a
// first member that no row has.
//
//   {"left_out":{"after":A,"hashes":[…],"through":T}}  rows A + 1 to T are not here: they are
//   before
//       this export, or its filters left them out, or retention has erased them. The hashes are
//       those of the complete subtrees they consist of (CompactRange), so the tree can be computed
//       all the same.
//   {"checkpoint":"…"}  the log's signed checkpoint of the rows up to here
//   {"checkpoint":"…","public_keys":[…]}  the last line: a checkpoint, and the log's vkeys, present
//       and former. They are told, not to be trusted.
//
// Thread rule: plain values and free functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "audit/merkle.h"
#include "audit/note.h"
#include "base/result.h"

namespace openavail::audit {

// A range that begins at 0 stands at the beginning of an export, or of one that was put behind
// another.
std::string left_out_line(const CompactRange& range);
// With keys it is the last line.
std::string checkpoint_line(std::string_view note, const std::vector<NoteKey>& keys = {});

struct LeftOutLine {
  CompactRange range;
};
struct CheckpointLine {
  std::string note;
  std::vector<NoteKey> keys;
};
using BesideLine = std::variant<LeftOutLine, CheckpointLine>;

// Nothing when the line is none of these, so a row or rubbish. Errors: verification_failed when it
// is one of them and not exactly as it is written.
Result<std::optional<BesideLine>> parse_beside_line(std::string_view line);

}  // namespace openavail::audit
