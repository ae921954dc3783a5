#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "cmd/commands.h"
#include "cmd/config.h"
#include "crypto/process.h"

namespace {

openavail::cmd::OutputForm form_of(const std::string& text) {
  using openavail::cmd::OutputForm;
  if (text == "json") return OutputForm::json;
  return text == "jsonl" ? OutputForm::jsonl : OutputForm::table;
}

// Of a command line that could not be understood: as far as it says.
openavail::cmd::OutputForm form_meant(int argc, char** argv) {
  constexpr std::string_view kOption = "--output=";
  const char* variable = std::getenv("OPENAVAIL_OUTPUT");
  std::string form = variable != nullptr ? variable : "";
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--json") form = "json";
    if (word == "--output" && i + 1 < argc) form = argv[i + 1];
    if (word.substr(0, kOption.size()) == kOption) form = word.substr(kOption.size());
  }
  return form_of(form);
}

// Every agent's client starts `openavail mcp`, some of them twice: that start does without the tree
// of the other commands (tests/bench/README.md).
void add_commands(CLI::App& app, openavail::cmd::Globals& globals, bool only_mcp) {
  namespace cmd = openavail::cmd;
  if (only_mcp) return cmd::add_mcp_command(app, globals);
  cmd::add_demo_command(app, globals);
  cmd::add_setup_commands(app, globals);
  cmd::add_owner_commands(app, globals);
  cmd::add_class_commands(app, globals);
  cmd::add_rule_commands(app, globals);
  cmd::add_agent_commands(app, globals);
  cmd::add_key_commands(app, globals);
  cmd::add_verb_commands(app, globals);
  cmd::add_call_commands(app, globals);
  cmd::add_mcp_command(app, globals);
  cmd::add_audit_proof_commands(cmd::add_audit_commands(app, globals), globals);
  cmd::add_proposal_commands(app, globals);
  cmd::add_serve_commands(app, globals);
  cmd::add_config_command(app, globals);
  cmd::add_version_command(app, globals);
  cmd::add_completion_command(app);
}

// A standard stream that is closed would be the next file that we open, and what is printed would
// land in it. In its place stands one that fails: reading from the first, writing to the second.
void occupy_standard_streams() {
  const std::pair<int, int> streams[] = {
      {STDIN_FILENO, O_WRONLY}, {STDOUT_FILENO, O_RDONLY}, {STDERR_FILENO, O_WRONLY}};
  for (const auto& [stream, mode] : streams) {
    // Opening takes the lowest free number, which is this one.
    if (::fcntl(stream, F_GETFD) < 0 && ::open("/dev/null", mode) != stream) _exit(1);
  }
}

int run_command_line(int argc, char** argv) {
  using namespace openavail;
  cmd::Globals globals;
  globals.data_directory = cmd::default_data_directory();
  CLI::App app{"Openavail: the one place that every agent asks before it writes to a calendar"};
  app.require_subcommand(1);
  app.fallthrough();
  app.footer(cmd::footer("  openavail demo\n  openavail init",
                         "0 done, 1 failed, 2 usage or not valid, 3 not found, 4 not allowed, "
                         "5 conflict, 6 later, 10 rejected, 11 counter-proposed, 12 no slots, "
                         "13 calendar unavailable, 20 not verified"));
  app.set_version_flag("--version", std::string("openavail ") + cmd::kVersion);
  app.add_option("--data-dir", globals.data_directory, "Data directory (OPENAVAIL_DATA_DIR)");
  app.add_option("--server", globals.server,
                 "Run agents' commands, call and audit list, tail, export on a server: https://…");
  app.add_option("--ca-file", globals.ca_file, "Trust this CA (PEM) of the server besides");
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
    if (const std::string& owner = config->text("mcp.owner_email"); !owner.empty()) {
      globals.default_owner = owner;
    }
    if (form.empty()) form = config->text("output.form");
    globals.form = form_of(form);
  });
  add_commands(app, globals, argc == 2 && std::string_view(argv[1]) == "mcp");
  try {
    app.parse(argc, argv);
  } catch (const CLI::RuntimeError& error) {
    return error.get_exit_code();
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // help
    globals.form = form_meant(argc, argv);
    return cmd::report(globals, cmd::usage_error(app, argc, argv, error));
  }
  return globals.exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace openavail;
  occupy_standard_streams();
  // A full disk and a closed pipe are errors to be told, not deaths.
  std::signal(SIGXFSZ, SIG_IGN);
  std::signal(SIGPIPE, SIG_IGN);
  ::umask(077);
  crypto::harden_process();
  const int exit_code = run_command_line(argc, argv);
  if (cmd::is_output_whole() || exit_code != 0) return exit_code;
  cmd::Globals as_text;
  return cmd::report(as_text, Error(ErrorCode::internal, "the answer could not be written whole",
                                    "see where standard output goes, and look before repeating "
                                    "a command that changes something"));
}
