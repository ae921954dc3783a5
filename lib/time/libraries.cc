#include "time/libraries.h"

#include "time/zone.h"

namespace openavail::time {

std::vector<Library> libraries() {
  // The date library can't be asked; the build asks its package.
  return {{"date", OPENAVAIL_DATE_VERSION}, {"tzdata", tzdata_version()}};
}

}  // namespace openavail::time
