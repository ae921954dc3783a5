#include "cmd/agent_call.h"

#include "cmd/commands.h"
#include "cmd/door.h"
#include "cmd/owner_zone.h"

namespace openavail::cmd {

using nlohmann::json;

Status run_as_agent(Globals& globals, AgentRequest request) {
  OA_TRY(const std::string api_key, read_api_key(request.key_file));
  OA_TRY(Door door, Door::open(globals));
  service::Call context;
  context.request_id = door.new_request_id();
  if (!request.idempotency_key.empty()) context.idempotency_key = request.idempotency_key;
  context.include_situation = request.include_situation;
  const auto outcome =
      door.runner().run(request.tool, std::move(request.input), api_key, std::move(context));
  globals.exit_code = outcome.exit_code;
  const json& body = outcome.body;
  const bool is_for_people = globals.form == OutputForm::table;
  if (!outcome.ok) report_body(globals, body, outcome.exit_code);
  if (is_for_people && (request.view != nullptr || !outcome.ok)) {
    // Of a server's owners nothing is known here: times stay in UTC.
    const time::Zone zone = door.local() != nullptr
                                ? zone_for(*door.local(), api_key, request.owner_email)
                                : time::Zone::utc();
    (outcome.ok ? request.view : view_refusal)(globals, body, zone);
    view_remarks(globals, body);
  } else if (outcome.ok && globals.form == OutputForm::jsonl && request.rows != nullptr) {
    print_list(globals, body.at(request.rows), {});
  } else if (outcome.ok) {
    print_json(globals, body);
  }
  return {};
}

}  // namespace openavail::cmd
