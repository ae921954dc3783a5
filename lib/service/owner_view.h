// What the store says about an owner at one moment: all that a decision needs besides the
// calendars.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "policy/meeting_class.h"
#include "policy/rules.h"
#include "ports/store.h"
#include "service/answers.h"
#include "time/zone.h"

namespace openavail::service {

struct OwnerView {
  ports::Owner owner;
  std::vector<ports::Calendar> calendars;  // primary first
  time::Zone zone;                         // the primary zone
  policy::EffectiveRules rules;
  std::vector<std::string> addresses;  // email and aliases
};

// Errors: calendar_not_found (no usable primary calendar, or no zone), calendar_unavailable (a
// calendar is suspended).
Result<OwnerView> load_owner_view(ports::Transaction& tx, const ports::Owner& owner);

// Errors: calendar_unavailable for a suspended calendar.
Status check_usable(const ports::Calendar& calendar);

// The calendar to write to: the hinted type, else the primary one with a warning.
struct ChosenCalendar {
  ports::Calendar calendar;
  std::vector<Warning> warnings;
};
ChosenCalendar choose_calendar(const OwnerView& view, std::optional<CalendarType> hint);

// WORKING_HOURS_NOT_CONFIGURED where that is so.
std::vector<Warning> rule_warnings(const policy::EffectiveRules& rules);

// Errors: invalid_meeting_class with available_classes.
Result<policy::MeetingClass> find_meeting_class(ports::Transaction& tx, const std::string& name);

}  // namespace openavail::service
