// "Did you mean": the nearest known name, for error messages.
//
// Thread rule: a free function without state.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace openavail {

// The known name with the smallest edit distance to `name` (letters compared without case, the
// first of equals); empty when `known` is empty or nothing is reasonably near.
std::string nearest_name(std::string_view name, const std::vector<std::string>& known);

}  // namespace openavail
