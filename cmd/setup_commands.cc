#include <sys/stat.h>

#include <cstdio>
#include <fstream>
#include <iostream>

#include "cmd/bounded_input.h"
#include "cmd/commands.h"
#include "store/sqlite/sqlite_store.h"
#include "time/zone.h"

namespace openavail::cmd {
namespace {

using nlohmann::json;

json check(const std::string& what, bool passed, const std::string& detail,
           const std::string& mend) {
  return {{"check", what},
          {"result", passed ? "pass" : "fail"},
          {"detail", detail},
          {"next", passed ? json(nullptr) : json(mend)}};
}

// Nobody else may read the directory or what lies in it.
json modes(const std::string& directory) {
  std::string open_ones;
  for (const char* name :
       {"", "/openavail.db", "/pepper", "/signing_key.pem", "/idempotency_secret"}) {
    struct stat found {};
    const std::string path = directory + name;
    if (::stat(path.c_str(), &found) == 0 && (found.st_mode & 077) != 0) open_ones += " " + path;
  }
  return check("file modes", open_ones.empty(),
               open_ones.empty() ? "for their owner alone" : "others can reach" + open_ones,
               "chmod go=" + open_ones);
}

// What the operator may see besides: which file, and why.
std::string detail_of(const Error& error) {
  return error.operator_detail().empty() ? error.message()
                                         : error.message() + ": " + error.operator_detail();
}

// The first line, of more bytes than a key has.
std::string key_line(std::istream& input) {
  constexpr std::size_t kKeyFileBytesMax = 1024;
  const std::string text = read_up_to(input, kKeyFileBytesMax);
  return text.substr(0, text.find('\n'));
}

json examine(Installation& installation) {
  json rows = json::array({modes(installation.data_directory())});
  const auto pragmas = installation.store().pragmas();
  rows.push_back(check(
      "database", pragmas.has_value(),
      pragmas ? "schema " + std::to_string(store::schema_version()) : detail_of(pragmas.error()),
      pragmas ? "" : pragmas.error().next()));
  if (!pragmas) return rows;
  const auto problems = installation.store().integrity_problems();
  rows.push_back(check("integrity", problems && problems->empty(),
                       problems && !problems->empty() ? problems->front() : "checked",
                       "restore a backup"));
  const Status key = installation.check_signing_key();
  rows.push_back(check("signing key", key.has_value(), key ? "0600" : detail_of(key.error()),
                       key ? "" : key.error().next()));
  const auto pepper = installation.pepper();
  rows.push_back(check("pepper", pepper.has_value(), pepper ? "0600" : detail_of(pepper.error()),
                       pepper ? "" : pepper.error().next()));
  const auto secret = installation.load_idempotency_secret();
  rows.push_back(check("idempotency secret", secret.has_value(),
                       secret ? "0600" : detail_of(secret.error()),
                       secret ? "" : secret.error().next()));
  const std::string& zones = time::tzdata_version();
  rows.push_back(check("time-zone data", zones != "unknown", zones, "apt-get install tzdata"));
  const auto calendars = installation.administration().check_calendars(std::nullopt, false);
  if (!calendars) {
    rows.push_back(
        check("calendars", false, calendars.error().message(), calendars.error().next()));
    return rows;
  }
  for (const auto& status : *calendars) {
    const std::string name =
        "calendar " + status.owner_email + " " + std::string(to_text(status.calendar.type));
    rows.push_back(check(
        name, status.is_usable,
        status.is_usable ? std::to_string(status.report.objects) + " objects" : status.problem,
        "openavail calendars check"));
  }
  return rows;
}

}  // namespace

Result<std::string> read_api_key(const std::string& key_file) {
  std::string text;
  if (key_file == "-") {
    text = key_line(std::cin);
  } else if (!key_file.empty()) {
    std::ifstream file(key_file);
    if (!file) {
      return fail(ErrorCode::not_found, "the key file " + key_file + " can't be read",
                  "check the path and the file's mode");
    }
    text = key_line(file);
    if (file.bad() || text.empty()) {
      return fail(ErrorCode::unknown_api_key, "no API key can be read from " + key_file,
                  "check the file, its owner and its mode");
    }
  } else if (const char* named = std::getenv("OPENAVAIL_API_KEY"); named != nullptr) {
    text = named;
  }
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) {
    text.pop_back();
  }
  if (!text.empty()) return text;
  return fail(ErrorCode::unknown_api_key, "no API key is set",
              "set OPENAVAIL_API_KEY, or name a file with --key-file");
}

void add_setup_commands(CLI::App& app, Globals& globals) {
  CLI::App* init = app.add_subcommand("init", "Set up a data directory");
  init->footer(footer("  openavail init\n  openavail --data-dir /srv/openavail init",
                      "0 done, 1 failed, 5 set up already"));
  init->callback([&globals] {
    run(globals, [&]() -> Status {
      OA_TRY_STATUS(Installation::make(globals.data_directory));
      say(globals, "set up " + globals.data_directory);
      say(globals, "next: openavail owners add jane@example.org --timezone Europe/Paris");
      return {};
    });
  });

  CLI::App* doctor = app.add_subcommand("doctor", "Check the installation");
  doctor->footer(
      footer("  openavail doctor\n  openavail doctor --json", "0 all checks pass, 1 one fails"));
  doctor->callback([&globals] {
    Installation installation(globals.data_directory);
    const json rows = examine(installation);
    for (const json& row : rows) {
      if (row.at("result") == "fail") globals.exit_code = 1;
    }
    std::vector<std::string> columns{"check", "result", "detail"};
    if (globals.exit_code != 0) columns.push_back("next");
    print_list(globals, rows, columns);
    if (globals.exit_code != 0) say(globals, "openavail: a check failed; next says what to do");
  });

  auto booking = std::make_shared<std::string>();
  CLI::App* undo = app.add_subcommand("undo", "Take a preemption back");
  undo->footer(footer(
      "  openavail undo 01890a5d-ac96-774b-bcce-b302099a8057",
      "0 done, 1 failed, 3 no such booking, 5 can't be taken back, 13 calendar unavailable"));
  undo->add_option("booking", *booking, "The booking that displaced others")->required();
  undo->callback([&globals, booking] {
    run(globals, [&]() -> Status {
      Installation installation(globals.data_directory);
      OA_TRY(const auto done, installation.administration().undo(BookingId(*booking)));
      json restored = json::array();
      for (const BookingId& id : done.restored) restored.push_back(id.text());
      print_object(globals,
                   {{"cancelled", done.winner.text()},
                    {"restored", restored},
                    {"audit_row_id", done.audit_row_id.text()}},
                   {"cancelled", "restored", "audit_row_id"});
      return {};
    });
  });
}

}  // namespace openavail::cmd
