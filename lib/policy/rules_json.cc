// A layer of rules as JSON.
#include <cmath>
#include <cstddef>
#include <nlohmann/json.hpp>

#include "base/limits.h"
#include "base/nearest.h"
#include "policy/clock_text.h"
#include "policy/rules.h"

namespace openavail::policy {
namespace {

using nlohmann::json;

struct Range {
  int min;
  int max;
};

// Collects what is wrong, so that one answer names everything.
class Reader {
 public:
  void issue(const std::string& path, const std::string& message) {
    issues_.push_back({{"path", path}, {"message", message}});
  }
  bool clean() const { return issues_.empty(); }
  Error error() const {
    const json& first = issues_.front();
    return std::move(
        Error(ErrorCode::validation_failed,
              first.at("path").get<std::string>() + ": " + first.at("message").get<std::string>())
            .with_details({{"issues", issues_}}));
  }

  void known_members(const json& object, const std::string& path,
                     const std::vector<std::string>& known) {
    for (const auto& [name, value] : object.items()) {
      if (std::find(known.begin(), known.end(), name) != known.end()) continue;
      const std::string near = nearest_name(name, known);
      issue(path + "/" + name.substr(0, 64),
            "unknown member" + (near.empty() ? std::string() : "; did you mean " + near + "?"));
    }
  }

