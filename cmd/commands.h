// One function per command group: adds its subcommands to the command line. Each subcommand's
// callback does the work and leaves its exit code in Globals.
#pragma once

#include <CLI/CLI.hpp>

#include "cmd/installation.h"
#include "cmd/terminal.h"

namespace openavail::cmd {

struct ServeChoice;

void add_demo_command(CLI::App& app, Globals& globals);
void add_setup_commands(CLI::App& app, Globals& globals);  // init, doctor, undo
void add_owner_commands(CLI::App& app, Globals& globals);  // owners, calendars
void add_class_commands(CLI::App& app, Globals& globals);
void add_rule_commands(CLI::App& app, Globals& globals);
void add_agent_commands(CLI::App& app, Globals& globals);
void add_key_commands(CLI::App& app, Globals& globals);
void add_verb_commands(CLI::App& app, Globals& globals);  // search, hold, release, confirm, …
void add_call_commands(CLI::App& app, Globals& globals);
void add_mcp_command(CLI::App& app, Globals& globals);
CLI::App* add_audit_commands(CLI::App& app, Globals& globals);     // what reads the log
void add_audit_proof_commands(CLI::App* audit, Globals& globals);  // what proves it
void add_proposal_commands(CLI::App& app, Globals& globals);
void add_serve_commands(CLI::App& app, Globals& globals);  // serve, tls
// What serve and `mcp --listen` have in common but for --listen itself, which the options need
// where `listen` is given. `choice` must outlive the parsing.
void add_listening_options(CLI::App& command, ServeChoice& choice, CLI::Option* listen);
void add_config_command(CLI::App& app, Globals& globals);
void add_version_command(CLI::App& app, Globals& globals);
void add_completion_command(CLI::App& app);  // after all others

inline constexpr const char* kVersion = "0.1.0";

// What every help text ends with.
std::string footer(const std::string& examples, const std::string& exit_codes);

// A command that has subcommands and does nothing by itself.
CLI::App* add_group(CLI::App& app, const std::string& name, const std::string& what,
                    const std::string& examples);

// What is wrong with a command line that could not be understood, and the nearest that could.
Error usage_error(CLI::App& app, int argc, const char* const* argv, const CLI::ParseError& error);

// Reads a key: the file named (or - for standard input), else OPENAVAIL_API_KEY. Errors:
// unknown_api_key when there is none, not_found when there is no such file.
Result<std::string> read_api_key(const std::string& key_file);

// Runs `work`, which answers Result<void>; a failure is reported.
template <class Work>
void run(Globals& globals, const Work& work) {
  const auto done = work();
  if (!done) globals.exit_code = report(globals, done.error());
}

}  // namespace openavail::cmd
