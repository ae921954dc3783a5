// Which third-party libraries this room links, and their versions.
#pragma once

#include <vector>

#include "base/library.h"

namespace openavail::store {

std::vector<Library> libraries();

}  // namespace openavail::store
