// Which third-party libraries this room links, and their versions.
#pragma once

#include <vector>

#include "base/library.h"

namespace openavail::crypto {

std::vector<Library> libraries();

}  // namespace openavail::crypto
