#include <nlohmann/json.hpp>

#include "base/check.h"
#include "base/embedded.h"
#include "operations/operations.h"

namespace openavail::operations {
namespace {

using nlohmann::json;

json parse_document() {
  json parsed;
  for (const EmbeddedFile& file : embedded_files()) {
    if (file.path == "operations.json") parsed = json::parse(file.text);
  }
  OA_CHECK(parsed.is_object());
  return parsed;
}

const json& document() {
  static const json parsed = parse_document();
  return parsed;
}

// Puts the shared definitions in place of {"$ref": name}: callers get schemas without references.
json expanded(const json& value) {
  if (value.is_array()) {
    json out = json::array();
    out.get_ref<json::array_t&>().reserve(value.size());
    for (const json& element : value) out.push_back(expanded(element));
    return out;
  }
  if (!value.is_object()) return value;
  const auto ref = value.find("$ref");
  if (ref != value.end()) return expanded(document().at("defs").at(ref->get<std::string>()));
  json out = json::object();
  auto& members = out.get_ref<json::object_t&>();
  for (const auto& [name, member] : value.get_ref<const json::object_t&>()) {
    members.emplace_hint(members.end(), name, expanded(member));
  }
  return out;
}

RateClass rate_class_of(const std::string& name) {
  if (name == "search") return RateClass::search;
  if (name == "hold") return RateClass::hold;
  if (name == "confirm") return RateClass::confirm;
  return name == "create" ? RateClass::create : RateClass::other;
}

// What the row's "mcp" says of how the operation shows as a tool; false: not at all.
json binding_of(const json& row) {
  const json binding = row.value("mcp", json::object());
  return binding.is_object() ? binding : json::object();
}

ToolBinding tool_of(const json& row) {
  ToolBinding tool;
  const json renamed = binding_of(row).value("renamed", json::object());
  for (const auto& [from, to] : renamed.items()) {
    tool.renamed[from] = to.get<std::string>();
  }
  return tool;
}

// Members under the tool's names, without those that are not there.
json properties_of_tool(const json& row, json properties) {
  const json binding = binding_of(row);
  for (const json& name : binding.value("without", json::array())) {
    properties.erase(name.get<std::string>());
  }
  const json renamed = binding.value("renamed", json::object());
  for (const auto& [from, to] : renamed.items()) {
    const std::string member = to.get<std::string>();
    properties[from] = properties.at(member);
    properties.erase(member);
  }
  return properties;
}

std::vector<OperationInfo> load() {
  std::vector<OperationInfo> table;
  for (const json& row : document().at("operations")) {
    OperationInfo info;
    info.name = row.at("name");
    info.title = row.at("title");
    info.description = row.at("description");
    info.permission = row.value("permission", "");
    info.is_read_only = row.at("read_only");
    info.is_idempotent = row.at("idempotent");
    info.is_destructive = row.value("destructive", false);
    info.needs_key = row.value("needs_key", true);
    info.takes_owner = row.at("input").at("properties").contains("owner_email");
    info.answers_notifications = row.at("output").contains("pending_notifications");
    info.rate_class = rate_class_of(row.value("rate", "other"));
    if (const auto rest = row.find("rest"); rest != row.end()) {
      info.rest = RestBinding{rest->at(0), rest->at(1), rest->size() > 2 ? rest->at(2) : ""};
    }
    if (row.value("mcp", json()) != false) info.tool = tool_of(row);
    info.row = &row;
    table.push_back(std::move(info));
  }
  return table;
}

}  // namespace

const std::vector<OperationInfo>& operation_table() {
  static const std::vector<OperationInfo> table = load();
  return table;
}

json input_schema(const OperationInfo& info, Spelling spelling) {
  const json& input = info.row->at("input");
  json schema = {{"type", "object"}, {"additionalProperties", input.value("additional", false)}};
  schema["properties"] = expanded(input.at("properties"));
  json required = input.at("required");
  if (spelling == Spelling::tool) {
    json& properties = schema.at("properties");
    properties = properties_of_tool(*info.row, std::move(properties));
    required = binding_of(*info.row).value("required", required);
  }
  if (!required.empty()) schema["required"] = std::move(required);
  return schema;
}

namespace {

// An object that has all of these members.
json object_with(const json& members) {
  json schema = {{"type", "object"}, {"required", json::array()}};
  for (const auto& [name, ignored] : members.get_ref<const json::object_t&>()) {
    schema["required"].push_back(name);
  }
  schema["properties"] = expanded(members);
  return schema;
}

}  // namespace

json other_output_schema(const OperationInfo& info) {
  const auto other = info.row->find("output_or");
  return other == info.row->end() ? json() : object_with(*other);
}

json output_schema(const OperationInfo& info) {
  json schema = object_with(info.row->at("output"));
  json& properties = schema["properties"];
  if (info.row->contains("output_optional")) {
    properties.update(expanded(info.row->at("output_optional")));
  }
  return schema;
}

}  // namespace openavail::operations
