// One JSON-RPC message as MCP knows it, read and judged apart from any transport. The body decides
// the era: a request whose `_meta` names a protocol version is modern, everything else is legacy.
//
// Thread rule: plain values and pure functions.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <tl/expected.hpp>

namespace openavail::mcp {

class Exchange;

inline constexpr const char* kModernVersion = "2026-07-28";
inline constexpr const char* kLegacyVersions[] = {"2025-11-25", "2025-06-18", "2025-03-26",
                                                  "2024-11-05"};

bool is_legacy_version(std::string_view version);

// Members of `_meta`.
inline constexpr const char* kVersionKey = "io.modelcontextprotocol/protocolVersion";
inline constexpr const char* kCapabilitiesKey = "io.modelcontextprotocol/clientCapabilities";
inline constexpr const char* kServerInfoKey = "io.modelcontextprotocol/serverInfo";
inline constexpr const char* kLogLevelKey = "io.modelcontextprotocol/logLevel";
inline constexpr const char* kSubscriptionKey = "io.modelcontextprotocol/subscriptionId";

namespace code {
inline constexpr int kParseError = -32700;
inline constexpr int kInvalidRequest = -32600;
inline constexpr int kMethodNotFound = -32601;
inline constexpr int kInvalidParameters = -32602;
inline constexpr int kInternal = -32603;
inline constexpr int kRefused = -32000;           // by the door: origin, method, key, media type
inline constexpr int kResourceNotFound = -32002;  // legacy only
inline constexpr int kHeaderMismatch = -32020;
inline constexpr int kMissingCapability = -32021;
inline constexpr int kUnsupportedVersion = -32022;
}  // namespace code

// A protocol error. `http_status` is what HTTP says with it; stdio has no place for it.
struct RpcError {
  int code = code::kInternal;
  std::string message;
  nlohmann::json data = nullptr;
  int http_status = 200;
};

template <class T>
using RpcResult = tl::expected<T, RpcError>;
inline tl::unexpected<RpcError> rpc_fail(int code, std::string message,
                                         nlohmann::json data = nullptr, int http_status = 200) {
  return tl::unexpected<RpcError>(RpcError{code, std::move(message), std::move(data), http_status});
}

nlohmann::json error_answer(const RpcError& error, const nlohmann::json& id = nullptr);

// JSON text on one line. Calendars hold what others wrote, also broken UTF-8: it is replaced, since
// the call is done by then.
std::string line_of(const nlohmann::json& message);

enum class Era { legacy, modern };

// Who asks, and on what terms.
struct Caller {
  std::optional<std::string> api_key;        // without one nothing is offered
  std::optional<std::string> default_owner;  // filled in where an operation takes owner_email
};

struct Request {
  Era era = Era::legacy;
  nlohmann::json id;
  std::string method;
  nlohmann::json parameters = nlohmann::json::object();
  // Modern: as this request declares them. Legacy requests carry none.
  nlohmann::json client_capabilities = nlohmann::json::object();
  Caller caller;
  Exchange* exchange = nullptr;  // the way back to the client; lives as long as the request

  // `_meta`, or an empty object.
  nlohmann::json meta() const;
  // parameters[name] as text. Errors: -32602 naming the member.
  RpcResult<std::string> text(const char* name) const;
  bool client_can(const char* capability) const;
};

// What came in. A notification has no id, a response no method.
struct Incoming {
  enum class Kind { request, notification, response } kind = Kind::request;
  Request request;         // request: whole; notification: method and parameters
  nlohmann::json message;  // response
};

// Errors: -32600, with the id where it could be read (`data` is not used for it: see `id`).
struct Unreadable {
  RpcError error;
  nlohmann::json id;
};
tl::expected<Incoming, Unreadable> read_message(const nlohmann::json& message);

// What a modern request has to declare. Errors: -32022 with the supported versions, -32602.
std::optional<RpcError> check_envelope(const Request& request);

}  // namespace openavail::mcp
