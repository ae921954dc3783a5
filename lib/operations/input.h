// Reading validated input, and writing answers, member by member.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "base/result.h"
#include "service/answers.h"

namespace openavail::operations {

// Errors of all: validation_failed with the member's path.
Result<Instant> instant_in(const nlohmann::json& input, const std::string& member,
                           const std::string& path = "");
Result<Interval> interval_in(const nlohmann::json& input, const std::string& path = "");
Result<std::string> uuid_in(const nlohmann::json& input, const std::string& member);
std::optional<std::string> text_in(const nlohmann::json& input, const std::string& member);
service::Target target_in(const nlohmann::json& input);
// Text as it will stand in the calendar, so that an answer says what was written.
Result<std::optional<std::string>> title_in(const nlohmann::json& input);
std::optional<std::string> description_in(const nlohmann::json& input);
Result<std::vector<calendar::Attendee>> attendees_in(const nlohmann::json& input);
Result<calendar::EventText> event_text_in(const nlohmann::json& input);

nlohmann::json to_json(const service::SearchAnswer& answer);
nlohmann::json to_json(const service::HoldAnswer& answer);
nlohmann::json to_json(const service::BookingAnswer& answer);
nlohmann::json to_json(const service::BookingView& view);
nlohmann::json to_json(const service::SimulateAnswer& answer);
nlohmann::json to_json(const service::OwnerContext& context);
nlohmann::json to_json(const service::ScheduleRulesView& rules);
nlohmann::json to_json(const service::NotificationView& notification);
nlohmann::json to_json(const std::vector<service::CalendarView>& calendars);
nlohmann::json to_json(const std::vector<policy::MeetingClass>& classes);

}  // namespace openavail::operations
