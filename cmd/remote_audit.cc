#include "cmd/remote_audit.h"

#include <chrono>
#include <cstdio>
#include <functional>
#include <thread>

#include "audit/canonical.h"
#include "audit/entry.h"
#include "audit/export_lines.h"
#include "cmd/commands.h"
#include "cmd/door.h"

namespace openavail::cmd {
namespace {

using nlohmann::json;

constexpr std::chrono::seconds kFollowEvery{2};  // each look is a use of the key

class Reader {
 public:
  static Result<Reader> open(Globals& globals, const RemoteAudit& audit) {
    OA_TRY(std::string key, read_api_key(audit.key_file));
    OA_TRY(Door door, Door::open(globals));
    return Reader(globals, audit.filters, std::move(key), std::move(door));
  }

  // False: refused; that was printed.
  bool run(const char* operation, json input, json& body) {
    service::Call call;
    call.request_id = door_.new_request_id();
    const auto outcome = door_.runner().run(operation, std::move(input), key_, call);
    body = outcome.body;
    if (outcome.ok) return true;
    report_body(globals_, body, outcome.exit_code);
    globals_.exit_code = outcome.exit_code;
    return false;
  }

  // Calls `sink` with each exported line behind `after` up to now. False: refused, or the sink had
  // enough.
  bool each_line(std::int64_t& after, const std::function<bool(const std::string&)>& sink) {
    std::optional<std::int64_t> until;
    for (;;) {
      json input = filters_;
      input["after"] = after;
      input["limit"] = limits::kDecisionsMax;
      if (until) input["until_seq"] = *until;
      json page;
      if (!run("export-audit", std::move(input), page)) return false;
      for (const json& line : page.at("lines")) {
        if (!sink(line.get<std::string>())) return false;
      }
      leaves_rows_out_ = leaves_rows_out_ || page.value("leaves_rows_out", false);
      after = std::max(after, page.at("last_seq").get<std::int64_t>());
      until = page.at("until_seq").get<std::int64_t>();
      if (page.at("is_complete").get<bool>()) return true;
    }
  }

  bool leaves_rows_out() const { return leaves_rows_out_; }

 private:
  Reader(Globals& globals, json filters, std::string key, Door door)
      : globals_(globals),
        filters_(filters.is_object() ? std::move(filters) : json::object()),
        key_(std::move(key)),
        door_(std::move(door)) {}

  bool leaves_rows_out_ = false;
  Globals& globals_;
  json filters_;
  std::string key_;
  Door door_;
};

// Not what an export holds besides its rows.
bool is_row(const std::string& line) {
  const auto beside = audit::parse_beside_line(line);
  return beside && !*beside;
}

std::string csv_of(const std::string& line) {
  const json exported = json::parse(line);
  audit::SealedRow row;
  row.canonical = audit::canonical_json(exported.at("row"));
  const json& email = exported.at("owner_email");
  return audit::csv_line(row,
                         email.is_null() ? std::nullopt : std::optional(email.get<std::string>()));
}

}  // namespace

Status list_remote(Globals& globals, const RemoteAudit& audit, int limit) {
  OA_TRY(Reader reader, Reader::open(globals, audit));
  json rows = json::array();
  json cursor;
  while (static_cast<int>(rows.size()) < limit) {
    json input = audit.filters.is_object() ? audit.filters : json::object();
    input["limit"] = std::min(limit - static_cast<int>(rows.size()), limits::kDecisionsMax);
    if (cursor.is_string()) input["cursor"] = cursor;
    json page;
    if (!reader.run("list-decisions", std::move(input), page)) return {};
    for (json& row : page.at("decisions")) rows.push_back(std::move(row));
    cursor = page.at("next_cursor");
    if (!cursor.is_string()) break;
  }
  print_list(
      globals, rows,
      {"seq", "timestamp", "action", "rule_fired", "agent_id", "meeting_class", "owner_email"});
  return {};
}

Status tail_remote(Globals& globals, const RemoteAudit& audit, std::int64_t after, bool follow) {
  OA_TRY(Reader reader, Reader::open(globals, audit));
  const auto print = [](const std::string& line) {
    if (!is_row(line)) return true;
    const json row = json::parse(line).at("row");
    if (row.at("action") == "audit.export") return true;
    return std::printf("%s\n", row.dump().c_str()) >= 0;
  };
  do {
    if (!reader.each_line(after, print)) return {};
    std::fflush(stdout);
    if (follow) std::this_thread::sleep_for(kFollowEvery);
  } while (follow && std::ferror(stdout) == 0);
  return {};
}

Status export_remote(Globals& globals, const RemoteAudit& audit, std::int64_t after, bool csv,
                     LineOutput& output) {
  OA_TRY(Reader reader, Reader::open(globals, audit));
  const bool is_whole = reader.each_line(after, [&](const std::string& line) {
    if (!csv) return output.line(line);
    return !is_row(line) || output.line(csv_of(line));
  });
  if (is_whole && reader.leaves_rows_out()) {
    say(globals,
        "hint: filters, or the owner scope of the key's agent, leave rows out: verify with "
        "--filtered");
  }
  return {};
}

}  // namespace openavail::cmd
