// The name and version of a library that is linked in. Each room that confines one has a
// `libraries()` of its own; `openavail version` puts them together.
#pragma once

#include <string>
#include <vector>

namespace openavail {

struct Library {
  std::string name;
  std::string version;
};

// What every room uses: nlohmann/json and tl::expected.
std::vector<Library> common_libraries();

}  // namespace openavail
