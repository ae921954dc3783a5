// One function per command group: adds its subcommands to the command line. Each subcommand's
// callback does the work and leaves its exit code in Globals.
#pragma once

#include <CLI/CLI.hpp>

#include "cmd/installation.h"
#include "cmd/terminal.h"

namespace openavail::cmd {

void add_setup_commands(CLI::App& app, Globals& globals);   // init, version, doctor, undo
void add_owner_commands(CLI::App& app, Globals& globals);   // owners, calendars
void add_policy_commands(CLI::App& app, Globals& globals);  // classes, rules
void add_agent_commands(CLI::App& app, Globals& globals);   // agents, keys
void add_audit_commands(CLI::App& app, Globals& globals);   // audit
void add_call_commands(CLI::App& app, Globals& globals);    // call, and the agents' verbs
void add_mcp_command(CLI::App& app, Globals& globals);      // mcp
void add_demo_command(CLI::App& app, Globals& globals);     // demo
void add_completion_command(CLI::App& app);                 // completion; after all others

inline constexpr const char* kVersion = "0.1.0";

// What every help text ends with.
std::string footer(const std::string& examples,
                   const std::string& exit_codes = "0 done, 1 failed, 2 usage");

// Reads a key: the file named (or - for standard input), else OPENAVAIL_API_KEY. Errors:
// unknown_api_key when there is none.
Result<std::string> read_api_key(const std::string& key_file);

// Runs `work`, which answers Result<void>; a failure is reported.
template <class Work>
void run(Globals& globals, const Work& work) {
  const auto done = work();
  if (!done) globals.exit_code = report(globals, done.error());
}

}  // namespace openavail::cmd
