// Headers that repeat what the body of a modern request says, so that what stands between can route
// without reading bodies. A header that says something else, or nothing, is refused: -32020.
//
// Thread rule: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mcp/message.h"
#include "transport/message.h"

namespace openavail::mcp {

inline constexpr const char* kVersionHeader = "MCP-Protocol-Version";

// Without surrounding spaces; "=?base64?…?=" decoded. Nothing: the encoding is broken.
std::optional<std::string> decoded_header(std::string_view value);

// MCP-Protocol-Version against `_meta`. `accepts_legacy`: a header that names a legacy revision
// passes, for clients that send the one they shook hands with.
std::optional<RpcError> check_version_header(const Request& request,
                                             const std::vector<transport::Header>& headers,
                                             bool accepts_legacy);
// Mcp-Method, and Mcp-Name where the method has a name.
std::optional<RpcError> check_standard_headers(const Request& request,
                                               const std::vector<transport::Header>& headers);
// Mcp-Param-NAME for every property of the tool's input that carries "x-mcp-header": NAME.
std::optional<RpcError> check_parameter_headers(const Request& request,
                                                const std::vector<transport::Header>& headers,
                                                const nlohmann::json& input_schema);

}  // namespace openavail::mcp
