#include "base/library.h"

#include <nlohmann/json.hpp>
#include <tl/expected.hpp>

namespace openavail {
namespace {

std::string version_of(int major, int minor, int patch) {
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

}  // namespace

std::vector<Library> common_libraries() {
  return {{"nlohmann/json", version_of(NLOHMANN_JSON_VERSION_MAJOR, NLOHMANN_JSON_VERSION_MINOR,
                                       NLOHMANN_JSON_VERSION_PATCH)},
          {"tl::expected", version_of(TL_EXPECTED_VERSION_MAJOR, TL_EXPECTED_VERSION_MINOR,
                                      TL_EXPECTED_VERSION_PATCH)}};
}

}  // namespace openavail
