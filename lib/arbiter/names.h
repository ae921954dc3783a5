// Names that only the engine's own files need (traces, canonical encoding).
//
// Thread rule: free functions without state.
#pragma once

#include <string_view>

#include "arbiter/decision.h"

namespace openavail::arbiter {

// The trace row that a reason belongs to: "off_day", "working_hours", "hard_block", "daily_cap" or
// "capacity" (arbitration contract, Checks).
std::string_view check_name(Reason reason);
std::string_view to_text(RequestKind kind);    // "search", "hold", …
std::string_view to_text(BookingState state);  // "writing", "committed", "displacing"

}  // namespace openavail::arbiter
