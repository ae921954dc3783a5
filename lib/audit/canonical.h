// RFC 8785 (JSON canonicalisation) for the values that rows are made of.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace openavail::audit {

// True when the text nests at most limits::kJsonDepthMax deep, strings apart: what may be given to
// a parser that calls itself.
bool is_shallow(std::string_view text);

// True when the value holds only what canonical_json can write: null, booleans, strings, integers
// of at most 2^53 - 1 in size, arrays, and objects with ASCII names. For values from outside.
bool can_be_canonical(const nlohmann::json& value);

// The canonical bytes. Members are sorted by name, no white space, only the escapes that RFC 8785
// wants. Bytes that are not UTF-8 become U+FFFD, so a row can always be written. What
// can_be_canonical refuses is a broken invariant.
std::string canonical_json(const nlohmann::json& value);

}  // namespace openavail::audit
