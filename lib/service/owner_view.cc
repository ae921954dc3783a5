#include "service/owner_view.h"

#include <nlohmann/json.hpp>

namespace openavail::service {

Status check_usable(const ports::Calendar& calendar) {
  if (!calendar.is_suspended) return {};
  return fail(Error(ErrorCode::calendar_unavailable,
                    "a calendar of this owner no longer looks like the one that was connected",
                    "an administrator has to look at it (openavail calendars check)")
                  .with_details(
                      {{"calendar_type", to_text(calendar.type)}, {"cause", "changed_identity"}}));
}

Result<OwnerView> load_owner_view(ports::Transaction& tx, const ports::Owner& owner) {
  OA_TRY(auto calendars, tx.calendars(owner.id));
  if (calendars.empty() || !calendars.front().is_primary) {
    return fail(ErrorCode::calendar_not_found, "this calendar owner has no primary calendar",
                "ask an administrator to connect one (openavail calendars add --primary)");
  }
  for (const ports::Calendar& calendar : calendars) OA_TRY_STATUS(check_usable(calendar));
  const auto& zone_name = calendars.front().timezone ? calendars.front().timezone : owner.timezone;
  if (!zone_name) {
    return fail(ErrorCode::calendar_not_found,
                "neither this calendar owner nor the primary calendar has a time zone",
                "ask an administrator to set one (openavail owners update --timezone)");
  }
  OA_TRY(auto zone, time::Zone::open(*zone_name));
  OA_TRY(const auto organisation, tx.rules(std::nullopt));
  OA_TRY(const auto own, tx.rules(owner.id));
  std::vector<std::string> addresses = owner.aliases;
  addresses.insert(addresses.begin(), owner.email);
  return OwnerView{owner, std::move(calendars), zone, policy::merge(organisation, own),
                   std::move(addresses)};
}

ChosenCalendar choose_calendar(const OwnerView& view, std::optional<CalendarType> hint) {
  ChosenCalendar chosen{view.calendars.front(), {}};
  if (!hint || *hint == chosen.calendar.type) return chosen;
  for (const ports::Calendar& calendar : view.calendars) {
    if (calendar.type != *hint) continue;
    chosen.calendar = calendar;
    return chosen;
  }
  Warning warning;
  warning.code = "CALENDAR_TYPE_FALLBACK";
  warning.requested = hint;
  warning.resolved = chosen.calendar.type;
  warning.message = "no " + std::string(to_text(*hint)) +
                    " calendar is connected; the primary one (" +
                    std::string(to_text(chosen.calendar.type)) + ") is used";
  chosen.warnings.push_back(std::move(warning));
  return chosen;
}

std::vector<Warning> rule_warnings(const policy::EffectiveRules& rules) {
  if (rules.working_hours) return {};
  Warning warning;
  warning.code = "WORKING_HOURS_NOT_CONFIGURED";
  warning.severity = "warning";
  warning.message = "no working hours are configured for this owner: any time of day can be booked";
  warning.agent_guidance =
      "prefer usual office hours in the owner's time zone, and tell the person you work for";
  return {warning};
}

Result<policy::MeetingClass> find_meeting_class(ports::Transaction& tx, const std::string& name) {
  OA_TRY(auto found, tx.find_class_by_name(name));
  if (found) return *found;
  OA_TRY(const auto known, tx.classes());
  nlohmann::json names = nlohmann::json::array();
  std::string list;
  for (const auto& c : known) {
    names.push_back(c.name);
    list += (list.empty() ? "" : ", ") + c.name;
  }
  return fail(Error(ErrorCode::invalid_meeting_class, "there is no meeting class of that name",
                    "use one of: " + list)
                  .with_details({{"available_classes", names}}));
}

}  // namespace openavail::service
