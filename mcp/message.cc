#include "mcp/message.h"

#include <algorithm>

namespace openavail::mcp {
namespace {

using nlohmann::json;

constexpr int kBadRequest = 400;

bool is_id(const json& id) { return id.is_string() || id.is_number_integer(); }

tl::unexpected<Unreadable> unreadable(int code, std::string message, json id = nullptr) {
  return tl::unexpected<Unreadable>(
      Unreadable{{code, std::move(message), nullptr, kBadRequest}, std::move(id)});
}

}  // namespace

bool is_legacy_version(std::string_view version) {
  return std::any_of(std::begin(kLegacyVersions), std::end(kLegacyVersions),
                     [&](const char* known) { return version == known; });
}

json error_answer(const RpcError& error, const json& id) {
  json body = {{"code", error.code}, {"message", error.message}};
  if (!error.data.is_null()) body["data"] = error.data;
  return {{"jsonrpc", "2.0"}, {"id", id}, {"error", std::move(body)}};
}

std::string line_of(const json& message) {
  return message.dump(-1, ' ', false, json::error_handler_t::replace);
}

json Request::meta() const {
  const auto found = parameters.find("_meta");
  return found != parameters.end() && found->is_object() ? *found : json::object();
}

RpcResult<std::string> Request::text(const char* name) const {
  const auto found = parameters.find(name);
  if (found == parameters.end() || !found->is_string()) {
    return rpc_fail(code::kInvalidParameters,
                    std::string("params.") + name + " has to be a string");
  }
  return found->get<std::string>();
}

bool Request::client_can(const char* capability) const {
  return client_capabilities.contains(capability);
}

tl::expected<Incoming, Unreadable> read_message(const json& message) {
  if (!message.is_object() || message.value("jsonrpc", json()) != "2.0") {
    return unreadable(code::kInvalidRequest,
                      "a JSON-RPC 2.0 request is one object with \"jsonrpc\":\"2.0\"");
  }
  const auto id = message.find("id");
  const auto method = message.find("method");
  Incoming incoming;
  if (method == message.end()) {
    if (message.contains("result") || message.contains("error")) {
      incoming.kind = Incoming::Kind::response;
      incoming.message = message;
      return incoming;
    }
    return unreadable(code::kInvalidRequest, "the method is missing",
                      id != message.end() && is_id(*id) ? *id : json());
  }
  if (!method->is_string()) return unreadable(code::kInvalidRequest, "method has to be a string");
  Request& request = incoming.request;
  request.method = *method;
  if (id == message.end()) {
    incoming.kind = Incoming::Kind::notification;
  } else if (is_id(*id)) {
    request.id = *id;
  } else {
    return unreadable(code::kInvalidRequest, "id has to be a string or an integer");
  }
  json parameters = message.value("params", json::object());
  if (!parameters.is_object()) {
    // A notification is never answered; its params are of no use then.
    if (incoming.kind == Incoming::Kind::notification) return incoming;
    return unreadable(code::kInvalidParameters, "params has to be an object", request.id);
  }
  request.parameters = std::move(parameters);
  const json meta = request.meta();
  if (!meta.contains(kVersionKey)) return incoming;
  request.era = Era::modern;
  if (const auto can = meta.find(kCapabilitiesKey); can != meta.end() && can->is_object()) {
    request.client_capabilities = *can;
  }
  return incoming;
}

std::optional<RpcError> check_envelope(const Request& request) {
  if (request.era == Era::legacy) return std::nullopt;
  const json meta = request.meta();
  const json& version = meta.at(kVersionKey);
  if (!version.is_string()) {
    return RpcError{code::kInvalidParameters, std::string(kVersionKey) + " has to be a string",
                    nullptr, kBadRequest};
  }
  if (version != kModernVersion) {
    return RpcError{code::kUnsupportedVersion,
                    "unsupported protocol version",
                    {{"supported", {kModernVersion}}, {"requested", version}},
                    kBadRequest};
  }
  const auto can = meta.find(kCapabilitiesKey);
  if (can == meta.end() || !can->is_object()) {
    return RpcError{code::kInvalidParameters, std::string("_meta lacks ") + kCapabilitiesKey,
                    nullptr, kBadRequest};
  }
  return std::nullopt;
}

}  // namespace openavail::mcp
