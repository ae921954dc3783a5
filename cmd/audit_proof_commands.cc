// audit: what proves the log. verify, prove, check, checkpoint, consistency, witness, public-key.
#include <cstdio>
#include <fstream>
#include <iostream>
#include <utility>

#include "audit/checkpoint.h"
#include "audit/export_verifier.h"
#include "audit/receipt.h"
#include "audit/signing_key.h"
#include "base/limits.h"
#include "cmd/bounded_input.h"
#include "cmd/commands.h"
#include "cmd/config.h"
#include "cmd/progress.h"
#include "cmd/text.h"
#include "cmd/witness.h"
#include "crypto/digest.h"

namespace openavail::cmd {
namespace {

using nlohmann::json;

constexpr std::size_t kFindingsKept = 1'000;  // in the JSON answer; all go to standard error

struct ProofOptions {
  std::string id, file, key_file, witness, from, to;
  std::optional<std::int64_t> after;
  bool filtered = false, vkey = false, undo = false;
};

tl::unexpected<Error> no_file(const std::string& path) {
  return fail(ErrorCode::not_found, "there is no file " + path, "check the path");
}

Result<std::vector<audit::TrustedKey>> keys_of(const Globals& globals, const ProofOptions& o) {
  if (o.key_file.empty()) {
    Installation installation(globals.data_directory);
    OA_TRY(const std::string pem, installation.public_keys_pem());
    return audit::trusted_keys_from_pem(pem);
  }
  std::ifstream file(o.key_file);
  if (!file) return no_file(o.key_file);
  return audit::trusted_keys_from_pem(read_up_to(file, limits::kJsonLineBytesMax));
}

json to_json(const audit::Finding& finding) {
  const bool is_error = finding.severity == audit::Finding::Severity::error;
  return {{"severity", is_error ? "error" : "warning"},
          {"line", finding.line},
          {"seq", finding.seq ? json(*finding.seq) : json(nullptr)},
          {"what", finding.what}};
}

// Findings as they come, to standard error, and the sum at the end.
class Findings {
 public:
  // `unit` is what is counted: "line" of a file, "row" of the log.
  Findings(const char* unit, Progress& progress) : unit_(unit), progress_(progress) {}

  void note(std::int64_t at, const audit::Finding& finding) {
    progress_.wipe();
    const bool is_error = finding.severity == audit::Finding::Severity::error;
    const std::string where = at > 0 ? unit_ + std::string(" ") + std::to_string(at) + ": " : "";
    std::fprintf(stderr, "openavail: %s%s%s\n", where.c_str(),
                 is_error ? "" : "warning: ", spoken(finding.what).c_str());
    if (all_.size() < kFindingsKept) all_.push_back(to_json(finding));
  }
  void note(const std::vector<audit::Finding>& found) {
    for (const audit::Finding& finding : found) note(finding.line, finding);
  }

  void print(Globals& globals, const audit::ExportVerifier& verifier, std::int64_t more_errors) {
    const std::int64_t errors = verifier.errors() + more_errors;
    if (errors > 0) globals.exit_code = info(ErrorCode::verification_failed).exit_code;
    const auto seq = [](const std::optional<std::int64_t>& value) {
      return value && *value > 0 ? json(*value) : json(nullptr);
    };
    const auto head = errors > 0 ? std::nullopt : verifier.head();
    print_object(
        globals,
        {{"verified", verifier.verified()},
         {"errors", errors},
         {"warnings", verifier.warnings()},
         {"first_seq", seq(verifier.first_seq())},
         {"last_seq", seq(verifier.last_seq())},
         {"checkpoints", verifier.checkpoints()},
         {"root", head ? json(crypto::to_base64(head->root)) : json(nullptr)},
         {"findings", all_}},
        {"verified", "errors", "warnings", "first_seq", "last_seq", "checkpoints", "root"});
  }

