#include "operations/libraries.h"

namespace openavail::operations {

std::vector<Library> libraries() {
  // valijson can't be asked; the build asks its package.
  return {{"valijson", OPENAVAIL_VALIJSON_VERSION}};
}

}  // namespace openavail::operations
