#include "calendar/libraries.h"

#include <libical/ical.h>
#include <unicode/uversion.h>

namespace openavail::calendar {

std::vector<Library> libraries() {
  UVersionInfo version;
  u_getVersion(version);
  char text[U_MAX_VERSION_STRING_LENGTH];
  u_versionToString(version, text);
  return {{"libical", std::string(ICAL_VERSION) + "." + std::to_string(ICAL_PATCH_VERSION)},
          {"ICU", text}};
}

}  // namespace openavail::calendar
