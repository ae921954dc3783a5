#include "mcp/protocol.h"

#include "mcp/page.h"

namespace openavail::mcp {
namespace {

using nlohmann::json;

constexpr int kNotFound = 404;

tl::unexpected<RpcError> no_method(const Request& request) {
  return rpc_fail(code::kMethodNotFound, "there is no method " + request.method, nullptr,
                  request.era == Era::modern ? kNotFound : 200);
}

// Lists depend on who asks, so no cache may share them.
void add_cache_hints(json& result, const Request& request, int ttl_ms) {
  if (request.era == Era::legacy) {
    result.erase("ttlMs");
    result.erase("cacheScope");
    return;
  }
  if (result.value("resultType", "") == "input_required") return;
  if (!result.contains("ttlMs")) result["ttlMs"] = ttl_ms;
  if (!result.contains("cacheScope")) result["cacheScope"] = "private";
}

}  // namespace

json Protocol::initialize(const Request& request) {
  const std::string asked = request.parameters.value("protocolVersion", std::string{});
  return {{"protocolVersion", is_legacy_version(asked) ? asked : std::string(kLegacyVersions[0])},
          {"capabilities", features_.capabilities(Era::legacy)},
          {"serverInfo", features_.server_info()},
          {"instructions", features_.instructions(request.caller)}};
}

json Protocol::discover(const Request& request) {
  return {{"supportedVersions", {kModernVersion}},
          {"capabilities", features_.capabilities(Era::modern)},
          {"instructions", features_.instructions(request.caller)}};
}

RpcResult<json> Protocol::list(const Request& request, const char* name) {
  const std::string list = name;
  RpcResult<json> entries = list == "resources" ? features_.resources(request)
                            : list == "prompts" ? features_.prompts(request)
                                                : features_.resource_templates(request);
  if (!entries) return entries;
  RpcResult<json> page = page_of(list, *entries, request.parameters);
  if (page) add_cache_hints(*page, request, features_.list_ttl_ms());
  return page;
}

RpcResult<Protocol::Result> Protocol::list_tools(const Request& request) {
  if (const auto cursor = request.parameters.find("cursor");
      cursor != request.parameters.end() && *cursor != "") {
    return rpc_fail(code::kInvalidParameters, "there is no page of that cursor");
  }
  Result result{json::object(), features_.tool_list(request)};
  add_cache_hints(result.members, request, features_.list_ttl_ms());
  return result;
}

RpcResult<Protocol::Result> Protocol::shared_method(const Request& request) {
  const std::string& method = request.method;
  if (method == "tools/list") return list_tools(request);
  RpcResult<json> result = json::object();
  if (method == "tools/call") {
    result = features_.call_tool(request);
  } else if (method == "resources/list") {
    result = list(request, "resources");
  } else if (method == "resources/templates/list") {
    result = list(request, "resourceTemplates");
  } else if (method == "resources/read") {
    result = features_.read_resource(request);
    if (result) add_cache_hints(*result, request, 0);
  } else if (method == "prompts/list") {
    result = list(request, "prompts");
  } else if (method == "prompts/get") {
    result = features_.get_prompt(request);
  } else if (method == "completion/complete") {
    result = features_.complete(request);
  } else {
    return no_method(request);
  }
  if (!result) return tl::unexpected<RpcError>(result.error());
  return Result{std::move(*result), {}};
}

RpcResult<Protocol::Result> Protocol::legacy_method(const Request& request) {
  const std::string& method = request.method;
  if (method == "initialize") return Result{initialize(request), {}};
  // There is no way back to a legacy client but the answer to its requests, so a level changes
  // nothing; clients that set one before anything else are served all the same.
  if (method == "ping" || method == "logging/setLevel") return Result{json::object(), {}};
  if (method == "resources/subscribe" || method == "resources/unsubscribe") {
    const auto uri = request.text("uri");
    if (!uri) return tl::unexpected<RpcError>(uri.error());
    return Result{json::object(), {}};
  }
  return shared_method(request);
}

RpcResult<std::optional<Protocol::Result>> Protocol::result_of(const Request& request) {
  const auto some = [](Result result) { return std::optional<Result>(std::move(result)); };
  if (request.era == Era::legacy) return legacy_method(request).map(some);
  if (request.method == "subscriptions/listen") {
    const json filter = request.parameters.value("notifications", json::object());
    if (!filter.is_object()) {
      return rpc_fail(code::kInvalidParameters, "params.notifications has to be an object");
    }
    auto ended = subscriptions_.listen(request, features_.honoured(filter));
    if (!ended) return tl::unexpected<RpcError>(ended.error());
    if (!*ended) return std::optional<Result>{};
    return some({std::move(**ended), {}});
  }
  if (request.method == "server/discover") {
    json found = discover(request);
    add_cache_hints(found, request, features_.list_ttl_ms());
    return some({std::move(found), {}});
  }
  return shared_method(request).map(some);
}

std::optional<Reply> Protocol::answer(const Request& request) {
  RpcResult<std::optional<Result>> result = std::optional<Result>{};
  try {
    result = result_of(request);
  } catch (const json::exception&) {
    result = rpc_fail(code::kInvalidParameters, "a member of params has the wrong type");
  }
  if (!result) return Reply{line_of(error_answer(result.error(), request.id)), result.error()};
  if (!*result) return std::nullopt;
  json& members = (*result)->members;
  if (request.era == Era::modern) {
    if (!members.contains("resultType")) members["resultType"] = "complete";
    members["_meta"][kServerInfoKey] = features_.server_info();
  }
  std::string text = line_of(members);
  if (!(*result)->tools.empty()) {
    text.pop_back();
    text += members.empty() ? "\"tools\":" : ",\"tools\":";
    text += (*result)->tools;
    text += '}';
  }
  return Reply{R"({"jsonrpc":"2.0","id":)" + line_of(request.id) + ",\"result\":" + text + "}",
               std::nullopt};
}

std::optional<std::string> Protocol::handle(const json& message, const Caller& caller,
                                            Exchange& exchange) {
  auto incoming = read_message(message);
  if (!incoming) return line_of(error_answer(incoming.error().error, incoming.error().id));
  if (incoming->kind == Incoming::Kind::response) features_.take_response(incoming->message);
  if (incoming->kind != Incoming::Kind::request) return std::nullopt;
  Request& request = incoming->request;
  if (const auto problem = check_envelope(request))
    return line_of(error_answer(*problem, request.id));
  request.caller = caller;
  request.exchange = &exchange;
  auto reply = answer(request);
  if (!reply) return std::nullopt;
  return std::move(reply->text);
}

std::optional<std::string> Protocol::handle(const json& message, const Caller& caller) {
  NoExchange none;
  return handle(message, caller, none);
}

}  // namespace openavail::mcp