 private:
  const char* unit_;
  Progress& progress_;
  json all_ = json::array();
};

Result<std::vector<audit::Checkpoint>> witnessed(const ProofOptions& o,
                                                 const std::vector<audit::TrustedKey>& keys) {
  if (o.witness.empty()) return std::vector<audit::Checkpoint>{};
  return read_witness(o.witness, keys);
}

// A gap in an export with filters is what the filter left out; in any other a row was taken away.
Status verify_file(Globals& globals, const ProofOptions& o) {
  OA_TRY(auto keys, keys_of(globals, o));
  OA_TRY(auto kept, witnessed(o, keys));
  std::ifstream file;
  Progress progress;
  if (o.file != "-") {
    file.open(o.file, std::ios::ate);
    if (!file) return no_file(o.file);
    progress.expect(file.tellg());
    file.seekg(0);
  }
  std::istream& input = o.file == "-" ? std::cin : file;
  const auto after = o.filtered ? o.after : std::optional(o.after.value_or(0));
  audit::ExportVerifier verifier(std::move(keys), {!o.filtered, after, std::move(kept)});
  Findings findings("line", progress);
  std::int64_t done = 0;
  // A byte more than the verifier takes: it says then that the line is too long.
  for (std::string line; read_line(input, line, limits::kJsonLineBytesMax + 1);) {
    findings.note(verifier.feed(line));
    progress.at(done += static_cast<std::int64_t>(line.size()) + 1);
  }
  findings.note(verifier.finish());
  progress.wipe();
  findings.print(globals, verifier, 0);
  if (verifier.errors() == 0) return {};
  if (!o.filtered && !o.after && verifier.first_seq().value_or(1) > 1) {
    say(globals, "hint: for an export made with --after SEQ give verify the same --after SEQ");
  } else if (!o.filtered) {
    say(globals, "hint: rows may be missing only in an export with filters; then say --filtered");
  }
  return {};
}

// The log where it is kept: its rows and checkpoints, and the tables around them.
Status verify_log(Globals& globals, const ProofOptions& o) {
  if (o.after || o.filtered) {
    return fail(ErrorCode::validation_failed, "--after and --filtered are for exports",
                "name a file, or leave them out");
  }
  OA_TRY(auto keys, keys_of(globals, o));
  OA_TRY(auto kept, witnessed(o, keys));
  Installation installation(globals.data_directory);
  audit::ExportVerifier verifier(std::move(keys), {true, 0, std::move(kept)});
  Progress progress;
  Findings findings("row", progress);
  std::int64_t problems = 0;
  std::int64_t row = 0;  // that is being read
  service::LogSink sink;
  sink.total = [&](std::int64_t rows) { progress.expect(rows); };
  sink.line = [&](const std::string& line) {
    const auto beside = audit::parse_beside_line(line);
    if (beside && !*beside) ++row;
    for (const audit::Finding& finding : verifier.feed(line)) findings.note(row, finding);
    progress.at(row);
  };
  sink.problem = [&](std::int64_t seq, const std::string& what) {
    ++problems;
    findings.note(seq, {audit::Finding::Severity::error, 0,
                        seq > 0 ? std::optional(seq) : std::nullopt, what});
  };
  OA_TRY_STATUS(installation.administration().read_log(sink));
  for (const audit::Finding& finding : verifier.finish_log()) findings.note(0, finding);
  progress.wipe();
  findings.print(globals, verifier, problems);
  return {};
}

Status prove(const Globals& globals, const ProofOptions& o) {
  Installation installation(globals.data_directory);
  OA_TRY(const auto row, installation.administration().audit_row_named(o.id));
  const DecisionId id(json::parse(row.row.canonical).at("decision_id").get<std::string>());
  OA_TRY(const std::string receipt, installation.administration().receipt(id));
  std::printf("%s\n", receipt.c_str());
  return {};
}

Status check(const Globals& globals, const ProofOptions& o) {
  OA_TRY(const auto keys, keys_of(globals, o));
  std::ifstream file;
  if (o.file != "-") {
    file.open(o.file);
    if (!file) return no_file(o.file);
  }
  std::istream& input = o.file == "-" ? std::cin : file;
  OA_TRY(const auto checked,
         audit::check_receipt(read_up_to(input, limits::kJsonLineBytesMax + 1), keys));
  json row = json::parse(checked.canonical);
  print_object(globals,
               {{"verified", true},
                {"row", row},
                {"decision_id", row.at("decision_id")},
                {"seq", row.at("seq")},
                {"timestamp", row.at("timestamp")},
                {"action", row.at("action")},
                {"rule_fired", row.at("rule_fired")},
                {"signing_key_id", row.at("signing_key_id")},
                {"log", checked.checkpoint.origin},
                {"tree_size", checked.checkpoint.head.size},
                {"root", crypto::to_base64(checked.checkpoint.head.root)}},
               {"decision_id", "seq", "timestamp", "action", "rule_fired", "signing_key_id", "log",
                "tree_size", "root"});
  return {};
}

Status print_checkpoint(const Globals& globals) {
  Installation installation(globals.data_directory);
  OA_TRY(const auto made, installation.administration().checkpoint());
  std::printf("%s", made.note.c_str());
  return {};
}

struct Continued {
  service::Continuation continuation;
  audit::Checkpoint newer;
};
// Verified as anybody would, from the answer alone.
Result<Continued> continue_from(Installation& installation, const audit::Checkpoint& older,
                                const std::vector<audit::TrustedKey>& keys) {
  Continued found;
  OA_TRY(found.continuation, installation.administration().continuation(older.head.size));
  OA_TRY(found.newer, audit::open_checkpoint(found.continuation.checkpoint.note, keys));
  if (found.newer.origin != older.origin) {
    return fail(ErrorCode::verification_failed,
                "that checkpoint is one of another log, " + older.origin);
  }
  OA_TRY_STATUS(audit::verify_consistency(older.head, found.newer.head, found.continuation.proof));
  return found;
}

Status consistency(const Globals& globals, const ProofOptions& o) {
  OA_TRY(const auto keys, keys_of(globals, o));
  OA_TRY(const std::string note, read_note(o.from));
  OA_TRY(const auto older, audit::open_checkpoint(note, keys));
  Installation installation(globals.data_directory);
  OA_TRY(const Continued found, continue_from(installation, older, keys));
  json proof = json::array();
  for (const audit::Hash& hash : found.continuation.proof) proof.push_back(crypto::to_base64(hash));
  print_object(globals,
               {{"consistent", true},
                {"from_size", older.head.size},
                {"to_size", found.newer.head.size},
                {"from", note},
                {"to", found.continuation.checkpoint.note},
                {"consistency_proof", proof}},
               {"consistent", "from_size", "to_size"});
  return {};
}

// Not before the newest that the witness has is one that the log goes on from.
Status witness(const Globals& globals, const ProofOptions& o) {
  OA_TRY(const auto keys, keys_of(globals, o));
  Installation installation(globals.data_directory);
  if (o.to.find("://") != o.to.npos) {
    OA_TRY(const auto made, installation.administration().checkpoint());
    OA_TRY_STATUS(send_note(o.to, globals.ca_file, made.note));
    say(globals, "sent the checkpoint of " + std::to_string(made.head.size) + " rows");
    return {};
  }
  std::vector<audit::Checkpoint> kept;
  if (std::ifstream(o.to)) {
    OA_TRY(kept, read_witness(o.to, keys));
  }
  ports::CheckpointRecord made;
  if (kept.empty()) {
    OA_TRY(made, installation.administration().checkpoint());
  } else {
    OA_TRY(Continued found, continue_from(installation, kept.back(), keys));
    made = std::move(found.continuation.checkpoint);
  }
  OA_TRY_STATUS(keep_note(o.to, made.head.size, made.note));
  say(globals, "kept the checkpoint of " + std::to_string(made.head.size) + " rows");
  return {};
}

Status print_public_keys(const Globals& globals, const ProofOptions& o) {
  Installation installation(globals.data_directory);
  OA_TRY(const auto keys, installation.administration().signing_keys());
  for (const auto& one : keys) {
    if (!o.vkey) {
      std::printf("%s", one.public_key_pem.c_str());
      continue;
    }
    OA_TRY(auto key, crypto::Ed25519PublicKey::from_pem(one.public_key_pem));
    std::printf("%s\n",
                audit::to_vkey({audit::origin_of(keys.front().id), std::move(key)}).c_str());
  }
  return {};
}

Status rotate_key(const Globals& globals) {
  Installation installation(globals.data_directory);
  OA_TRY(const SigningKeyId id, installation.rotate_signing_key());
  print_object(globals, {{"signing_key_id", id.text()}}, {"signing_key_id"});
  say(globals, "give verifiers the new public keys: openavail audit public-key");
  return {};
}

Status retire(const Globals& globals, const ProofOptions& o) {
  OA_TRY(const Config config, read_config(globals.data_directory, {}));
  const int days = config.number("audit.retention_days");
  Installation installation(globals.data_directory);
  auto& admin = installation.administration();
  if (days == 0 && !o.undo) {
    return fail(ErrorCode::state_conflict, "audit.retention_days is 0: rows are kept for ever",
                "set it in config.toml first");
  }
  OA_TRY(const auto now,
         o.undo ? admin.undo_retention() : admin.apply_retention(std::chrono::hours(24) * days));
  print_object(globals,
               {{"retention_days", days},
                {"hidden_through", now.hidden_through},
                {"erased_through", now.erased_through}},
               {"retention_days", "hidden_through", "erased_through"});
  return {};
}

constexpr const char* kKeyHelp = "PEM; default: this installation's";

void add_verify(CLI::App* audit, Globals& globals) {
  auto o = std::make_shared<ProofOptions>();
  CLI::App* verify =
      audit->add_subcommand("verify", "Check the log, or an export, with the public key alone");
  verify->footer(
      footer("  openavail audit verify\n"
             "  openavail audit verify all.jsonl\n"
             "  openavail audit verify new.jsonl --after 1200 --public-key audit.pem\n"
             "  openavail audit verify --witness /mnt/witness\n"
             "  openavail audit verify jane.jsonl --filtered",
             "0 every row is right and none is missing, 1 failed, 2 not valid, "
             "3 no such file, 20 a row is wrong, missing or out of order"));
  verify->add_option("file", o->file,
                     "A JSONL export, or - for standard input; default: the log itself");
  verify->add_option("--public-key", o->key_file, kKeyHelp);
  verify
      ->add_option("--after", o->after,
                   "The export was made with this --after: row SEQ + 1 must be its first")
      ->check(CLI::NonNegativeNumber);
  verify->add_flag("--filtered", o->filtered,
                   "The export was made with filters, which leave rows out");
  verify->add_option("--witness", o->witness,
                     "What audit witness kept; or one checkpoint, or an earlier export");
  verify->callback([&globals, o] {
    run(globals,
        [&] { return o->file.empty() ? verify_log(globals, *o) : verify_file(globals, *o); });
  });
}

void add_receipts(CLI::App* audit, Globals& globals) {
  auto o = std::make_shared<ProofOptions>();
  CLI::App* proved =
      audit->add_subcommand("prove", "Write a receipt of one row, which proves itself");
  proved->footer(
      footer("  openavail audit prove 1207 > receipt.json\n"
             "  openavail audit prove dec_4fQ0Xn2bLr8T6mVw1zKpQ0 > receipt.json",
             "0 done, 1 failed, 3 not found"));
  proved->add_option("id", o->id, "The row's seq, or its decision id (an answer's audit_row_id)")
      ->required();
  proved->callback([&globals, o] { run(globals, [&] { return prove(globals, *o); }); });

  CLI::App* checked = audit->add_subcommand("check", "Check a receipt; needs no data directory");
  checked->footer(footer("  openavail audit check receipt.json --public-key audit.pem",
                         "0 it is right, 1 failed, 2 not valid, 3 no such file, 20 it is wrong"));
  checked->add_option("receipt", o->file, "A receipt, or - for standard input")->required();
  checked->add_option("--public-key", o->key_file, kKeyHelp);
  checked->callback([&globals, o] { run(globals, [&] { return check(globals, *o); }); });
}

void add_checkpoints(CLI::App* audit, Globals& globals) {
  auto o = std::make_shared<ProofOptions>();
  CLI::App* present =
      audit->add_subcommand("checkpoint", "Print the log's signed checkpoint as it is now");
  present->footer(footer("  openavail audit checkpoint > today.txt", "0 done, 1 failed"));
  present->callback([&globals] { run(globals, [&] { return print_checkpoint(globals); }); });

  CLI::App* consistent =
      audit->add_subcommand("consistency", "Prove that the log only grew since a checkpoint");
  consistent->footer(
      footer("  openavail audit consistency --from yesterday.txt\n"
             "  openavail audit consistency --from yesterday.txt --json > proof.json",
             "0 it did, 1 failed, 2 not valid, 3 no such file, 20 it was cut back or rewritten"));
  consistent->add_option("--from", o->from, "A checkpoint, or an export or a receipt with one")
      ->required();
  consistent->add_option("--public-key", o->key_file, kKeyHelp);
  consistent->callback([&globals, o] { run(globals, [&] { return consistency(globals, *o); }); });

  CLI::App* kept =
      audit->add_subcommand("witness", "Keep a checkpoint where the log's keeper can't");
  kept->footer(
      footer("  openavail audit witness --to /mnt/witness\n"
             "  openavail audit witness --to https://witness.example.org/openavail",
             "0 done, 1 failed, 2 not valid, 20 the log does not go on from what is kept there"));
  kept->add_option("--to", o->to, "A folder, or an address that takes a POST")->required();
  kept->add_option("--public-key", o->key_file, kKeyHelp);
  kept->callback([&globals, o] { run(globals, [&] { return witness(globals, *o); }); });
}

}  // namespace

void add_audit_proof_commands(CLI::App* audit, Globals& globals) {
  add_verify(audit, globals);
  add_receipts(audit, globals);
  add_checkpoints(audit, globals);
  auto o = std::make_shared<ProofOptions>();
  CLI::App* key = audit->add_subcommand("public-key", "Print the public keys (PEM), oldest first");
  key->footer(
      footer("  openavail audit public-key > audit.pem\n"
             "  openavail audit public-key --vkey",
             "0 done, 1 failed"));
  key->add_flag("--vkey", o->vkey, "As c2sp.org/signed-note writes them");
  key->callback([&globals, o] { run(globals, [&] { return print_public_keys(globals, *o); }); });
  CLI::App* retired = audit->add_subcommand(
      "retire", "Hide rows older than audit.retention_days, and erase what was hidden for 30 days");
  retired->footer(
      footer("  openavail audit retire\n"
             "  openavail audit retire --undo",
             "0 done, 1 failed, 2 settings, 5 nothing is hidden, or rows are kept for ever"));
  retired->add_flag("--undo", o->undo, "Show again what is hidden and not yet erased");
  retired->callback([&globals, o] { run(globals, [&] { return retire(globals, *o); }); });
  CLI::App* rotated = audit->add_subcommand("rotate-key", "Sign with a new key from now on");
  rotated->footer(footer("  openavail audit rotate-key && openavail audit public-key > audit.pem",
                         "0 done, 1 failed"));
  rotated->callback([&globals] { run(globals, [&] { return rotate_key(globals); }); });
}

}  // namespace openavail::cmd
