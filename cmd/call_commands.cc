// call and mcp: the doors to every operation.
#include <unistd.h>

#include <iostream>

#include "base/limits.h"
#include "cmd/agent_call.h"
#include "cmd/bounded_input.h"
#include "cmd/commands.h"
#include "mcp/stdio.h"
#include "operations/json_guard.h"

namespace openavail::cmd {
namespace {

using nlohmann::json;

struct CallOptions {
  std::string tool, input, key_file, idempotency_key;
  bool include_situation = false;
};

int serve_mcp(const Globals& globals) {
  if (const char* url = std::getenv("OPENAVAIL_BASE_URL"); url != nullptr && *url != 0) {
    return report(globals,
                  Error(ErrorCode::validation_failed,
                        "OPENAVAIL_BASE_URL is set, but this version speaks to a local data "
                        "directory only: a remote server needs `openavail serve`, which is not "
                        "part of it yet",
                        "unset OPENAVAIL_BASE_URL to use the data directory on this machine "
                        "(openavail init)"));
  }
  const auto text = [](const char* name) -> std::optional<std::string> {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == 0) return std::nullopt;
    return value;
  };
  Installation installation(globals.data_directory);
  mcp::ServerSettings settings;
  settings.version = kVersion;
  settings.api_key = text("OPENAVAIL_API_KEY");
  settings.default_owner = text("OPENAVAIL_OWNER_EMAIL");
  if (!settings.default_owner) settings.default_owner = globals.default_owner;
  settings.new_request_id = [&] { return installation.new_request_id(); };
  settings.operations = [&]() -> Result<operations::Operations*> {
    return &installation.operations();
  };
  mcp::Protocol protocol(std::move(settings));
  return mcp::serve_stdio(STDIN_FILENO, STDOUT_FILENO, protocol);
}

}  // namespace

void add_call_commands(CLI::App& app, Globals& globals) {
  auto o = std::make_shared<CallOptions>();
  CLI::App* command = app.add_subcommand("call", "Run any operation by its MCP tool's name");
  command->footer(
      footer("  openavail call list-meeting-classes\n"
             "  openavail call search-availability --input '{\"duration_minutes\": 30, …}'\n"
             "  openavail call create-event --input - < booking.json",
             "0 done, 1 failed, 2 not valid, 3 not found, 4 not allowed, 5 conflict, 6 later, "
             "10 rejected, 11 counter-proposed, 12 no slots, 13 calendar unavailable"));
  command->add_option("tool", o->tool, "create-event, search-availability, …")->required();
  command->add_option("--input", o->input, "JSON, or - for standard input; {} when left out");
  command->add_option("--key-file", o->key_file,
                      "A file that holds the key, or - for standard input (OPENAVAIL_API_KEY)");
  command->add_option("--idempotency-key", o->idempotency_key,
                      "The same key brings the first outcome again, for 24 hours");
  command->add_flag("--include-situation", o->include_situation,
                    "Answer the situation that was decided on, and its digest");
  command->callback([&globals, o] {
    if (globals.form == OutputForm::table) globals.form = OutputForm::json;
    run(globals, [&]() -> Status {
      if (o->input == "-" && o->key_file == "-") {
        return fail(ErrorCode::validation_failed, "standard input can't be both input and key",
                    "name a file with --key-file, or set OPENAVAIL_API_KEY");
      }
      std::string text = o->input.empty() ? "{}" : o->input;
      if (text == "-") text = read_up_to(std::cin, limits::kJsonLineBytesMax + 1);
      if (text.size() > limits::kJsonLineBytesMax) {
        return fail(ErrorCode::payload_too_large, "the input is larger than 1 MiB", "send less");
      }
      AgentRequest request;
      request.tool = o->tool;
      OA_TRY(request.input, operations::parse_json(text));
      request.key_file = o->key_file;
      request.idempotency_key = o->idempotency_key;
      request.include_situation = o->include_situation;
      return run_as_agent(globals, std::move(request));
    });
  });
  CLI::App* mcp = app.add_subcommand("mcp", "Serve MCP over standard input and output");
  mcp->footer(footer("  OPENAVAIL_API_KEY=$(cat planner.key) openavail mcp",
                     "0 end of input, 1 output broken, 2 settings"));
  mcp->callback([&globals] { globals.exit_code = serve_mcp(globals); });
}

}  // namespace openavail::cmd
