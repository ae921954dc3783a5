#include "operations/input.h"

#include <algorithm>

#include "audit/entry.h"
#include "base/identifiers.h"
#include "base/nearest.h"
#include "calendar/object.h"

namespace openavail::operations {
namespace {

using nlohmann::json;

Error invalid(const std::string& path, const std::string& message) {
  return Error(ErrorCode::validation_failed, "the input is not valid: " + path + " " + message,
               "mend what issues lists and call again")
      .with_details({{"issues", {{{"path", path}, {"message", message}}}}});
}

// Blanks around a text get lost between programs.
std::string as_written(const std::string& text) {
  const std::string clean = calendar::clean_text(text);
  const auto first = clean.find_first_not_of(" \t\n");
  if (first == std::string::npos) return "";
  return clean.substr(first, clean.find_last_not_of(" \t\n") - first + 1);
}

}  // namespace

Result<Instant> instant_in(const json& input, const std::string& member, const std::string& path) {
  auto parsed = time::parse_instant(input.at(member).get<std::string>());
  if (parsed) return parsed;
  return fail(invalid(path + "/" + member, parsed.error().message()));
}

Result<Interval> interval_in(const json& input, const std::string& path) {
  Interval interval;
  OA_TRY(interval.start, instant_in(input, "start", path));
  OA_TRY(interval.end, instant_in(input, "end", path));
  if (interval.end <= interval.start) return fail(invalid(path + "/end", "has to be after start"));
  return interval;
}

Result<std::string> uuid_in(const json& input, const std::string& member) {
  std::string text = input.at(member).get<std::string>();
  if (!is_uuid(text)) return fail(invalid("/" + member, "is not a UUID"));
  for (char& c : text) {
    if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

std::optional<std::string> text_in(const json& input, const std::string& member) {
  const auto found = input.find(member);
  if (found == input.end()) return std::nullopt;
  return found->get<std::string>();
}

service::Target target_in(const json& input) {
  service::Target target;
  target.owner_email = text_in(input, "owner_email");
  if (const auto type = text_in(input, "calendar_type")) {
    target.calendar_type = ports::calendar_type_from_text(*type);
  }
  return target;
}

Result<std::optional<std::string>> title_in(const json& input) {
  auto title = text_in(input, "title");
  if (!title) return title;
  *title = as_written(*title);
  if (!title->empty()) return title;
  return fail(invalid("/title", "has nothing in it that can be read"));
}

std::optional<std::string> description_in(const json& input) {
  auto description = text_in(input, "description");
  if (description) *description = as_written(*description);
  return description;
}

Result<std::vector<calendar::Attendee>> attendees_in(const json& input) {
  std::vector<calendar::Attendee> attendees;
  for (const json& attendee : input.value("attendees", json::array())) {
    std::string email = attendee.at("email").get<std::string>();
    if (!is_email_address(email)) {
      return fail(invalid("/attendees/" + std::to_string(attendees.size()) + "/email",
                          "is not an e-mail address"));
    }
    attendees.push_back(
        {std::move(email), calendar::clean_line(attendee.value("displayName", std::string{}))});
  }
  return attendees;
}

Result<Interval> preferred_in(const json& value, const std::string& path, Millis length) {
  if (value.is_object()) {
    OA_TRY(const Interval interval, interval_in(value, path));
    if (interval.length() == length) return interval;
    return fail(invalid(path, "is not as long as duration_minutes"));
  }
  const auto start = time::parse_instant(value.get<std::string>());
  if (!start) return fail(invalid(path, start.error().message()));
  return Interval{*start, *start + length};
}

Result<std::vector<std::string>> fields_in(const json& input) {
  std::vector<std::string> fields;
  const std::string list = input.value("fields", std::string{});
  std::vector<std::string> known = audit::field_names();
  known.insert(known.end(), {"owner_email", "signature", "row_signature", "inclusion_proof"});
  for (std::size_t from = 0; from < list.size();) {
    const std::size_t comma = std::min(list.find(',', from), list.size());
    std::string field = list.substr(from, comma - from);
    from = comma + 1;
    if (std::find(known.begin(), known.end(), field) == known.end()) {
      const std::string nearest = nearest_name(field, known);
      return fail(invalid(
          "/fields",
          "names no field " + field + (nearest.empty() ? "" : "; did you mean " + nearest + "?")));
    }
    fields.push_back(std::move(field));
  }
  return fields;
}

Result<calendar::EventText> event_text_in(const json& input) {
  calendar::EventText text;
  OA_TRY(const auto title, title_in(input));
  text.title = title.value_or("");
  text.description = description_in(input).value_or("");
  OA_TRY(text.attendees, attendees_in(input));
  return text;
}

}  // namespace openavail::operations
