// Times as a person reads them: in the zone of the owner whose calendar is spoken of.
//
// Thread rule: plain values and free functions; one thread at a time per Installation.
#pragma once

#include <string>
#include <string_view>

#include "cmd/installation.h"
#include "time/zone.h"

namespace openavail::cmd {

// The primary zone of the owner named, or of the only owner that the key's agent acts for. UTC
// where that is not one owner, or nothing is known of them: every time carries its offset anyway.
time::Zone zone_for(Installation& installation, std::string_view api_key,
                    const std::string& owner_email);

// "2027-03-01T09:00:00+01:00", which --start and --end take; "…Z" in UTC.
std::string local_instant(const time::Zone& zone, Instant t);
// "Mon"
std::string weekday_of(const time::Zone& zone, Instant t);
// "Mon 2027-03-01 09:00-09:30"
std::string local_span(const time::Zone& zone, const Interval& interval);
// "09:00"
std::string clock_of(const time::Zone& zone, Instant t);

}  // namespace openavail::cmd
