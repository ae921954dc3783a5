// The operations as tools.
#include <algorithm>

#include "mcp/calendar_features.h"
#include "mcp/preemption.h"
#include "mcp/progress.h"
#include "mcp/refusals.h"
#include "mcp/tool_form.h"

namespace openavail::mcp {
namespace {

using nlohmann::json;

// These read calendars, which may be far away, or wait for the owner's turn.
constexpr const char* kLongTools[] = {
    "search-availability", "create-hold",  "confirm-hold", "simulate",     "list-events",
    "search-events",       "create-event", "update-event", "delete-event", "get-event"};

const operations::OperationInfo* find_tool(const std::string& name) {
  const operations::OperationInfo* found = operations::find_operation(name);
  return found != nullptr && found->tool ? found : nullptr;
}

json content_of(const json& structured) {
  return {{{"type", "text"}, {"text", line_of(structured)}}};
}

json success(json structured) {
  return {{"content", content_of(structured)},
          {"isError", false},
          {"structuredContent", std::move(structured)}};
}

json failure(const json& structured) {
  return {{"content", content_of(structured)}, {"isError", true}};
}

json result_of(const std::string& tool, operations::Outcome outcome) {
  if (!outcome.ok) return failure(tool_error(outcome.body));
  return success(tool_output(tool, std::move(outcome.body)));
}

}  // namespace

std::string_view CalendarFeatures::tool_list(const Request& request) {
  return request.caller.api_key ? mcp::tool_list() : "[]";
}

bool CalendarFeatures::may_send(const Request& request) const {
  if (request.method == "subscriptions/listen") return request.era == Era::modern;
  if (request.method != "tools/call" || !Progress::is_wanted(request)) return false;
  const json name = request.parameters.value("name", json());
  return std::any_of(std::begin(kLongTools), std::end(kLongTools),
                     [&](const char* tool) { return name == tool; });
}

RpcResult<json> CalendarFeatures::call_tool(const Request& request) {
  auto name = request.text("name");
  if (!name) return tl::unexpected<RpcError>(name.error());
  const auto* info = find_tool(*name);
  if (info == nullptr || !request.caller.api_key) {
    return rpc_fail(code::kInvalidParameters, "unknown tool; tools/list names them");
  }
  json input = request.parameters.value("arguments", json::object());
  if (!input.is_object()) {
    return rpc_fail(code::kInvalidParameters, "params.arguments has to be an object");
  }
  const json arguments = input;
  if (info->takes_owner && request.caller.default_owner && !input.contains("owner_email")) {
    input["owner_email"] = *request.caller.default_owner;
  }
  if (request.exchange->is_cancelled()) {
    return rpc_fail(code::kRefused, "cancelled before it began");
  }
  std::optional<Heartbeat> heartbeat;
  if (may_send(request)) heartbeat.emplace(request, "working", settings_.progress_every);
  if (take_confirm_member(*name, input)) {
    return call_and_ask(request, *name, std::move(input), arguments);
  }
  return result_of(*name,
                   run(request, *name, std::move(input), new_call(), operations::Spelling::tool));
}

RpcResult<json> CalendarFeatures::call_and_ask(const Request& request, const std::string& tool,
                                               json input, const json& arguments) {
  const StateBinding binding{*request.caller.api_key, tool, arguments};
  service::Call call = new_call();
  call.may_displace.emplace();  // nothing, unless the person has agreed to it
  if (request.era == Era::modern && request.parameters.contains("requestState")) {
    const auto sent = request.text("requestState");
    if (!sent) return tl::unexpected<RpcError>(sent.error());
    const auto state = states_.open(*sent, binding);
    if (!state) return tl::unexpected<RpcError>(state.error());
    const Consent consent = consent_in(request);
    if (consent != Consent::none) {
      if (const auto spent = states_.spend(*state); !spent) {
        return tl::unexpected<RpcError>(spent.error());
      }
      if (consent == Consent::refused) return failure(declined());
      for (const json& id : state->facts.at("displaces")) {
        call.may_displace->emplace_back(id.get<std::string>());
      }
    }
  }
  operations::Outcome outcome =
      run(request, tool, std::move(input), std::move(call), operations::Spelling::tool);
  if (!outcome.ok || !outcome.body.contains("needs_confirmation")) {
    return result_of(tool, std::move(outcome));
  }
  if (!can_elicit_form(request)) return failure(ask_your_person(outcome.body));
  json displaces = json::array();
  for (const BookingId& id : displaced_ids(outcome.body)) displaces.push_back(id.text());
  const auto state = states_.seal(binding, {{"displaces", std::move(displaces)}});
  if (!state) return tl::unexpected<RpcError>(refusal_of(state.error()));
  return question(outcome.body, *state);
}

}  // namespace openavail::mcp
