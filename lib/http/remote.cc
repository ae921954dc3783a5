#include "http/remote.h"

#include <utility>
#include <vector>

#include "http/routes.h"

namespace openavail::http {
namespace {

using nlohmann::json;
using operations::OperationInfo;
using operations::Outcome;

// What search-events asks is a list with a query.
constexpr std::string_view kSearchEvents = "search-events";
constexpr std::string_view kListEvents = "list-events";

Outcome failed(const Error& error) {
  return {false, operations::wire_error(error), error.code(), operations::exit_code_of(error)};
}

std::string text_of(const json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

struct Sent {
  std::string target;
  std::string body;
};

Sent sent_as(const OperationInfo& operation, json input) {
  Sent sent;
  std::string_view pattern = operation.rest->path;
  while (!pattern.empty()) {
    const auto open = pattern.find('{');
    sent.target += pattern.substr(0, open);
    if (open == std::string_view::npos) break;
    const auto close = pattern.find('}', open);
    const std::string member(pattern.substr(open + 1, close - open - 1));
    sent.target += percent_encoded(text_of(input.value(member, json(""))));
    input.erase(member);
    pattern.remove_prefix(close + 1);
  }
  const std::string& method = operation.rest->method;
  if (method == "POST" || method == "PATCH") {
    sent.body = input.dump(-1, ' ', false, json::error_handler_t::replace);
    return sent;
  }
  char mark = '?';
  for (const auto& [name, value] : input.items()) {
    sent.target += mark + percent_encoded(name) + "=" + percent_encoded(text_of(value));
    mark = '&';
  }
  return sent;
}

// REST takes the key in a header, and search-events is list-events there.
const OperationInfo* prepare(std::string_view name, json& input, service::Call& call,
                             operations::Spelling spelling) {
  const OperationInfo* operation = operations::find_operation(name);
  if (operation == nullptr) return nullptr;
  if (spelling == operations::Spelling::tool && operation->tool) {
    operations::rename_members(*operation->tool, input);
  }
  if (const auto key = input.find("idempotency_key"); key != input.end() && key->is_string()) {
    call.idempotency_key = key->get<std::string>();
    input.erase("idempotency_key");
  }
  if (name != kSearchEvents) return operation;
  if (const auto q = input.find("q"); q != input.end()) {
    input["query"] = *q;
    input.erase("q");
  }
  return operations::find_operation(kListEvents);
}

}  // namespace

Result<operations::KeyHolder> Remote::holder(std::string_view api_key, const service::Call& call) {
  const Outcome outcome = run("get-agent", json::object(), api_key, call);
  if (!outcome.ok) {
    const json& error = outcome.body.at("error");
    return fail(outcome.code, error.value("message", ""), error.value("next", ""));
  }
  const json& agent = outcome.body.at("agent");
  operations::KeyHolder found;
  found.agent_id = agent.at("id").get<std::string>();
  found.agent_name = agent.at("name").get<std::string>();
  found.permissions = agent.at("permissions").get<std::vector<std::string>>();
  found.owner_scope = agent.at("owner_scope").get<std::vector<std::string>>();
  return found;
}

Outcome Remote::run(std::string_view name, json input, std::string_view api_key, service::Call call,
                    operations::Spelling spelling) {
  if (!input.is_object()) {
    return failed(
        Error(ErrorCode::validation_failed, "the input has to be a JSON object", "send an object"));
  }
  const OperationInfo* operation = prepare(name, input, call, spelling);
  if (operation == nullptr || !operation->rest) {
    return failed(Error(ErrorCode::not_found, "the server has no operation of that name",
                        "GET /openapi.json lists them"));
  }
  if (call.include_situation) input["include_situation"] = true;
  if (call.may_displace) {
    json& agreed = input["may_displace"] = json::array();
    for (const BookingId& id : *call.may_displace) agreed.push_back(id.text());
  }
  const Sent sent = sent_as(*operation, std::move(input));
  std::vector<transport::Header> headers = {{"Authorization", "Bearer " + std::string(api_key)},
                                            {"Accept", "application/json"}};
  if (!call.request_id.empty()) headers.push_back({"X-Request-Id", call.request_id});
  if (!sent.body.empty()) headers.push_back({"Content-Type", "application/json"});
  if (call.idempotency_key) headers.push_back({"Idempotency-Key", *call.idempotency_key});
  const auto reply = client_->send(operation->rest->method, sent.target, headers, sent.body);
  if (!reply) return failed(reply.error());
  Outcome outcome;
  outcome.ok = reply->status == 200;
  outcome.body = json::parse(reply->body, nullptr, false);
  const bool is_ours = outcome.body.is_object() && (outcome.ok || outcome.body.contains("error"));
  if (!is_ours) {
    return failed(Error(ErrorCode::internal,
                        "the server's answer is not one of Openavail (status " +
                            std::to_string(reply->status) + ")",
                        "check the URL"));
  }
  if (outcome.ok) {
    outcome.body = from_rest(*operation, std::move(outcome.body));
    return outcome;
  }
  for (const char* added : {"type", "title", "status", "detail", "instance"}) {
    outcome.body.erase(added);
  }
  outcome.exit_code = operations::exit_code_of(outcome.body, reply->status);
  std::string code = outcome.body.at("error").value("code", "");
  code.resize(std::min(code.find(':'), code.size()));
  outcome.code = error_code_from_wire(code).value_or(ErrorCode::internal);
  return outcome;
}

}  // namespace openavail::http
