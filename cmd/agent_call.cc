#include "cmd/agent_call.h"

#include "cmd/commands.h"
#include "cmd/owner_zone.h"

namespace openavail::cmd {

using nlohmann::json;

Status run_as_agent(Globals& globals, AgentRequest request) {
  OA_TRY(const std::string api_key, read_api_key(request.key_file));
  Installation installation(globals.data_directory);
  service::Call context;
  context.request_id = installation.new_request_id();
  if (!request.idempotency_key.empty()) context.idempotency_key = request.idempotency_key;
  context.include_situation = request.include_situation;
  const auto outcome = installation.operations().run(request.tool, std::move(request.input),
                                                     api_key, std::move(context));
  globals.exit_code = outcome.exit_code;
  const json& body = outcome.body;
  const bool is_for_people = globals.form == OutputForm::table;
  if (!outcome.ok) report_body(globals, body, outcome.exit_code);
  if (is_for_people && (request.view != nullptr || !outcome.ok)) {
    const time::Zone zone = zone_for(installation, api_key, request.owner_email);
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
