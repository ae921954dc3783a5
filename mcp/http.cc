#include "mcp/http.h"

#include "mcp/event_stream.h"
#include "mcp/http_headers.h"
#include "mcp/refusals.h"
#include "operations/json_guard.h"

namespace openavail::mcp {
namespace {

using nlohmann::json;
using transport::find_header;
using transport::Response;

constexpr const char* kRealm = "Bearer realm=\"openavail\"";
constexpr const char* kDenied = "permission_denied:";

Response json_response(int status, std::string body) {
  Response response;
  response.status = status;
  response.headers = {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}};
  response.body = std::move(body);
  return response;
}

// 401 and 403 say what would help; a scope is the permission's name.
Response refusal(const RpcError& error, const json& id = nullptr) {
  Response response = json_response(error.http_status, line_of(error_answer(error, id)));
  const std::string wire =
      error.data.is_object() ? error.data.value("error", std::string{}) : std::string{};
  if (error.http_status == 401) {
    response.headers.push_back(
        {"WWW-Authenticate",
         wire.empty() ? kRealm : kRealm + std::string(", error=\"invalid_token\"")});
  }
  if (error.http_status == 403 && !wire.empty()) {
    std::string challenge = kRealm + std::string(", error=\"insufficient_scope\"");
    if (wire.rfind(kDenied, 0) == 0) {
      challenge += ", scope=\"" + wire.substr(std::string_view(kDenied).size()) + "\"";
    }
    response.headers.push_back({"WWW-Authenticate", challenge});
  }
  return response;
}

Response refusal(int status, const std::string& message) {
  return refusal(RpcError{code::kRefused, message, nullptr, status});
}

Response accepted() {
  Response response;
  response.status = 202;
  return response;
}

// "application/json", whatever its parameters.
bool is_json(const transport::Request& request) {
  const auto type = find_header(request.headers, "Content-Type");
  if (!type) return false;
  std::string_view media = type->substr(0, type->find(';'));
  while (!media.empty() && media.back() == ' ') media.remove_suffix(1);
  return transport::same_name(media, "application/json");
}

std::string bearer_of(const transport::Request& request) {
  constexpr std::string_view kScheme = "bearer ";
  const auto sent = find_header(request.headers, "Authorization");
  if (!sent || sent->size() <= kScheme.size()) return {};
  if (!transport::same_name(sent->substr(0, kScheme.size()), kScheme)) return {};
  return std::string(sent->substr(kScheme.size()));
}

std::string supported_versions() {
  std::string text = kModernVersion;
  for (const char* version : kLegacyVersions) text += std::string(", ") + version;
  return text;
}

}  // namespace

HttpEndpoint::HttpEndpoint(HttpSettings settings)
    : settings_(std::move(settings)), guard_(settings_.allowed_hosts, settings_.allowed_origins) {}

Response HttpEndpoint::handle(const transport::Request& request, const std::string& request_id) {
  std::vector<transport::Header> added;
  auto refused = refuse_at_door(request, request_id, added);
  Response response = refused ? std::move(*refused) : handle_message(request);
  response.headers.insert(response.headers.end(), added.begin(), added.end());
  return response;
}

std::optional<Response> HttpEndpoint::refuse_at_door(const transport::Request& request,
                                                     const std::string& request_id,
                                                     std::vector<transport::Header>& added) {
  const auto host = find_header(request.headers, "Host");
  if (!host || !guard_.allows_host(*host)) {
    return refusal(403, "this server does not answer to that Host");
  }
  const auto origin = find_header(request.headers, "Origin");
  if (origin && !guard_.allows_origin(*origin)) {
    return refusal(403, "pages of that Origin may not call this server");
  }
  if (settings_.authenticate) {
    const std::string key = bearer_of(request);
    if (key.empty()) return refusal(401, "an API key is needed: Authorization: Bearer ak_…");
    if (const Status may = settings_.authenticate(key, request, request_id, added); !may) {
      return refusal(refusal_of(may.error()));
    }
  }
  if (request.method != "POST") {
    Response response = refusal(405, "only POST is served here");
    response.headers.push_back({"Allow", "POST"});
    return response;
  }
  if (!is_json(request)) return refusal(415, "Content-Type has to be application/json");
  return std::nullopt;
}

Response HttpEndpoint::handle_message(const transport::Request& request) {
  const auto message = operations::parse_json(request.body);
  if (!message) {
    return refusal(RpcError{code::kParseError, message.error().message(), nullptr, 400});
  }
  auto incoming = read_message(*message);
  if (!incoming) return refusal(incoming.error().error, incoming.error().id);
  if (incoming->kind == Incoming::Kind::response) {
    settings_.protocol.features().take_response(incoming->message);
    return accepted();
  }
  if (incoming->kind == Incoming::Kind::notification) return accepted();
  if (settings_.authenticate) incoming->request.caller.api_key = bearer_of(request);
  return handle_request(std::move(incoming->request), request.headers);
}

std::optional<RpcError> HttpEndpoint::check_headers(const Request& request,
                                                    const std::vector<transport::Header>& headers) {
  if (request.era == Era::legacy) {
    const auto version = find_header(headers, kVersionHeader);
    if (!version) return std::nullopt;
    const auto named = decoded_header(*version).value_or("");
    if (named == kModernVersion) {
      return RpcError{
          code::kInvalidParameters,
          std::string("the header names a modern revision, but _meta lacks ") + kVersionKey,
          nullptr, 400};
    }
    if (is_legacy_version(named)) return std::nullopt;
    return RpcError{code::kRefused,
                    "unsupported protocol version; supported: " + supported_versions(), nullptr,
                    400};
  }
  if (auto problem = check_version_header(request, headers, false)) {
    if (!settings_.accepts_legacy_version_header) return problem;
    problem = check_version_header(request, headers, true);
    if (problem) return problem;
    if (settings_.log) settings_.log("let pass: the header names a legacy revision of MCP");
  }
  if (auto problem = check_envelope(request)) return problem;
  if (auto problem = check_standard_headers(request, headers)) return problem;
  if (request.method != "tools/call") return std::nullopt;
  const json name = request.parameters.value("name", json());
  if (!name.is_string()) return std::nullopt;
  return check_parameter_headers(request, headers,
                                 settings_.protocol.features().mirrored_schema(name));
}

Response HttpEndpoint::handle_request(Request request,
                                      const std::vector<transport::Header>& headers) {
  if (const auto problem = check_headers(request, headers)) return refusal(*problem, request.id);
  Protocol& protocol = settings_.protocol;
  if (protocol.features().may_send(request)) {
    Response response;
    response.headers = {{"Content-Type", "text/event-stream"},
                        {"Cache-Control", "no-cache"},
                        {"X-Accel-Buffering", "no"}};
    response.stream = [&protocol, request = std::move(request)](transport::EventStream& stream) {
      answer_on_stream(protocol, request, stream);
    };
    return response;
  }
  NoExchange none;
  request.exchange = &none;
  const auto reply = protocol.answer(request);
  if (!reply) return accepted();
  if (reply->error) return refusal(*reply->error, request.id);
  return json_response(200, reply->text);
}

}  // namespace openavail::mcp
