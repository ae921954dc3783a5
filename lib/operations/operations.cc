#include "operations/operations.h"

#include "base/nearest.h"
#include "operations/handlers.h"
#include "operations/input.h"
#include "operations/schema.h"

namespace openavail::operations {
namespace {

using nlohmann::json;

const OperationInfo* find(std::string_view name) {
  for (const OperationInfo& info : operation_table()) {
    if (info.name == name) return &info;
  }
  return nullptr;
}

Outcome refused(const Error& error) {
  return {false, wire_error(error), error.code(), exit_code_of(error)};
}

// What former generations of clients send and no one needs.
void drop_former_members(const std::string& name, json& input) {
  input.erase("agent_id");
  if (name == "confirm-hold") input.erase("meeting_class");
}

}  // namespace

json wire_error(const Error& error) {
  json body = error.details().is_object() ? error.details() : json::object();
  json inner = body.value("error", json::object());
  inner["code"] = error.wire_code();
  inner["message"] = error.message();
  if (!error.next().empty()) inner["next"] = error.next();
  body["error"] = std::move(inner);
  if (!body.contains("pending_notifications")) body["pending_notifications"] = json::array();
  return body;
}

int exit_code_of(const Error& error) {
  constexpr int kCounterProposed = 11;
  if (error.code() == ErrorCode::arbitration_rejected && error.details().is_object() &&
      error.details().value("/error/reason"_json_pointer, "") == "COUNTER_PROPOSED") {
    return kCounterProposed;
  }
  return info(error.code()).exit_code;
}

Outcome Operations::run(std::string_view name, json input, std::string_view api_key,
                        service::Call call, Door door) {
  const auto verified = service_.authenticate(api_key, call);
  if (!verified) {
    service_.tell(verified.error());
    return refused(verified.error());
  }
  service::AgentCall agent_call{call, *verified};
  const OperationInfo* info = find(name);
  const auto refuse = [&](Error error) {
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
  if (!input.is_object()) {
    return refuse(
        Error(ErrorCode::validation_failed, "the input has to be a JSON object", "send an object"));
  }
  drop_former_members(info->name, input);
  if (auto valid = validate(input_schema(*info, door), input); !valid) {
    return refuse(valid.error());
  }
  if (const auto key = text_in(input, "idempotency_key")) agent_call.idempotency_key = *key;
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
  for (const auto& n : service_.pending(*verified)) pending.push_back(to_json(n));
  outcome.body["pending_notifications"] = std::move(pending);
  return outcome;
}

}  // namespace openavail::operations
