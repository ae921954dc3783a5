// The Model Context Protocol's wire layer, apart from any transport: one JSON-RPC message in, at
// most one out. Both eras are served side by side; the message decides (a `_meta` protocol version
// is modern).
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "operations/operations.h"

namespace openavail::mcp {

inline constexpr const char* kModernVersion = "2026-07-28";
inline constexpr const char* kLegacyVersions[] = {"2025-11-25", "2025-06-18", "2025-03-26",
                                                  "2024-11-05"};

struct ServerSettings {
  std::string version;                       // of the server
  std::optional<std::string> api_key;        // without one no tool is listed
  std::optional<std::string> default_owner;  // filled in where an operation takes owner_email
  std::function<std::string()> new_request_id;
  // Opens what a call needs (database, keys); not called for lists.
  std::function<Result<operations::Operations*>()> operations;
};

class Protocol {
 public:
  explicit Protocol(ServerSettings settings) : settings_(std::move(settings)) {}

  // The answer to a request, as JSON text on one line; nothing for a notification. Thread rule:
  // safe from any thread.
  std::optional<std::string> handle(const nlohmann::json& message);

  // An answer to what is no request at all: -32700 or -32600 with a null id.
  static std::string refusal(int code, const std::string& message,
                             const nlohmann::json& id = nullptr);

 private:
  // A result's members; the list of tools stands beside them as text that is ready.
  struct Result {
    nlohmann::json members;
    std::string_view tools;
    std::string text() const;
  };
  Result result_of(const std::string& method, const nlohmann::json& parameters, bool modern);
  nlohmann::json call_tool(const nlohmann::json& parameters);
  std::string instructions() const;
  nlohmann::json server_info() const;

  ServerSettings settings_;
};

}  // namespace openavail::mcp
