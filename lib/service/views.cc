#include "service/views.h"

namespace openavail::service {

std::vector<CalendarView> calendar_views(const OwnerView& view) {
  std::vector<CalendarView> views;
  for (const ports::Calendar& calendar : view.calendars) {
    views.push_back(
        {calendar.type, calendar.is_primary, calendar.timezone.value_or(view.zone.name())});
  }
  return views;
}

ScheduleRulesView rules_view(const OwnerView& view) {
  ScheduleRulesView rules;
  if (view.rules.working_hours) rules.working_hours = *view.rules.working_hours;
  for (policy::WeeklyRow& row : rules.working_hours) {
    if (!row.timezone) row.timezone = view.zone.name();
  }
  rules.slot_interval_minutes = view.rules.slot_interval_minutes;
  rules.max_daily_meeting_minutes = view.rules.max_daily_meeting_minutes;
  return rules;
}

Result<AgentView> agent_view(ports::Transaction& tx, const ports::Agent& agent) {
  AgentView view{agent.id, agent.name, agent.permissions.names(), {}};
  for (const OwnerId& id : agent.owners) {
    OA_TRY(const auto owner, tx.find_owner(id));
    if (owner) view.owner_scope.push_back(owner->email);
  }
  return view;
}

Result<std::vector<NotificationView>> notification_views(ports::Transaction& tx,
                                                         const AgentId& agent, Instant since) {
  OA_TRY(const auto notifications, tx.notifications(agent, since, false));
  std::vector<NotificationView> views;
  for (const ports::Notification& n : notifications) {
    OA_TRY(const auto owner, tx.find_owner(n.owner_id));
    views.push_back({n.id, n.kind, n.booking_id, n.interval, n.previous_interval, n.winner,
                     n.meeting_class, owner ? owner->email : "", n.created_at});
  }
  return views;
}

std::string status_of(const ports::Booking& booking) {
  switch (booking.state) {
    case ports::BookingState::committed:
    case ports::BookingState::displacing:
      return "committed";
    case ports::BookingState::needs_reschedule:
      return "needs_reschedule";
    case ports::BookingState::cancelled:
      return "cancelled";
    case ports::BookingState::writing:
    case ports::BookingState::failed:
      break;
  }
  return "";
}

}  // namespace openavail::service
