// call: the door to every operation.
#include <iostream>

#include "base/limits.h"
#include "cmd/agent_call.h"
#include "cmd/bounded_input.h"
#include "cmd/commands.h"
#include "operations/json_guard.h"

namespace openavail::cmd {
namespace {

using nlohmann::json;

struct CallOptions {
  std::string tool, input, key_file, idempotency_key;
  bool include_situation = false;
};

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
}

}  // namespace openavail::cmd
