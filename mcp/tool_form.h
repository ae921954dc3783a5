// How an operation looks as an MCP tool: its entry in tools/list, and its answers in the spelling
// of the wire contract, section 5.
//
// Thread rule: pure functions, safe from any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "operations/operations.h"

namespace openavail::mcp {

// A member of the tools that can displace others; their operations do not have it.
inline constexpr const char* kConfirmMember = "confirm_preemption";
bool can_confirm_preemption(const std::string& tool);

nlohmann::json tool_of(const operations::OperationInfo& info);

// tool_of every operation in the table's order, as the text of a JSON array; made by the build
// (mcp/generate), so that a process lists its tools without parsing any schema.
std::string_view tool_list();

// The structured content of a success, and the text's object of a refusal, from what
// Operations::run answered.
nlohmann::json tool_output(const std::string& name, nlohmann::json body);
nlohmann::json tool_error(const nlohmann::json& body);

}  // namespace openavail::mcp
