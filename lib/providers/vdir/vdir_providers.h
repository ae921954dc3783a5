// Calendars that are folders of iCalendar files.
#pragma once

#include <memory>

#include "base/entropy.h"
#include "ports/calendar_provider.h"

namespace openavail::providers {

// Knows the provider "vdir"; a location is the folder's absolute path. `entropy` must outlive it.
std::unique_ptr<ports::CalendarProviders> make_vdir_providers(Entropy& entropy);

}  // namespace openavail::providers
