#include <sys/stat.h>

#include <csignal>
#include <cstdlib>
#include <map>

#include "cmd/commands.h"
#include "cmd/config.h"
#include "crypto/process.h"

namespace {

openavail::cmd::OutputForm form_of(const std::string& text) {
  using openavail::cmd::OutputForm;
  if (text == "json") return OutputForm::json;
  return text == "jsonl" ? OutputForm::jsonl : OutputForm::table;
}

// Every agent's client starts `openavail mcp`, some of them twice: that start does without the tree
// of the other commands (tests/bench/README.md).
void add_commands(CLI::App& app, openavail::cmd::Globals& globals, bool only_mcp) {
  namespace cmd = openavail::cmd;
  if (only_mcp) return cmd::add_mcp_command(app, globals);
  cmd::add_demo_command(app, globals);
  cmd::add_setup_commands(app, globals);
  cmd::add_owner_commands(app, globals);
  cmd::add_policy_commands(app, globals);
  cmd::add_agent_commands(app, globals);
  cmd::add_audit_commands(app, globals);
  cmd::add_call_commands(app, globals);
  cmd::add_mcp_command(app, globals);
  cmd::add_completion_command(app);
}

}  // namespace

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
  std::string form;
  app.add_option("--output", form, "table, json or jsonl (OPENAVAIL_OUTPUT)")
      ->envname("OPENAVAIL_OUTPUT")
      ->check(CLI::IsMember({"table", "json", "jsonl"}));
  bool json = false;
  app.add_flag("--json", json, "Short for --output json");
  app.parse_complete_callback([&] {
    if (json) form = "json";
    globals.form = form_of(form);
    const auto config = cmd::read_config(globals.data_directory);
    if (!config) throw CLI::RuntimeError(cmd::report(globals, config.error()));
    globals.default_owner = config->mcp_owner_email;
    if (form.empty()) form = config->output_form.value_or("table");
    globals.form = form_of(form);
  });
  add_commands(app, globals, argc == 2 && std::string_view(argv[1]) == "mcp");
  try {
    app.parse(argc, argv);
  } catch (const CLI::RuntimeError& error) {
    return error.get_exit_code();
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // help
    for (int i = 1; i < argc; ++i) {
      const std::string_view word = argv[i];
      json = json || word == "--json" || word == "json" || word == "--output=json";
    }
    if (json) globals.form = cmd::OutputForm::json;
    return cmd::report(globals, Error(ErrorCode::validation_failed, error.what(),
                                      "openavail COMMAND --help shows examples"));
  }
  return globals.exit_code;
}
