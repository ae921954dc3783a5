// What the text of an iCalendar object has to hold before libical may see it: libical closes what
// is open, cuts numbers that are too long for it, and frees nested components by recursion.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace openavail::calendar {

// The text from BEGIN:VCALENDAR to END:VCALENDAR, without a byte-order mark and what blank lines
// stand behind it. Errors: validation_failed for a text that is cut short, holds a zero byte, is
// not balanced, is nested deeper than limits::kCalendarNestingMax, or has a number in a rule or
// duration that libical would cut.
Result<std::string> checked_text(std::string_view bytes);

}  // namespace openavail::calendar
