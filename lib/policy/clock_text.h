// "HH:MM" as minutes since midnight, and the form of zone names: shared by the two text forms of
// weekly rows.
//
// Thread rule: free functions without state.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace openavail::policy {

// "09:30" is 570, "24:00" is 1440; nullopt for anything else.
std::optional<int> minutes_from_clock(std::string_view text);
// The inverse; minutes in [0, 1440].
std::string clock_from_minutes(int minutes);
// "UTC" or "Area/City": the form alone, not whether the zone exists.
bool looks_like_zone(std::string_view text);

}  // namespace openavail::policy
