#include <sys/stat.h>

#include <csignal>
#include <cstdlib>
#include <map>

#include "cmd/commands.h"
#include "crypto/process.h"

int main(int argc, char** argv) {
  using namespace openavail;
  // A full disk and a closed pipe are errors to be told, not deaths.
  std::signal(SIGXFSZ, SIG_IGN);
  std::signal(SIGPIPE, SIG_IGN);
  ::umask(077);
  crypto::harden_process();

  cmd::Globals globals;
  globals.data_directory = cmd::default_data_directory();
  CLI::App app{"Openavail: the one place that every agent asks before it writes to a calendar"};
  app.require_subcommand(1);
  app.fallthrough();
  app.footer("Begin with: openavail demo, then openavail init");
  app.add_option("--data-dir", globals.data_directory, "Data directory (OPENAVAIL_DATA_DIR)");
  std::string form = "table";
  if (const char* named = std::getenv("OPENAVAIL_OUTPUT"); named != nullptr) form = named;
  app.add_option("--output", form, "table, json or jsonl (OPENAVAIL_OUTPUT)")
      ->check(CLI::IsMember({"table", "json", "jsonl"}));
  bool json = false;
  app.add_flag("--json", json, "Short for --output json");
  app.parse_complete_callback([&] {
    if (json) form = "json";
    globals.form = form == "json"    ? cmd::OutputForm::json
                   : form == "jsonl" ? cmd::OutputForm::jsonl
                                     : cmd::OutputForm::table;
  });
  cmd::add_demo_command(app, globals);
  cmd::add_setup_commands(app, globals);
  cmd::add_owner_commands(app, globals);
  cmd::add_policy_commands(app, globals);
  cmd::add_agent_commands(app, globals);
  cmd::add_audit_commands(app, globals);
  cmd::add_call_commands(app, globals);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    constexpr int kUsage = 2;
    const int code = app.exit(error);
    return code == 0 ? 0 : kUsage;
  }
  return globals.exit_code;
}
