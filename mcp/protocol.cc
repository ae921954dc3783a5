#include "mcp/protocol.h"

#include <algorithm>

#include "mcp/tool_form.h"

namespace openavail::mcp {
namespace {

using nlohmann::json;

constexpr int kInvalidRequest = -32600;
constexpr int kMethodNotFound = -32601;
constexpr int kInvalidParameters = -32602;
constexpr int kUnsupportedVersion = -32022;
// Tools change only with the binary, so an hour is short enough for any cache.
constexpr int kListTtlMs = 3'600'000;

constexpr const char* kVersionKey = "io.modelcontextprotocol/protocolVersion";
constexpr const char* kCapabilitiesKey = "io.modelcontextprotocol/clientCapabilities";
constexpr const char* kServerInfoKey = "io.modelcontextprotocol/serverInfo";

struct RpcError {
  int code;
  std::string message;
  json data = nullptr;
};

json error_body(const RpcError& error) {
  json body = {{"code", error.code}, {"message", error.message}};
  if (!error.data.is_null()) body["data"] = error.data;
  return body;
}

bool is_id(const json& id) { return id.is_string() || id.is_number_integer(); }

// Calendars hold what others wrote, also broken UTF-8: replaced, since the call is done by then.
std::string text_of(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string answer(const json& id, const char* member, const std::string& text) {
  return R"({"jsonrpc":"2.0","id":)" + text_of(id) + ",\"" + member + "\":" + text + "}";
}

}  // namespace

std::string Protocol::refusal(int code, const std::string& message, const json& id) {
  return answer(id, "error", text_of(error_body({code, message})));
}

std::string Protocol::Result::text() const {
  std::string text = text_of(members);
  if (tools.empty()) return text;
  text.pop_back();
  text += members.empty() ? "\"tools\":" : ",\"tools\":";
  text += tools;
  text += '}';
  return text;
}

json Protocol::server_info() const {
  return {{"name", "openavail"}, {"title", "Openavail"}, {"version", settings_.version}};
}

std::string Protocol::instructions() const {
  if (!settings_.api_key) {
    return "No API key is set, so no tools are listed. Set OPENAVAIL_API_KEY in this server's "
           "environment; an administrator makes one with: openavail keys mint --agent NAME";
  }
  return "Openavail decides every booking by the calendar owner's rules. Begin with "
         "get-agent-context. Find a time with search-availability, hold it with create-hold while "
         "you ask your person, then confirm-hold or release-hold; or book at once with "
         "create-event. A refusal is an answer: take one of its alternatives or nextAvailable "
         "instead of asking for the same time again. Read get-pending-notifications when an answer "
         "carries pendingNotifications, act on them and acknowledge. All times carry a UTC offset.";
}

json Protocol::call_tool(const json& parameters) {
  const auto name_member = parameters.find("name");
  if (name_member == parameters.end() || !name_member->is_string()) {
    throw RpcError{kInvalidParameters, "params.name has to be a tool's name"};
  }
  const std::string name = *name_member;
  const auto& table = operations::operation_table();
  const auto info =
      std::find_if(table.begin(), table.end(), [&](const auto& row) { return row.name == name; });
  if (info == table.end() || !settings_.api_key) {
    throw RpcError{kInvalidParameters, "unknown tool; tools/list names them"};
  }
  json input = parameters.value("arguments", json::object());
  if (!input.is_object())
    throw RpcError{kInvalidParameters, "params.arguments has to be an object"};
  if (info->takes_owner && settings_.default_owner && !input.contains("owner_email")) {
    input["owner_email"] = *settings_.default_owner;
  }
  service::Call call;
  call.request_id = settings_.new_request_id();
  json structured;
  bool ok = false;
  if (auto opened = settings_.operations()) {
    operations::Outcome outcome =
        (*opened)->run(name, std::move(input), *settings_.api_key, call, operations::Door::mcp);
    ok = outcome.ok;
    structured = ok ? tool_output(name, std::move(outcome.body)) : tool_error(outcome.body);
  } else {
    structured = tool_error(operations::wire_error(opened.error()));
  }
  json result = {{"content", {{{"type", "text"}, {"text", text_of(structured)}}}},
                 {"isError", !ok}};
  if (ok) result["structuredContent"] = std::move(structured);
  return result;
}

Protocol::Result Protocol::result_of(const std::string& method, const json& parameters,
                                     bool modern) {
  if (method == "tools/list") {
    const auto cursor = parameters.find("cursor");
    if (cursor != parameters.end() && *cursor != "") {
      throw RpcError{kInvalidParameters, "there is no page of that cursor"};
    }
    json caching = json::object();
    if (modern) caching = {{"ttlMs", kListTtlMs}, {"cacheScope", "private"}};
    return {std::move(caching), settings_.api_key ? tool_list() : "[]"};
  }
  if (method == "tools/call") return {call_tool(parameters), {}};
  if (modern && method == "server/discover") {
    return {{{"supportedVersions", {kModernVersion}},
             {"capabilities", {{"tools", json::object()}}},
             {"instructions", instructions()},
             {"ttlMs", kListTtlMs},
             {"cacheScope", "private"}},
            {}};
  }
  if (!modern && method == "ping") return {json::object(), {}};
  if (!modern && method == "initialize") {
    const std::string asked = parameters.value("protocolVersion", std::string{});
    const bool known = std::any_of(std::begin(kLegacyVersions), std::end(kLegacyVersions),
                                   [&](const char* version) { return asked == version; });
    return {{{"protocolVersion", known ? asked : std::string(kLegacyVersions[0])},
             {"capabilities", {{"tools", json::object()}}},
             {"serverInfo", server_info()},
             {"instructions", instructions()}},
            {}};
  }
  throw RpcError{kMethodNotFound, "there is no method " + method};
}

std::optional<std::string> Protocol::handle(const json& message) {
  if (!message.is_object() || message.value("jsonrpc", json()) != "2.0") {
    return refusal(kInvalidRequest,
                   "a JSON-RPC 2.0 request is one object with \"jsonrpc\":\"2.0\"");
  }
  const auto id = message.find("id");
  const auto method = message.find("method");
  if (method == message.end()) {
    // A response is dropped, since we ask nothing; anything else waits for an answer.
    if (message.contains("result") || message.contains("error")) return std::nullopt;
    return refusal(kInvalidRequest, "the method is missing",
                   id != message.end() && is_id(*id) ? *id : json());
  }
  if (!method->is_string()) return refusal(kInvalidRequest, "method has to be a string");
  if (id == message.end()) return std::nullopt;  // a notification
  if (!is_id(*id)) return refusal(kInvalidRequest, "id has to be a string or an integer");
  try {
    const json parameters = message.value("params", json::object());
    if (!parameters.is_object()) throw RpcError{kInvalidParameters, "params has to be an object"};
    const json meta = parameters.value("_meta", json::object());
    const bool modern = meta.is_object() && meta.contains(kVersionKey);
    if (modern) {
      if (!meta.contains(kCapabilitiesKey) || !meta.at(kCapabilitiesKey).is_object()) {
        throw RpcError{kInvalidParameters, std::string("_meta lacks ") + kCapabilitiesKey};
      }
      if (meta.at(kVersionKey) != kModernVersion) {
        throw RpcError{kUnsupportedVersion,
                       "unsupported protocol version",
                       {{"supported", {kModernVersion}}, {"requested", meta.at(kVersionKey)}}};
      }
    }
    Result result = result_of(*method, parameters, modern);
    if (modern) {
      result.members["resultType"] = "complete";
      result.members["_meta"][kServerInfoKey] = server_info();
    }
    return answer(*id, "result", result.text());
  } catch (const RpcError& error) {
    return answer(*id, "error", text_of(error_body(error)));
  } catch (const json::exception&) {
    return refusal(kInvalidParameters, "a member of params has the wrong type", *id);
  }
}

}  // namespace openavail::mcp
