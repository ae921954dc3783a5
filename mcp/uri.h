// Resource URIs: openavail://KIND/NAME, NAME percent-encoded as RFC 6570 expands {name}.
//
// Thread rule: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace openavail::mcp {

struct ResourceName {
  std::string kind;
  std::string name;  // decoded
};

std::string resource_uri(std::string_view kind, std::string_view name);
// Nothing for any other text, another scheme, an empty name or a broken encoding.
std::optional<ResourceName> parse_resource_uri(std::string_view uri);

}  // namespace openavail::mcp
