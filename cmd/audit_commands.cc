#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <thread>

#include "audit/entry.h"
#include "audit/export_verifier.h"
#include "audit/signing_key.h"
#include "base/limits.h"
#include "cmd/bounded_input.h"
#include "cmd/commands.h"
#include "cmd/gzip_output.h"

namespace openavail::cmd {
namespace {

using nlohmann::json;

constexpr std::chrono::milliseconds kFollowEvery{500};

struct AuditOptions {
  std::string agent, owner, action, since, until, id, file, key_file, format = "jsonl";
  std::optional<std::int64_t> after;
  int limit = 50;
  bool follow = false, gzip = false;
};

Result<service::AuditSelection> selection_of(const AuditOptions& o) {
  const auto maybe = [](const std::string& t) {
    return t.empty() ? std::nullopt : std::optional(t);
  };
  service::AuditSelection selection;
  selection.agent = maybe(o.agent);
  selection.owner_email = maybe(o.owner);
  selection.action = maybe(o.action);
  selection.after_seq = o.after;
  if (!o.since.empty()) {
    OA_TRY(selection.since, time::parse_instant(o.since));
  }
  if (!o.until.empty()) {
    OA_TRY(selection.until, time::parse_instant(o.until));
  }
  return selection;
}

json to_json(const service::AuditRow& row) {
  json out = json::parse(row.row.canonical);
  out["owner_email"] = row.owner_email ? json(*row.owner_email) : json(nullptr);
  return out;
}

void add_filters(CLI::App* command, const std::shared_ptr<AuditOptions>& o) {
  command->add_option("--agent", o->agent, "Name or id");
  command->add_option("--owner", o->owner, "E-mail address");
  command->add_option("--action", o->action);
  command->add_option("--since", o->since, "RFC 3339");
  command->add_option("--until", o->until, "RFC 3339");
}

Status verify_file(const Globals& globals, const AuditOptions& o, int& exit_code) {
  std::string pem;
  if (o.key_file.empty()) {
    Installation installation(globals.data_directory);
    OA_TRY(pem, installation.public_key_pem());
  } else {
    std::ifstream file(o.key_file);
    pem = read_up_to(file, limits::kJsonLineBytesMax);
    if (pem.empty()) {
      return fail(ErrorCode::not_found, "no public key can be read from " + o.key_file,
                  "check the path (openavail audit public-key prints the key)");
    }
  }
  OA_TRY(auto keys, audit::trusted_keys_from_pem(pem));
  std::ifstream file;
  if (o.file != "-") {
    file.open(o.file);
    if (!file) return fail(ErrorCode::not_found, "there is no file " + o.file, "check the path");
  }
  std::istream& input = o.file == "-" ? std::cin : file;
  audit::ExportVerifier verifier(std::move(keys));
  // A byte more than the verifier takes: it says then that the line is too long.
  for (std::string line; read_line(input, line, limits::kJsonLineBytesMax + 1);) {
    for (const audit::Finding& finding : verifier.feed(line)) {
      const bool is_error = finding.severity == audit::Finding::Severity::error;
      std::fprintf(stderr, "openavail: line %lld: %s%s\n", static_cast<long long>(finding.line),
                   is_error ? "" : "warning: ", plain(finding.what).c_str());
    }
  }
  print_object(globals, {{"verified", verifier.verified()},
                         {"errors", verifier.errors()},
                         {"warnings", verifier.warnings()}});
  if (verifier.errors() > 0) exit_code = info(ErrorCode::verification_failed).exit_code;
  return {};
}

}  // namespace

void add_audit_commands(CLI::App& app, Globals& globals) {
  auto o = std::make_shared<AuditOptions>();
  CLI::App* audit = app.add_subcommand("audit", "The signed log of every decision and use");
  audit->require_subcommand(1);
  CLI::App* list = audit->add_subcommand("list", "List rows, newest first");
  list->footer(footer("  openavail audit list --action preempt --limit 10"));
  add_filters(list, o);
  list->add_option("--limit", o->limit)->check(CLI::Range(1, 100'000));
  list->callback([&globals, o] {
    run(globals, [&]() -> Status {
      Installation installation(globals.data_directory);
      OA_TRY(auto selection, selection_of(*o));
      selection.newest_first = true;
      selection.limit = o->limit;
      json rows = json::array();
      OA_TRY_STATUS(installation.administration().each_audit(selection, false, [&](const auto& row) {
        rows.push_back(to_json(row));
        return true;
      }));
      print_list(globals, rows,
                 {"seq", "timestamp", "kind", "action", "rule_fired", "meeting_class",
                  "owner_email", "decision_id"});
      return {};
    });
  });
  CLI::App* show = audit->add_subcommand("show", "Show one row");
  show->footer(footer("  openavail audit show dec_…", "0 done, 3 not found"));
  show->add_option("id", o->id)->required();
  show->callback([&globals, o] {
    run(globals, [&]() -> Status {
      Installation installation(globals.data_directory);
      OA_TRY(const auto row, installation.administration().audit_row(DecisionId(o->id)));
      print_object(globals, to_json(row));
      return {};
    });
  });
  CLI::App* tail = audit->add_subcommand("tail", "Rows as they come, one JSON object per line");
  tail->footer(footer("  openavail audit tail --follow"));
  add_filters(tail, o);
  tail->add_flag("--follow", o->follow, "Wait for more");
  tail->add_option("--after", o->after, "Only rows behind this seq");
  tail->callback([&globals, o] {
    run(globals, [&]() -> Status {
      Installation installation(globals.data_directory);
      OA_TRY(auto selection, selection_of(*o));
      for (;;) {
        OA_TRY_STATUS(
            installation.administration().each_audit(selection, false, [&](const auto& row) {
              selection.after_seq = row.row.seq;
              return std::printf("%s\n", to_json(row).dump().c_str()) >= 0;
            }));
        std::fflush(stdout);
        if (!o->follow || std::ferror(stdout) != 0) return {};
        std::this_thread::sleep_for(kFollowEvery);
      }
    });
  });
  CLI::App* exported = audit->add_subcommand("export", "Export rows; JSONL can be verified");
  exported->footer(footer("  openavail audit export --after 1200 > new.jsonl\n"
                          "  openavail audit export --format csv --since 2026-07-01T00:00:00Z"));
  add_filters(exported, o);
  exported->add_option("--after", o->after, "Resume behind this seq");
  exported->add_option("--format", o->format)->check(CLI::IsMember({"jsonl", "csv"}));
  exported->add_flag("--gzip", o->gzip, "Compress");
  exported->callback([&globals, o] {
    run(globals, [&]() -> Status {
      Installation installation(globals.data_directory);
      OA_TRY(const auto selection, selection_of(*o));
      const bool csv = o->format == "csv";
      LineOutput output(o->gzip);
      if (csv) output.line(audit::csv_header());
      OA_TRY_STATUS(
          installation.administration().each_audit(selection, true, [&](const auto& row) {
            return output.line(csv ? audit::csv_line(row.row, row.owner_email)
                                   : audit::export_line(row.row, row.owner_email));
          }));
      if (output.finish()) return {};
      return fail(ErrorCode::internal, "the export could not be written whole",
                  "free disk space and export again");
    });
  });
  CLI::App* verify = audit->add_subcommand("verify", "Check an export with the public key alone");
  verify->footer(footer("  openavail audit verify new.jsonl --public-key audit.pem",
                        "0 every row is right, 20 one is not"));
  verify->add_option("file", o->file, "A JSONL export, or - for standard input")->required();
  verify->add_option("--public-key", o->key_file, "PEM; default: this installation's");
  verify->callback([&globals, o] {
    run(globals, [&] { return verify_file(globals, *o, globals.exit_code); });
  });
  CLI::App* key = audit->add_subcommand("public-key", "Print the public key (PEM)");
  key->footer(footer("  openavail audit public-key > audit.pem"));
  key->callback([&globals] {
    run(globals, [&]() -> Status {
      Installation installation(globals.data_directory);
      OA_TRY(const auto keys, installation.administration().signing_keys());
      for (const auto& one : keys) std::printf("%s", one.public_key_pem.c_str());
      return {};
    });
  });
}

}  // namespace openavail::cmd
