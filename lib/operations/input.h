// Reading validated input, member by member.
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
// A start, or an object with start and end that are `length` apart.
Result<Interval> preferred_in(const nlohmann::json& value, const std::string& path, Millis length);
// The comma list of decision fields; empty when there is none. An unknown one is an error that
// names the nearest.
Result<std::vector<std::string>> fields_in(const nlohmann::json& input);

}  // namespace openavail::operations
