// Pages of lists. A cursor is opaque to clients and belongs to one list.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "base/limits.h"
#include "mcp/message.h"

namespace openavail::mcp {

// {list: [the page's entries], "nextCursor"?}. No cursor, or an empty one, is the first page.
// Errors: -32602 for a cursor that is not one of this list.
RpcResult<nlohmann::json> page_of(const std::string& list, const nlohmann::json& entries,
                                  const nlohmann::json& parameters,
                                  std::size_t entries_max = limits::kMcpPageEntriesMax);

}  // namespace openavail::mcp