 private:
  json issues_ = json::array();
};

json row_to_json(const WeeklyRow& row) {
  json days = json::array();
  for (unsigned day = 0; day < 7; ++day) {
    if (((row.days >> day) & 1u) != 0) days.push_back(day);
  }
  json out = {{"days", days},
              {"start_time", clock_from_minutes(row.start_minutes)},
              {"end_time", clock_from_minutes(row.end_minutes)}};
  if (row.timezone) out["timezone"] = *row.timezone;
  if (!row.label.empty()) out["label"] = row.label;
  return out;
}

void read_days(Reader& reader, const json& value, const std::string& path, WeeklyRow& row) {
  if (!value.is_array() || value.empty() || value.size() > 7) {
    reader.issue(path, "must be a list of 1 to 7 days, 0 (Sunday) to 6 (Saturday)");
    return;
  }
  for (const json& day : value) {
    if (!day.is_number_integer() || day < 0 || day > 6) {
      reader.issue(path, "days are numbers from 0 (Sunday) to 6 (Saturday)");
      return;
    }
    row.days = static_cast<std::uint8_t>(row.days | (1u << day.get<unsigned>()));
  }
}

void read_clock(Reader& reader, const json& row, const char* member, const std::string& path,
                int& minutes) {
  const auto value = row.find(member);
  const std::optional<int> read = value != row.end() && value->is_string()
                                      ? minutes_from_clock(value->get_ref<const std::string&>())
                                      : std::nullopt;
  if (!read) {
    reader.issue(path + "/" + member, "must be a time of the form HH:MM, from 00:00 to 24:00");
    return;
  }
  minutes = *read;
}

WeeklyRow read_row(Reader& reader, const json& value, const std::string& path) {
  WeeklyRow row;
  if (!value.is_object()) {
    reader.issue(path, "must be an object");
    return row;
  }
  reader.known_members(value, path, {"days", "start_time", "end_time", "timezone", "label"});
  read_days(reader, value.value("days", json()), path + "/days", row);
  read_clock(reader, value, "start_time", path, row.start_minutes);
  read_clock(reader, value, "end_time", path, row.end_minutes);
  if (row.start_minutes == 1440) reader.issue(path + "/start_time", "must be before 24:00");
  if (row.end_minutes == 0) row.end_minutes = 1440;
  if (const auto zone = value.find("timezone"); zone != value.end() && !zone->is_null()) {
    if (!zone->is_string() || !looks_like_zone(zone->get_ref<const std::string&>())) {
      reader.issue(path + "/timezone", "must be an IANA zone such as Europe/Paris");
    } else {
      row.timezone = zone->get<std::string>();
    }
  }
  if (const auto label = value.find("label"); label != value.end() && !label->is_null()) {
    if (!label->is_string() ||
        label->get_ref<const std::string&>().size() > limits::kNameBytesMax) {
      reader.issue(path + "/label",
                   "must be text of at most " + std::to_string(limits::kNameBytesMax) + " bytes");
    } else {
      row.label = label->get<std::string>();
    }
  }
  return row;
}

void read_rows(Reader& reader, const json& layer, const char* member,
               Field<std::vector<WeeklyRow>>& field) {
  const auto value = layer.find(member);
  if (value == layer.end()) return;
  if (value->is_null()) {
    field = Field<std::vector<WeeklyRow>>::none();
    return;
  }
  const std::string path = std::string("/") + member;
  if (!value->is_array() || value->size() > static_cast<std::size_t>(limits::kRuleRowsMax)) {
    reader.issue(path,
                 "must be a list of at most " + std::to_string(limits::kRuleRowsMax) + " rows");
    return;
  }
  std::vector<WeeklyRow> rows;
  for (std::size_t i = 0; i < value->size(); ++i) {
    rows.push_back(read_row(reader, (*value)[i], path + "/" + std::to_string(i)));
  }
  field = Field<std::vector<WeeklyRow>>::of(std::move(rows));
}

void read_number(Reader& reader, const json& layer, const char* member, Range range,
                 Field<int>& field) {
  const auto value = layer.find(member);
  if (value == layer.end()) return;
  if (value->is_null()) {
    field = Field<int>::none();
  } else if (!value->is_number_integer() || *value < range.min || *value > range.max) {
    reader.issue(std::string("/") + member, "must be a whole number from " +
                                                std::to_string(range.min) + " to " +
                                                std::to_string(range.max));
  } else {
    field = Field<int>::of(value->get<int>());
  }
}

// Hours on the wire, whole minutes inside.
void read_daily_hours(Reader& reader, const json& layer, Field<int>& field) {
  const auto value = layer.find("max_daily_meeting_hours");
  if (value == layer.end()) return;
  if (value->is_null()) {
    field = Field<int>::none();
    return;
  }
  const double minutes = value->is_number() ? value->get<double>() * 60 : 0;
  const double whole = std::round(minutes);
  if (!(minutes > 0.5 && minutes <= 1440.5) || std::abs(minutes - whole) > 1e-6) {
    reader.issue("/max_daily_meeting_hours",
                 "must be a number of hours above 0 and at most 24, in whole minutes");
    return;
  }
  field = Field<int>::of(static_cast<int>(whole));
}

template <class T, class Write>
void put(json& out, const char* member, const Field<T>& field, Write write) {
  if (field.is_none()) out[member] = nullptr;
  if (field.value()) out[member] = write(*field.value());
}

json rows_to_json(const std::vector<WeeklyRow>& rows) {
  json out = json::array();
  for (const WeeklyRow& row : rows) out.push_back(row_to_json(row));
  return out;
}

json hours_to_json(int minutes) {
  return minutes % 60 == 0 ? json(minutes / 60) : json(minutes / 60.0);
}

}  // namespace

json to_json(const RuleLayer& layer) {
  json out = json::object();
  const auto number = [](int n) { return json(n); };
  put(out, "working_hours", layer.working_hours, rows_to_json);
  put(out, "hard_blocks", layer.hard_blocks, rows_to_json);
  put(out, "max_daily_meeting_hours", layer.max_daily_meeting_minutes, hours_to_json);
  put(out, "slot_interval_minutes", layer.slot_interval_minutes, number);
  put(out, "buffer_minutes", layer.buffer_minutes, number);
  put(out, "max_back_to_back", layer.max_back_to_back, number);
  put(out, "sacred_meeting_age_hours", layer.sacred_meeting_age_hours, number);
  put(out, "hold_ttl_seconds", layer.hold_ttl_seconds, number);
  return out;
}

Result<RuleLayer> layer_from_json(const json& value) {
  Reader reader;
  RuleLayer layer;
  if (!value.is_object()) {
    reader.issue("", "rules must be an object");
    return fail(reader.error());
  }
  reader.known_members(
      value, "",
      {"working_hours", "hard_blocks", "max_daily_meeting_hours", "slot_interval_minutes",
       "buffer_minutes", "max_back_to_back", "sacred_meeting_age_hours", "hold_ttl_seconds"});
  read_rows(reader, value, "working_hours", layer.working_hours);
  read_rows(reader, value, "hard_blocks", layer.hard_blocks);
  read_daily_hours(reader, value, layer.max_daily_meeting_minutes);
  read_number(reader, value, "slot_interval_minutes", {1, 1440}, layer.slot_interval_minutes);
  if (layer.slot_interval_minutes.value() && 1440 % *layer.slot_interval_minutes.value() != 0) {
    reader.issue("/slot_interval_minutes", "must divide a day: 5, 10, 15, 20, 30, 60, …");
  }
  read_number(reader, value, "buffer_minutes", {0, 1440}, layer.buffer_minutes);
  read_number(reader, value, "max_back_to_back", {1, 100}, layer.max_back_to_back);
  read_number(reader, value, "sacred_meeting_age_hours", {0, 87'600},
              layer.sacred_meeting_age_hours);
  read_number(reader, value, "hold_ttl_seconds", {1, 86'400}, layer.hold_ttl_seconds);
  if (!reader.clean()) return fail(reader.error());
  return layer;
}

}  // namespace openavail::policy
