// The demo owner's calendar: objects as real programs write them, around one Tuesday.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "time/zone.h"

namespace openavail::cmd {

// File name and bytes.
std::vector<std::pair<std::string, std::string>> demo_calendar(time::LocalDate tuesday,
                                                               const std::string& owner);

}  // namespace openavail::cmd
