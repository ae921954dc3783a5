// The content lines of an iCalendar object (RFC 5545, 3.1), unfolded and looked through before
// libical sees them: what it would mend without a word is refused, and for deciding it gets no more
// than deciding rests on.
//
// Thread rule: free functions without state; safe from any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace openavail::calendar {

// Whether deciding rests on a property of this (upper-case) name. A malformed line of any other
// can't make time look free.
bool is_time_property(std::string_view name);

// Errors: validation_failed when BEGIN and END do not match, or a rule's INTERVAL is too large.
Status check_lines(std::string_view text);

// A checked object without what deciding does not rest on: alarms, tasks, journals, zones that the
// system knows by name, text, guests who did not decline.
std::string deciding_lines(std::string_view text);

}  // namespace openavail::calendar
