// What each operation does with its validated input.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "base/result.h"
#include "service/agent_service.h"

namespace openavail::operations {

using Handler = Result<nlohmann::json> (*)(service::AgentService&, const service::AgentCall&,
                                           const nlohmann::json&);

// Null for a name that the table does not have.
Handler handler_of(std::string_view name);

}  // namespace openavail::operations
