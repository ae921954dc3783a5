#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <map>
#include <thread>
#include <utility>

#include "audit/entry.h"
#include "cmd/commands.h"
#include "cmd/gzip_output.h"
#include "cmd/remote_audit.h"
#include "cmd/text.h"

namespace openavail::cmd {
namespace {

using nlohmann::json;

constexpr std::chrono::milliseconds kFollowEvery{500};

struct AuditOptions {
  std::string agent, owner, action, since, until, id, format = "jsonl";
  std::string api_key_file;
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

// The same for a server, which judges it.
RemoteAudit remote_of(const AuditOptions& o) {
  RemoteAudit remote;
  const auto put = [&](const char* name, const std::string& value) {
    if (!value.empty()) remote.filters[name] = value;
  };
  put("agent_id", o.agent);
  put("owner_email", o.owner);
  put("action", o.action);
  put("since", o.since);
  put("until", o.until);
  remote.key_file = o.api_key_file;
  return remote;
}

using AgentNames = std::map<std::string, std::string>;

Result<AgentNames> agent_names(Installation& installation) {
  OA_TRY(const auto agents, installation.administration().agents());
  AgentNames names;
  for (const auto& info : agents) names[info.agent.id.text()] = info.agent.name;
  return names;
}

// The row as it was signed, with what is known beside it: the owner's address, the agent's name.
json to_json(const service::AuditRow& row, const AgentNames& names) {
  json out = json::parse(row.row.canonical);
  out["owner_email"] = row.owner_email ? json(*row.owner_email) : json(nullptr);
  const json& agent = out.at("agent_id");
  const auto name = agent.is_string() ? names.find(agent.get<std::string>()) : names.end();
  out["agent"] = name == names.end() ? json(nullptr) : json(name->second);
  return out;
}

// "2027-03-01T09:00:00Z"
std::string second_of(const json& row) {
  return row.at("timestamp").get<std::string>().substr(0, 19) + "Z";
}

void add_filters(CLI::App* command, const std::shared_ptr<AuditOptions>& o) {
  command->add_option("--agent", o->agent, "Name or id");
  command->add_option("--owner", o->owner, "E-mail address");
  command->add_option("--action", o->action, "accept, reject, preempt, keys.mint, …");
  command->add_option("--since", o->since, "RFC 3339: 2027-03-01T00:00:00Z");
  command->add_option("--until", o->until, "RFC 3339");
  command->add_option("--key-file", o->api_key_file,
                      "With --server: a file that holds the key, or - (OPENAVAIL_API_KEY)");
}

Status list_rows(Globals& globals, const AuditOptions& o) {
  if (!globals.server.empty()) return list_remote(globals, remote_of(o), o.limit);
  Installation installation(globals.data_directory);
  OA_TRY(auto selection, selection_of(o));
  selection.newest_first = true;
  selection.limit = o.limit;
  OA_TRY(const auto names, agent_names(installation));
  json rows = json::array();
  OA_TRY_STATUS(installation.administration().each_audit(selection, [&](const auto& row) {
    rows.push_back(to_json(row, names));
    return true;
  }));
  if (globals.form == OutputForm::table) {
    for (json& row : rows) row["time"] = second_of(row);
  }
  print_list(globals, rows,
             {"seq", "time", "action", "rule_fired", "agent", "meeting_class", "owner_email"});
  return {};
}

// A line of its own for each row: what is to come can't be measured.
void print_tail(const Globals& globals, const json& row) {
  if (globals.form != OutputForm::table) {
    std::printf("%s\n", row.dump().c_str());
    return;
  }
  const std::string agent = row.at("agent").is_null() ? "-" : row.at("agent").get<std::string>();
  std::printf("%5lld  %s  %s  %s  %s\n", row.at("seq").get<long long>(), second_of(row).c_str(),
              padded(row.at("action").get<std::string>(), 14).c_str(),
              padded(plain(agent), 12).c_str(), row.at("rule_fired").get<std::string>().c_str());
}

Status tail_rows(Globals& globals, const AuditOptions& o) {
  if (!globals.server.empty()) {
    return tail_remote(globals, remote_of(o), o.after.value_or(0), o.follow);
  }
  Installation installation(globals.data_directory);
  OA_TRY(auto selection, selection_of(o));
  if (!selection.after_seq) {
    selection.newest_first = true;
    selection.limit = o.limit;
    OA_TRY_STATUS(installation.administration().each_audit(selection, [&](const auto& row) {
      selection.after_seq = row.row.seq - 1;
      return true;
    }));
    selection.newest_first = false;
    selection.limit = std::nullopt;
  }
  for (;;) {
    OA_TRY(const auto names, agent_names(installation));
    OA_TRY_STATUS(installation.administration().each_audit(selection, [&](const auto& row) {
      selection.after_seq = row.row.seq;
      print_tail(globals, to_json(row, names));
      return std::ferror(stdout) == 0;
    }));
    std::fflush(stdout);
    if (!o.follow || std::ferror(stdout) != 0) return {};
    std::this_thread::sleep_for(kFollowEvery);
  }
}

Status export_rows(Globals& globals, const AuditOptions& o) {
  const bool csv = o.format == "csv";
  LineOutput output(o.gzip);
  if (csv) output.line(audit::csv_header());
  if (!globals.server.empty()) {
    OA_TRY_STATUS(export_remote(globals, remote_of(o), o.after.value_or(0), csv, output));
  } else {
    Installation installation(globals.data_directory);
    OA_TRY(const auto selection, selection_of(o));
    auto& admin = installation.administration();
    const auto row_out = [&](const service::AuditRow& row) {
      return output.line(audit::csv_line(row.row, row.owner_email));
    };
    const auto line_out = [&](const std::string& line) { return output.line(line); };
    OA_TRY_STATUS(csv ? admin.export_audit_rows(selection, row_out)
                      : admin.export_audit(selection, line_out));
  }
  if (output.finish()) return {};
  return fail(ErrorCode::internal, "the export could not be written whole",
              "free disk space and export again");
}

Status show_row(const Globals& globals, const AuditOptions& o) {
  Installation installation(globals.data_directory);
  OA_TRY(const auto row, installation.administration().audit_row_named(o.id));
  OA_TRY(const auto names, agent_names(installation));
  json object = to_json(row, names);
  if (globals.form != OutputForm::table) {
    print_json(globals, object);
    return {};
  }
  for (const char* name : {"requested_interval", "decided_interval"}) {
    json& interval = object.at(name);
    if (interval.is_null()) continue;
    interval =
        interval.at("start").get<std::string>() + " to " + interval.at("end").get<std::string>();
  }
  for (const char* name : {"trace", "subject", "displaced_booking_ids"}) {
    if (object.at(name).empty()) object[name] = nullptr;
  }
  const json trace = std::exchange(object["trace"], nullptr);
  print_object(globals, object,
               {"decision_id",
                "seq",
                "timestamp",
                "kind",
                "action",
                "rule_fired",
                "agent",
                "agent_id",
                "api_key_id",
                "actor",
                "owner_email",
                "calendar_owner",
                "meeting_class",
                "requested_interval",
                "decided_interval",
                "booking_id",
                "hold_id",
                "displaced_booking_ids",
                "correlation_id",
                "subject",
                "request_id",
                "latency_ms",
                "engine_version",
                "tzdata_version",
                "situation_digest",
                "row_version",
                "signing_key_id"});
  if (trace.is_null()) return {};
  std::printf("\n");
  json rows = json::array();
  for (const json& item : trace) {
    rows.push_back({{"check", item.at("rule")},
                    {"outcome", item.at("outcome")},
                    {"detail", item.at("detail") == "" ? json(nullptr) : item.at("detail")}});
  }
  print_list(globals, rows, {"check", "outcome", "detail"});
  return {};
}

}  // namespace

CLI::App* add_audit_commands(CLI::App& app, Globals& globals) {
  auto o = std::make_shared<AuditOptions>();
  CLI::App* audit = app.add_subcommand("audit", "The signed log of every decision and use");
  audit->require_subcommand(1);
  CLI::App* list = audit->add_subcommand("list", "List rows, newest first");
  list->footer(
      footer("  openavail audit list --action preempt --limit 10\n"
             "  openavail audit list --owner jane@example.org --json",
             "0 done, 1 failed, 2 not valid, 3 no such agent or owner"));
  add_filters(list, o);
  list->add_option("--limit", o->limit, "At most so many (50)")->check(CLI::Range(1, 100'000));
  list->callback([&globals, o] { run(globals, [&] { return list_rows(globals, *o); }); });
  CLI::App* show = audit->add_subcommand("show", "Show one row with its trace");
  show->footer(
      footer("  openavail audit show 1207\n"
             "  openavail audit show dec_4fQ0Xn2bLr8T6mVw1zKpQ0",
             "0 done, 1 failed, 3 not found"));
  show->add_option("id", o->id, "The row's seq, or its decision id (an answer's audit_row_id)")
      ->required();
  show->callback([&globals, o] { run(globals, [&] { return show_row(globals, *o); }); });
  CLI::App* tail = audit->add_subcommand("tail", "The last rows, oldest first, and what follows");
  tail->footer(
      footer("  openavail audit tail --follow\n"
             "  openavail audit tail --after 1200 --output jsonl",
             "0 done, 1 failed, 2 not valid, 3 no such agent or owner"));
  add_filters(tail, o);
  tail->add_flag("--follow", o->follow, "Wait for more");
  tail->add_option("--after", o->after, "Every row behind this seq, instead of the last ones")
      ->check(CLI::NonNegativeNumber);
  tail->add_option("--limit", o->limit, "How many to begin with (50)")
      ->check(CLI::Range(1, 100'000));
  tail->callback([&globals, o] { run(globals, [&] { return tail_rows(globals, *o); }); });
  CLI::App* exported = audit->add_subcommand("export", "Export rows; JSONL can be verified");
  exported->footer(
      footer("  openavail audit export --after 1200 > new.jsonl\n"
             "  openavail audit export --gzip > all.jsonl.gz\n"
             "  openavail audit export --format csv --since 2027-03-01T00:00:00Z > march.csv",
             "0 done, 1 failed, 2 not valid, 3 no such agent or owner"));
  add_filters(exported, o);
  exported->add_option("--after", o->after, "Resume behind this seq")
      ->check(CLI::NonNegativeNumber);
  exported->add_option("--format", o->format, "jsonl (can be verified) or csv")
      ->check(CLI::IsMember({"jsonl", "csv"}));
  exported->add_flag("--gzip", o->gzip, "Compress");
  exported->callback([&globals, o] { run(globals, [&] { return export_rows(globals, *o); }); });
  return audit;
}

}  // namespace openavail::cmd
