// Verifies an export line by line, at constant memory, with nothing but public keys.
//
// It shows that each row is one that the installation signed, unchanged and in order; in a gapless
// export also that none is missing from the one behind `after_seq` to the last. An export holds a
// row of its own, so finish() also shows most files whose end was cut off; what is cut off behind
// that row shows when the next export is verified with `after_seq` = this one's last_seq().
//
// Thread rule: one thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/entry.h"

namespace openavail::audit {

struct ExportVerifierOptions {
  // For an export without filters: a missing seq is an error. Otherwise it is a warning.
  bool require_gapless = false;
  // For an export made with --after; 0 for one from the start. The first row must then be the next
  // one (an error or a warning as above). Without it the first row may have any seq.
  std::optional<std::int64_t> after_seq;
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

  // After the last line. A gapless export that holds no row of an export has lost its end.
  std::vector<Finding> finish();

  std::int64_t lines() const { return lines_; }
  std::int64_t verified() const { return verified_; }  // rows whose signatures are right
  std::int64_t errors() const { return errors_; }
  std::int64_t warnings() const { return warnings_; }
  std::optional<std::int64_t> first_seq() const { return first_seq_; }
  // The highest so far; options.after_seq while there is none.
  std::optional<std::int64_t> last_seq() const { return last_seq_; }

 private:
  void add(std::vector<Finding>& findings, Finding::Severity severity,
           std::optional<std::int64_t> seq, std::string what);
  void check_order(std::vector<Finding>& findings, std::int64_t seq);

  std::vector<TrustedKey> keys_;
  ExportVerifierOptions options_;
  std::int64_t lines_ = 0;
  std::int64_t verified_ = 0;
  std::int64_t errors_ = 0;
  std::int64_t warnings_ = 0;
  std::int64_t bad_lines_since_last_ = 0;
  bool has_export_row_ = false;
  std::optional<std::int64_t> first_seq_;
  std::optional<std::int64_t> last_seq_;
};

}  // namespace openavail::audit
