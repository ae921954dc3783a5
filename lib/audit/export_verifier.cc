#include "audit/export_verifier.h"

#include <algorithm>
#include <utility>

namespace openavail::audit {
namespace {

// "row 3" or "rows 3 to 5"
std::string rows_text(std::int64_t first, std::int64_t last) {
  if (first == last) return "row " + std::to_string(first);
  return "rows " + std::to_string(first) + " to " + std::to_string(last);
}

std::string missing_text(std::int64_t first, std::int64_t last, const char* where) {
  return rows_text(first, last) + (first == last ? " is" : " are") + " missing before " + where;
}

}  // namespace

ExportVerifier::ExportVerifier(std::vector<TrustedKey> keys, ExportVerifierOptions options)
    : keys_(std::move(keys)), options_(std::move(options)), last_seq_(options_.after_seq) {
  std::sort(options_.witnessed.begin(), options_.witnessed.end(),
            [](const Checkpoint& a, const Checkpoint& b) { return a.head.size < b.head.size; });
}

std::optional<TreeHead> ExportVerifier::head() const {
  if (!is_tree_sound_ || !tree_ || tree_->begin() != 0) return std::nullopt;
  return TreeHead{tree_->end(), tree_->root()};
}

void ExportVerifier::add(Findings& findings, Finding::Severity severity,
                         std::optional<std::int64_t> seq, std::string what) {
  ++(severity == Finding::Severity::error ? errors_ : warnings_);
  findings.push_back({severity, lines_, seq, std::move(what)});
}

void ExportVerifier::error(Findings& findings, std::string what) {
  add(findings, Finding::Severity::error, std::nullopt, std::move(what));
}

bool ExportVerifier::check_order(Findings& findings, std::int64_t seq, const char* where) {
  if (!last_seq_ || seq == *last_seq_ + 1) return true;
  is_tree_sound_ = false;
  if (seq <= *last_seq_) return false;
  // A line that failed was reported as such; its row is not missing besides.
  if (seq - *last_seq_ - 1 > bad_lines_since_last_) {
    error(findings, missing_text(*last_seq_ + 1, seq - 1, where));
  }
  return true;
}

void ExportVerifier::take_row(Findings& findings, const CheckedRow& row) {
  ++verified_;
  if (check_order(findings, row.seq, "this one")) {
    if (!findings.empty()) findings.back().seq = row.seq;
    if (!tree_) tree_ = CompactRange(row.seq - 1);
    if (is_tree_sound_) tree_->append_leaf(row.leaf_hash);
  } else {
    add(findings, Finding::Severity::error, row.seq,
        "row " + std::to_string(row.seq) + " comes after row " + std::to_string(*last_seq_));
  }
  if (!first_seq_) first_seq_ = row.seq;
  if (!last_seq_ || row.seq > *last_seq_) last_seq_ = row.seq;
  bad_lines_since_last_ = 0;
  ends_with_export_row_ = row.action == "audit.export";
  if (missing_head_ && row.is_signed && row.retired_through >= missing_head_->last) {
    missing_head_.reset();
  }
  const auto is_next = [&](const TrustedKey& key) { return key.id == row.next_key->id; };
  if (row.next_key && std::none_of(keys_.begin(), keys_.end(), is_next)) {
    keys_.push_back(*row.next_key);
  }
  compare_with_witness(findings);
}

// The export begins behind rows that came earlier; or, in a file of several, goes on.
void ExportVerifier::begin_part(Findings& findings, const CompactRange& range) {
  const bool is_first = !tree_;
  if (is_first && !last_seq_) last_seq_ = options_.require_gapless ? range.end() : 0;
  if (is_first && range.end() > *last_seq_) {
    if (!options_.require_gapless) left_out_ += range.end() - *last_seq_;
    if (options_.require_gapless) missing_head_ = {lines_, *last_seq_ + 1, range.end()};
    last_seq_ = range.end();
  }
  if (!check_order(findings, range.end() + 1, "this one")) {
    error(findings, "rows up to " + std::to_string(range.end()) + " come after row " +
                        std::to_string(*last_seq_));
  } else if (!is_first && is_tree_sound_ && tree_->begin() == 0 &&
             tree_->hashes() != range.hashes()) {
    is_tree_sound_ = false;
    error(findings, "what begins here goes on from other rows than those before it");
  }
  is_tree_sound_ = is_tree_sound_ || is_first;
  tree_ = range;
  last_seq_ = std::max(*last_seq_, range.end());
}

void ExportVerifier::take(Findings& findings, const LeftOutLine& line) {
  const CompactRange& range = line.range;
  if (range.begin() == range.end()) return error(findings, "left_out names no rows");
  if (range.begin() == 0 && (!tree_ || tree_->end() > 0)) {
    begin_part(findings, range);
  } else if (!last_seq_ || range.begin() != *last_seq_) {
    is_tree_sound_ = false;
    if (bad_lines_since_last_ == 0) {
      error(findings, rows_text(range.begin() + 1, range.end()) + " can't be left out here");
    }
    last_seq_ = std::max(last_seq_.value_or(0), range.end());
  } else {
    if (options_.require_gapless) {
      error(findings, rows_text(range.begin() + 1, range.end()) + " left out");
    }
    left_out_ += range.end() - range.begin();
    if (!tree_) tree_ = CompactRange(range.begin());
    if (is_tree_sound_) tree_->append(range);
    last_seq_ = range.end();
  }
  bad_lines_since_last_ = 0;
  compare_with_witness(findings);
}

void ExportVerifier::take(Findings& findings, const CheckpointLine& line) {
  ends_with_last_line_ = !line.keys.empty();
  const auto checkpoint = open_checkpoint(line.note, keys_);
  if (!checkpoint) return error(findings, checkpoint.error().message());
  if (origin_.empty()) origin_ = checkpoint->origin;
  if (checkpoint->origin != origin_) {
    return error(findings, "the checkpoint is one of another log, " + checkpoint->origin);
  }
  for (const NoteKey& key : line.keys) {
    if (key.name != origin_) error(findings, "public_keys names another log, " + key.name);
  }
  const std::int64_t size = checkpoint->head.size;
  if (last_seq_.value_or(0) == 0 && size == 0) return;
  if (!check_order(findings, size + 1, "this checkpoint")) {
    return error(findings, "a checkpoint of " + std::to_string(size) + " rows stands behind row " +
                               std::to_string(*last_seq_));
  }
  last_seq_ = std::max(last_seq_.value_or(0), size);
  bad_lines_since_last_ = 0;
  if (!is_tree_sound_ || !tree_) return;
  if (tree_->begin() != 0) {
    return error(findings, "the checkpoint can't be compared: the file says nothing of rows 1 to " +
                               std::to_string(tree_->begin()));
  }
  if (tree_->root() != checkpoint->head.root) {
    is_tree_sound_ = false;
    return error(findings, "the checkpoint of " + std::to_string(size) +
                               " rows has another root: something is wrong with " +
                               rows_text(std::min(agreed_size_ + 1, size), size) +
                               ", behind line " + std::to_string(agreed_line_));
  }
  ++checkpoints_;
  agreed_size_ = size;
  agreed_line_ = lines_;
}

void ExportVerifier::compare_with_witness(Findings& findings) {
  if (!is_tree_sound_ || !tree_ || tree_->begin() != 0) return;
  for (; next_witnessed_ < options_.witnessed.size(); ++next_witnessed_) {
    const Checkpoint& kept = options_.witnessed[next_witnessed_];
    if (kept.head.size > tree_->end()) return;
    if (kept.head.size < tree_->end()) continue;
    is_witness_compared_ = true;
    if (kept.head.root == tree_->root()) continue;
    error(findings, "the log was rewritten: the witness has another root for its first " +
                        std::to_string(kept.head.size) + " rows");
  }
}

std::vector<Finding> ExportVerifier::feed(std::string_view line) {
  Findings findings;
  ++lines_;
  ends_with_last_line_ = false;
  const auto beside = parse_beside_line(line);
  if (beside && *beside) {
    std::visit([&](const auto& found) { take(findings, found); }, **beside);
    return findings;
  }
  const auto row = beside ? check_row(line, keys_) : Result<CheckedRow>(fail(beside.error()));
  if (row) {
    take_row(findings, *row);
  } else {
    is_tree_sound_ = false;
    ++bad_lines_since_last_;
    error(findings, row.error().message());
  }
  return findings;
}

void ExportVerifier::look_behind_the_end(Findings& findings) {
  if (missing_head_) {
    error(findings, missing_text(missing_head_->first, missing_head_->last, "this one"));
    findings.back().line = missing_head_->line;
  }
  for (; next_witnessed_ < options_.witnessed.size(); ++next_witnessed_) {
    const std::int64_t size = options_.witnessed[next_witnessed_].head.size;
    if (size <= last_seq_.value_or(0)) continue;
    error(findings, "the log was cut back: the witness has a checkpoint of " +
                        std::to_string(size) + " rows, and these end with row " +
                        std::to_string(last_seq_.value_or(0)));
    break;
  }
  if (errors_ == 0 && !options_.witnessed.empty() && !is_witness_compared_) {
    add(findings, Finding::Severity::warning, std::nullopt,
        "no checkpoint of the witness is of a size that could be compared here");
  }
  if (left_out_ > 0 && !options_.require_gapless) {
    add(findings, Finding::Severity::warning, std::nullopt,
        std::to_string(left_out_) + " rows are left out by filters");
  }
}

std::vector<Finding> ExportVerifier::finish() {
  Findings findings;
  look_behind_the_end(findings);
  if (bad_lines_since_last_ > 0) return findings;
  if (!ends_with_last_line_) {
    error(findings,
          "the end is cut off: an export ends with a checkpoint and public keys, and this file "
          "does not");
  } else if (options_.require_gapless && !ends_with_export_row_) {
    error(findings, "the end is cut off: the last row of an export is its own, and here it is not");
  }
  return findings;
}

std::vector<Finding> ExportVerifier::finish_log() {
  Findings findings;
  look_behind_the_end(findings);
  const std::int64_t last = last_seq_.value_or(0);
  if (is_tree_sound_ && agreed_size_ < last) {
    add(findings, Finding::Severity::warning, std::nullopt,
        "no checkpoint covers " + rows_text(agreed_size_ + 1, last) + " yet");
  }
  return findings;
}

}  // namespace openavail::audit
