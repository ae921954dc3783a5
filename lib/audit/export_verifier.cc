#include "audit/export_verifier.h"

#include <utility>

namespace openavail::audit {
namespace {

// Of a line that verified: it is canonical, so this can stand nowhere else.
bool is_row_of_an_export(std::string_view line) {
  return line.find(R"(,"row":{"action":"audit.export",)") != std::string_view::npos;
}

}  // namespace

ExportVerifier::ExportVerifier(std::vector<TrustedKey> keys, ExportVerifierOptions options)
    : keys_(std::move(keys)), options_(options), last_seq_(options.after_seq) {}

void ExportVerifier::add(std::vector<Finding>& findings, Finding::Severity severity,
                         std::optional<std::int64_t> seq, std::string what) {
  ++(severity == Finding::Severity::error ? errors_ : warnings_);
  findings.push_back({severity, lines_, seq, std::move(what)});
}

void ExportVerifier::check_order(std::vector<Finding>& findings, std::int64_t seq) {
  if (!last_seq_) return;
  if (seq <= *last_seq_) {
    add(findings, Finding::Severity::error, seq,
        "row " + std::to_string(seq) + " comes after row " + std::to_string(*last_seq_));
    return;
  }
  // A line that failed was reported as such; its row is not missing besides.
  const std::int64_t missing = seq - *last_seq_ - 1;
  if (missing <= bad_lines_since_last_) return;
  add(findings, options_.require_gapless ? Finding::Severity::error : Finding::Severity::warning,
      seq,
      missing == 1 ? "row " + std::to_string(seq - 1) + " is missing before this one"
                   : "rows " + std::to_string(*last_seq_ + 1) + " to " + std::to_string(seq - 1) +
                         " are missing before this one");
}

std::vector<Finding> ExportVerifier::feed(std::string_view line) {
  std::vector<Finding> findings;
  ++lines_;
  const Result<std::int64_t> seq = verify_line(line, keys_);
  if (!seq) {
    ++bad_lines_since_last_;
    add(findings, Finding::Severity::error, std::nullopt, seq.error().message());
    return findings;
  }
  ++verified_;
  has_export_row_ = has_export_row_ || is_row_of_an_export(line);
  check_order(findings, *seq);
  if (!first_seq_) first_seq_ = *seq;
  if (!last_seq_ || *seq > *last_seq_) last_seq_ = *seq;
  bad_lines_since_last_ = 0;
  return findings;
}

std::vector<Finding> ExportVerifier::finish() {
  std::vector<Finding> findings;
  if (!options_.require_gapless || has_export_row_ || bad_lines_since_last_ > 0) return findings;
  add(findings, Finding::Severity::error, std::nullopt,
      "the end is cut off: an export holds a row of its own, and this file has none");
  return findings;
}

}  // namespace openavail::audit
