// Reading JSON from outside (wire contract, section 1): duplicate keys, nesting over
// limits::kJsonDepthMax and invalid UTF-8 are refused before anything is built.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "base/result.h"

namespace openavail::operations {

// Errors: validation_failed.
Result<nlohmann::json> parse_json(std::string_view text);

}  // namespace openavail::operations
