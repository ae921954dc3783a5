// The content lines of an iCalendar object (RFC 5545, 3.1), unfolded: for deciding, libical gets no
// more than deciding rests on.
//
// Thread rule: free functions without state; safe from any thread.
#pragma once

#include <string>
#include <string_view>

namespace openavail::calendar {

// Whether deciding rests on a property of this (upper-case) name. A malformed line of any other
// can't make time look free.
bool is_time_property(std::string_view name);

// A checked object (raw_text.h) without what deciding does not rest on: alarms, tasks, journals,
// zones that the system knows by name, text, guests who did not decline.
std::string deciding_lines(std::string_view text);

}  // namespace openavail::calendar
