// Records as callers see them.
#pragma once

#include <vector>

#include "service/answers.h"
#include "service/owner_view.h"

namespace openavail::service {

std::vector<CalendarView> calendar_views(const OwnerView& view);
ScheduleRulesView rules_view(const OwnerView& view);
Result<AgentView> agent_view(ports::Transaction& tx, const ports::Agent& agent);
// Unacknowledged, made at or after `since`.
Result<std::vector<NotificationView>> notification_views(ports::Transaction& tx,
                                                         const AgentId& agent, Instant since);
// committed (displacing too), needs_reschedule, cancelled.
std::string status_of(const ports::Booking& booking);

}  // namespace openavail::service
