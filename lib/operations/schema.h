// Holding input against an operation's schema.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "base/result.h"

namespace openavail::operations {

// A maxLength counts bytes of UTF-8. Errors: validation_failed with at most limits::kIssuesMax
// issues[]{path (JSON Pointer), message}; an unknown member is named with the nearest known one.
Status validate(const nlohmann::json& schema, const nlohmann::json& input);

}  // namespace openavail::operations
