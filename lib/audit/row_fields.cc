#include "audit/row_fields.h"

#include <nlohmann/json.hpp>

#include "audit/entry.h"

namespace openavail::audit {
namespace {

using Json = nlohmann::json;

bool all_texts(const Json& value) {
  return std::all_of(value.begin(), value.end(), [](const Json& v) { return v.is_string(); });
}

bool has_texts(const Json& value, std::initializer_list<const char*> names) {
  return value.is_object() && value.size() == names.size() && all_texts(value) &&
         std::all_of(names.begin(), names.end(),
                     [&](const char* name) { return value.contains(name); });
}

bool fits(const Json& value, FieldType type) {
  switch (type) {
    case FieldType::text:
      return value.is_string();
    case FieldType::text_or_null:
      return value.is_null() || value.is_string();
    case FieldType::integer:
      return value.is_number_integer();
    case FieldType::interval_or_null:
      return value.is_null() || has_texts(value, {"start", "end"});
    case FieldType::texts:
      return value.is_array() && all_texts(value);
    case FieldType::trace:
      return value.is_array() && std::all_of(value.begin(), value.end(), [](const Json& item) {
               return has_texts(item, {"rule", "outcome", "detail"});
             });
    case FieldType::text_object:
      return value.is_object() && all_texts(value);
  }
  return false;
}

}  // namespace

std::vector<std::string> field_names() {
  std::vector<std::string> names;
  for (const Field& field : kRowFields) names.emplace_back(field.name);
  return names;
}

std::optional<std::string> row_problem(const Json& row) {
  if (!row.is_object()) return "the row is not an object";
  for (const Field& field : kRowFields) {
    const auto member = row.find(std::string(field.name));
    if (member == row.end()) return "the row has no " + std::string(field.name);
    if (!fits(*member, field.type)) return std::string(field.name) + " has the wrong type";
  }
  if (row.size() != kRowFields.size()) return "the row has members that no row has";
  return std::nullopt;
}

std::string signed_text_of(const Json& row) {
  const auto text = [&](const char* name) {
    const Json& value = row.at(name);
    return value.is_null() ? std::string() : value.get<std::string>();
  };
  return text("decision_id") + ":" + text("action") + ":" + text("timestamp") + ":" +
         text("calendar_owner") + ":" + text("rule_fired");
}

}  // namespace openavail::audit
