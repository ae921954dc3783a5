#include <nlohmann/json.hpp>

#include "base/check.h"
#include "base/embedded.h"
#include "operations/operations.h"

namespace openavail::operations {
namespace {

using nlohmann::json;

// Puts the shared definitions in place of {"$ref": name}: callers get schemas without references.
json expanded(const json& value, const json& defs) {
  if (value.is_object()) {
    const auto ref = value.find("$ref");
    if (ref != value.end()) return expanded(defs.at(ref->get<std::string>()), defs);
  }
  if (!value.is_structured()) return value;
  json out = value;
  for (auto it = out.begin(); it != out.end(); ++it) *it = expanded(*it, defs);
  return out;
}

std::vector<OperationInfo> load() {
  json document;
  for (const EmbeddedFile& file : embedded_files()) {
    if (file.path == "operations.json") document = json::parse(file.text);
  }
  OA_CHECK(document.is_object());
  const json& defs = document.at("defs");
  std::vector<OperationInfo> table;
  for (const json& row : document.at("operations")) {
    OperationInfo info;
    info.name = row.at("name");
    info.title = row.at("title");
    info.description = row.at("description");
    info.permission = row.at("permission");
    info.is_read_only = row.at("read_only");
    info.is_idempotent = row.at("idempotent");
    info.is_destructive = row.value("destructive", false);
    const json& input = row.at("input");
    info.input_schema = {{"type", "object"},
                         {"properties", expanded(input.at("properties"), defs)},
                         {"additionalProperties", input.value("additional", false)}};
    if (!input.at("required").empty()) info.input_schema["required"] = input.at("required");
    json required = json::array();
    for (const auto& [name, ignored] : row.at("output").items()) required.push_back(name);
    info.output_schema = {{"type", "object"},
                          {"properties", expanded(row.at("output"), defs)},
                          {"required", std::move(required)}};
    table.push_back(std::move(info));
  }
  return table;
}

}  // namespace

const std::vector<OperationInfo>& operation_table() {
  static const std::vector<OperationInfo> table = load();
  return table;
}

}  // namespace openavail::operations
