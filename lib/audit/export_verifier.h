// Verifies an export line by line, at constant memory, with nothing but public keys.
//
// It shows that each row is one that the installation logged, unchanged and in its place: each
// row's own signatures, the numbering, and the tree of all rows against every checkpoint in the
// file. A file whose end was cut off shows as well, since an export ends with a row of its own and
// a checkpoint of it. That the log itself was rewritten or cut back shows when checkpoints that
// were kept elsewhere are given (`witnessed`). Where the log changed its signing key the keys given
// have to hold the one before: a row that both signed tells the next. Rows that retention has taken
// away may be missing at the beginning, if a signed row says so.
//
// Thread rule: one thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/checkpoint.h"
#include "audit/entry.h"
#include "audit/export_lines.h"
#include "audit/merkle.h"

namespace openavail::audit {

struct ExportVerifierOptions {
  // For an export without filters: rows that are not there are an error. With filters only those
  // are that the file does not account for (left_out).
  bool require_gapless = false;
  // For an export made with --after; 0 for one from the start. The first row must then be the next
  // one. Without it the first row may have any seq.
  std::optional<std::int64_t> after_seq;
  // Checkpoints that were kept elsewhere, verified, by size.
  std::vector<Checkpoint> witnessed = {};
};

struct Finding {
  enum class Severity { warning, error };
  Severity severity = Severity::error;
  std::int64_t line = 0;            // from 1
  std::optional<std::int64_t> seq;  // of that line, where it could be verified
  std::string what;
};

class ExportVerifier {
 public:
  explicit ExportVerifier(std::vector<TrustedKey> keys, ExportVerifierOptions options = {});

  // One line without its newline. Returns what is wrong with it; mostly nothing.
  std::vector<Finding> feed(std::string_view line);

  // After the last line of an export.
  std::vector<Finding> finish();
  // The same when the lines were the whole log, read where it is kept: rows behind the last
  // checkpoint are a warning.
  std::vector<Finding> finish_log();

  std::int64_t lines() const { return lines_; }
  std::int64_t verified() const { return verified_; }        // rows that are right by themselves
  std::int64_t checkpoints() const { return checkpoints_; }  // that the tree agrees with
  std::int64_t errors() const { return errors_; }
  std::int64_t warnings() const { return warnings_; }
  std::optional<std::int64_t> first_seq() const { return first_seq_; }
  // The highest so far, those that are left out included; options.after_seq while there is none.
  std::optional<std::int64_t> last_seq() const { return last_seq_; }
  // The tree that the lines so far give, while there is nothing wrong with it.
  std::optional<TreeHead> head() const;

 private:
  using Findings = std::vector<Finding>;
  void add(Findings& findings, Finding::Severity severity, std::optional<std::int64_t> seq,
           std::string what);
  void error(Findings& findings, std::string what);
  // Rows up to seq - 1 should have come. False: it is out of order.
  bool check_order(Findings& findings, std::int64_t seq, const char* where);
  void take_row(Findings& findings, const CheckedRow& row);
  void take(Findings& findings, const LeftOutLine& line);
  void take(Findings& findings, const CheckpointLine& line);
  void begin_part(Findings& findings, const CompactRange& range);
  void compare_with_witness(Findings& findings);
  void look_behind_the_end(Findings& findings);
  // Rows at the beginning that are missing unless a row to come says that they were retired.
  struct MissingHead {
    std::int64_t line = 0;
    std::int64_t first = 0;
    std::int64_t last = 0;
  };

  std::vector<TrustedKey> keys_;
  ExportVerifierOptions options_;
  std::int64_t lines_ = 0;
  std::int64_t verified_ = 0;
  std::int64_t checkpoints_ = 0;
  std::int64_t errors_ = 0;
  std::int64_t warnings_ = 0;
  std::int64_t bad_lines_since_last_ = 0;
  std::int64_t left_out_ = 0;
  std::optional<MissingHead> missing_head_;
  std::optional<std::int64_t> first_seq_;
  std::optional<std::int64_t> last_seq_;
  std::optional<CompactRange> tree_;
  bool is_tree_sound_ = true;     // false once a line was wrong: the root would tell it again
  std::int64_t agreed_size_ = 0;  // of the last checkpoint that the tree agreed with
  std::int64_t agreed_line_ = 0;
  std::string origin_;
  std::size_t next_witnessed_ = 0;
  bool is_witness_compared_ = false;
  bool ends_with_export_row_ = false;
  bool ends_with_last_line_ = false;
};

}  // namespace openavail::audit
