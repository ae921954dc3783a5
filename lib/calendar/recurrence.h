// The starts that a recurrence rule gives, one at a time, with refusal of rules that would spin
// inside one call of libical.
#pragma once

#include <functional>

#include "calendar/ical.h"

namespace openavail::calendar {

// Errors: validation_failed for rules finer than hourly, hourly ones with date parts, and rules
// whose month and day never meet.
Status check_tractable(const icalrecurrencetype& rule);

// Calls `sink` with each start from `first` on that lies in `needed`, in order, until it answers
// false; it may be told others as well. So a rule whose day hardly ever comes is not followed for
// centuries, nor an old series from its beginning. Errors: validation_failed beyond
// limits::kIteratorStepsPerEventMax steps.
Status each_start(icalrecurrencetype rule, const TimeReader::Wall& first, const Interval& needed,
                  const std::function<bool(const TimeReader::Wall&)>& sink);

}  // namespace openavail::calendar
