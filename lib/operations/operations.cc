#include "operations/operations.h"

#include "base/check.h"
#include "base/nearest.h"
#include "keys/key_text.h"
#include "operations/answers.h"
#include "operations/handlers.h"
#include "operations/input.h"
#include "operations/schema.h"

namespace openavail::operations {
namespace {

using nlohmann::json;

constexpr int kCounterProposed = 11;  // an exit code

Outcome refused(const Error& error) {
  return {false, wire_error(error), error.code(), exit_code_of(error)};
}

// What former generations of clients send and no one needs.
void drop_former_members(const OperationInfo& info, json& input) {
  const json& known = info.row->at("input").at("properties");
  if (!known.contains("agent_id")) input.erase("agent_id");
  if (info.name == "confirm-hold") input.erase("meeting_class");
}

// Issues name members as the caller spelled them.
Error with_tool_paths(Error error, const ToolBinding& tool) {
  if (!error.details().is_object() || !error.details().contains("issues")) return error;
  json details = error.details();
  for (json& issue : details.at("issues")) {
    for (const auto& [from, to] : tool.renamed) {
      if (issue.at("path") == "/" + to) issue["path"] = "/" + from;
    }
  }
  error.with_details(std::move(details));
  return error;
}

}  // namespace

const OperationInfo* find_operation(std::string_view name) {
  for (const OperationInfo& info : operation_table()) {
    if (info.name == name) return &info;
  }
  return nullptr;
}

void rename_members(const ToolBinding& tool, json& input) {
  for (const auto& [from, to] : tool.renamed) {
    const auto member = input.find(from);
    if (member == input.end()) continue;
    input[to] = std::move(*member);
    input.erase(from);
  }
}

namespace {

// Whatever an error repeats of its input, no key is in it.
void hide_keys(json& value) {
  if (value.is_string()) {
    auto& text = value.get_ref<std::string&>();
    if (text.find("ak_") != std::string::npos) text = keys::without_keys(text);
  } else if (value.is_structured()) {
    for (json& inner : value) hide_keys(inner);
  }
}

}  // namespace

json wire_error(const Error& error) {
  json body = error.details().is_object() ? error.details() : json::object();
  json inner = body.value("error", json::object());
  inner["code"] = error.wire_code();
  inner["message"] = error.message();
  if (!error.next().empty()) inner["next"] = error.next();
  body["error"] = std::move(inner);
  // What is wrong with the input as a whole has the empty path (RFC 6901).
  if (error.code() == ErrorCode::validation_failed && !body.contains("issues")) {
    body["issues"] = json::array({{{"path", ""}, {"message", error.message()}}});
  }
  if (!body.contains("pending_notifications")) body["pending_notifications"] = json::array();
  hide_keys(body);
  return body;
}

int exit_code_of(const Error& error) {
  if (error.code() == ErrorCode::arbitration_rejected && error.details().is_object() &&
      error.details().value("/error/reason"_json_pointer, "") == "COUNTER_PROPOSED") {
    return kCounterProposed;
  }
  return info(error.code()).exit_code;
}

int exit_code_of(const json& wire_body, int status) {
  const json error = wire_body.value("error", json::object());
  std::string code = error.value("code", "");
  code.resize(std::min(code.find(':'), code.size()));
  if (error.value("reason", "") == "COUNTER_PROPOSED") return kCounterProposed;
  if (const auto known = error_code_from_wire(code)) return info(*known).exit_code;
  return status == 429 ? info(ErrorCode::rate_limited).exit_code
                       : info(ErrorCode::internal).exit_code;
}

Result<KeyHolder> Operations::holder(std::string_view api_key, const service::Call& call) {
  OA_TRY(const keys::VerifiedKey key, service_.authenticate(api_key, call));
  return holder(key, call);
}

Result<KeyHolder> Operations::holder(const keys::VerifiedKey& key, const service::Call& call) {
  OA_TRY(service::AgentView found, service_.holder(key, call));
  return KeyHolder{found.id.text(), std::move(found.name), std::move(found.permissions),
                   std::move(found.owner_scope)};
}

Outcome Operations::run(std::string_view name, json input, std::string_view api_key,
                        service::Call call, Spelling spelling) {
  const auto verified = authenticate(api_key, call);
  if (!verified) return refused(verified.error());
  return run(name, std::move(input), *verified, std::move(call), spelling);
}

Result<keys::VerifiedKey> Operations::authenticate(std::string_view api_key,
                                                   const service::Call& call) {
  auto verified = service_.authenticate(api_key, call);
  if (!verified) service_.tell(verified.error());
  return verified;
}

bool Operations::has_verified(std::string_view api_key) const {
  return service_.has_verified(api_key);
}

Outcome Operations::run(std::string_view name, json input, const keys::VerifiedKey& key,
                        service::Call call, Spelling spelling) {
  service::AgentCall agent_call{std::move(call), key};
  const OperationInfo* info = find_operation(name);
  const bool is_tool = info != nullptr && spelling == Spelling::tool && info->tool;
  const auto refuse = [&](Error error) {
    if (is_tool) error = with_tool_paths(std::move(error), *info->tool);
    const Error answered = service_.refuse(
        agent_call, info != nullptr ? info->name : "unknown_operation", std::move(error));
    service_.tell(answered);
    return refused(answered);
  };
  if (info == nullptr) {
    std::vector<std::string> known;
    for (const OperationInfo& row : operation_table()) known.push_back(row.name);
    const std::string nearest = nearest_name(name, known);
    return refuse(Error(ErrorCode::not_found, "there is no operation of that name",
                        nearest.empty() ? "" : "did you mean " + nearest + "?"));
  }
  if (!info->needs_key) return run_open(name);
  if (!input.is_object()) {
    return refuse(
        Error(ErrorCode::validation_failed, "the input has to be a JSON object", "send an object"));
  }
  drop_former_members(*info, input);
  if (auto valid =
          ready_input_schema(*info, is_tool ? Spelling::tool : Spelling::rest).validate(input);
      !valid) {
    // Its paths are the caller's already.
    const Error answered = service_.refuse(agent_call, info->name, valid.error());
    service_.tell(answered);
    return refused(answered);
  }
  if (is_tool) rename_members(*info->tool, input);
  if (const auto idempotency = text_in(input, "idempotency_key")) {
    agent_call.idempotency_key = *idempotency;
  }
  if (const auto agreed = input.find("may_displace"); agreed != input.end()) {
    agent_call.may_displace.emplace();
    for (const json& id : *agreed) agent_call.may_displace->emplace_back(id.get<std::string>());
  }
  agent_call.include_situation =
      agent_call.include_situation || input.value("include_situation", false);
  auto answer = handler_of(info->name)(service_, agent_call, input);
  Outcome outcome;
  if (answer) {
    outcome.ok = true;
    outcome.body = std::move(*answer);
  } else {
    // Input that the schema could not judge (a time without a zone, an id that is none) never
    // reached its use case and has no row yet. Only such errors list issues.
    const bool is_unrecorded = answer.error().details().contains("issues") ||
                               answer.error().code() == ErrorCode::lookahead_exceeds_maximum;
    if (is_unrecorded) {
      outcome = refuse(answer.error());
    } else {
      service_.tell(answer.error());
      outcome = refused(answer.error());
    }
  }
  json pending = json::array();
  for (const auto& n : service_.pending(key)) pending.push_back(to_json(n));
  outcome.body["pending_notifications"] = std::move(pending);
  return outcome;
}

Outcome Operations::run_open(std::string_view name) {
  const OperationInfo* info = find_operation(name);
  OA_CHECK(info != nullptr && !info->needs_key);
  auto answer = handler_of(info->name)(service_, service::AgentCall{}, json::object());
  if (!answer) return refused(answer.error());
  Outcome outcome;
  outcome.ok = true;
  outcome.body = std::move(*answer);
  return outcome;
}

Outcome Operations::refuse(const OperationInfo& operation, const keys::VerifiedKey& key,
                           const service::Call& call, Error error) {
  const service::AgentCall agent_call{call, key};
  const Error answered = service_.refuse(agent_call, operation.name, std::move(error));
  service_.tell(answered);
  return refused(answered);
}

Status Operations::permit(const keys::VerifiedKey& key, const service::Call& call,
                          policy::Permission permission, const std::string& action) {
  return service_.permit(service::AgentCall{call, key}, permission, action);
}

}  // namespace openavail::operations
