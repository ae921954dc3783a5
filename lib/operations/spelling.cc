// snake_case to camelCase, in answers and in their schemas (wire contract, section 5).
#include <nlohmann/json.hpp>

#include "operations/operations.h"

namespace openavail::operations {
namespace {

using nlohmann::json;

// Passed through as they are: what was stored for a notification, and what the engine said.
bool is_verbatim(const std::string& name) { return name == "payload" || name == "engine_trace"; }

}  // namespace

std::string camel_case_name(const std::string& name) {
  std::string out;
  bool raise = false;
  for (const char c : name) {
    if (c == '_') {
      raise = !out.empty();
      continue;
    }
    out += raise && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    raise = false;
  }
  return out;
}

json to_camel_case(const json& value) {
  if (value.is_array()) {
    json out = json::array();
    for (const json& element : value) out.push_back(to_camel_case(element));
    return out;
  }
  if (!value.is_object()) return value;
  json out = json::object();
  for (const auto& [name, member] : value.items()) {
    out[camel_case_name(name)] = is_verbatim(name) ? member : to_camel_case(member);
  }
  return out;
}

json schema_to_camel_case(json schema) {
  if (schema.contains("items")) {
    json& items = schema["items"];
    items = schema_to_camel_case(std::move(items));
  }
  if (schema.contains("required")) {
    for (json& name : schema["required"]) name = camel_case_name(name.get<std::string>());
  }
  if (schema.contains("properties")) {
    json properties = json::object();
    for (auto& [name, member] : schema["properties"].get_ref<json::object_t&>()) {
      properties[camel_case_name(name)] =
          is_verbatim(name) ? std::move(member) : schema_to_camel_case(std::move(member));
    }
    schema["properties"] = std::move(properties);
  }
  return schema;
}

}  // namespace openavail::operations
