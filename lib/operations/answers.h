// Answers as JSON (wire contract, section 3, Shapes), in snake_case.
//
// Thread rule: free functions without state.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "base/result.h"
#include "service/answers.h"

namespace openavail::operations {

nlohmann::json to_json(const service::SearchAnswer& answer);
nlohmann::json to_json(const service::HoldAnswer& answer);
nlohmann::json to_json(const service::BookingAnswer& answer);
nlohmann::json to_json(const service::BookingView& view);
nlohmann::json to_json(const service::SimulateAnswer& answer);
nlohmann::json to_json(const service::OwnerContext& context);
nlohmann::json to_json(const service::AgentView& agent);
nlohmann::json to_json(const service::ScheduleRulesView& rules);
nlohmann::json to_json(const service::NotificationView& notification);
nlohmann::json to_json(const service::ProposalView& view);
nlohmann::json to_json(const service::AuditLine& line);
// Errors: internal (a stored key that can't be read).
Result<nlohmann::json> to_json(const ports::SigningKeyRecord& key);
nlohmann::json to_json(const std::vector<service::CalendarView>& calendars);
nlohmann::json to_json(const std::vector<policy::MeetingClass>& classes);

}  // namespace openavail::operations
