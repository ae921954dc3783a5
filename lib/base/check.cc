#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace openavail {

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "openavail: internal check failed: %s (%s:%d)\n", condition, file, line);
  std::abort();
}

}  // namespace openavail
