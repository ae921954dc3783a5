#include "operations/schema.h"

#include <nlohmann/json.hpp>
#include <string>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "base/nearest.h"

namespace openavail::operations {
namespace {

using nlohmann::json;

void add(json& issues, const std::string& path, const std::string& message) {
  issues.push_back({{"path", path}, {"message", message}});
}

// valijson says of an unknown member only that it is not allowed; callers want to know which one
// they may have meant.
void find_unknown(const json& schema, const json& value, const std::string& path, json& issues) {
  if (value.is_array() && schema.contains("items")) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      find_unknown(schema.at("items"), value[i], path + "/" + std::to_string(i), issues);
    }
  }
  if (!value.is_object() || !schema.contains("properties")) return;
  const json& properties = schema.at("properties");
  const bool is_closed = schema.value("additionalProperties", true) == false;
  for (const auto& [name, member] : value.items()) {
    if (properties.contains(name)) {
      find_unknown(properties.at(name), member, path + "/" + name, issues);
      continue;
    }
    if (!is_closed) continue;
    std::vector<std::string> known;
    for (const auto& [other, ignored] : properties.items()) known.push_back(other);
    const std::string nearest = nearest_name(name, known);
    add(issues, path + "/" + name,
        "unknown member" + (nearest.empty() ? std::string{} : "; did you mean " + nearest + "?"));
  }
}

std::string pointer_of(const std::vector<std::string>& context) {
  std::string path;
  for (const std::string& part : context) {
    if (part == "<root>") continue;
    // valijson writes "[name]".
    path += "/" + (part.size() > 2 && part.front() == '[' ? part.substr(1, part.size() - 2) : part);
  }
  return path;
}

}  // namespace

Status validate(const nlohmann::json& schema, const nlohmann::json& input) {
  json issues = json::array();
  find_unknown(schema, input, "", issues);
  if (issues.empty()) {
    valijson::Schema parsed;
    valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
    parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(schema), parsed);
    valijson::Validator validator;
    valijson::ValidationResults results;
    const valijson::adapters::NlohmannJsonAdapter target(input);
    if (validator.validate(parsed, target, &results)) return {};
    valijson::ValidationResults::Error error;
    while (results.popError(error)) add(issues, pointer_of(error.context), error.description);
  }
  std::string message = "the input is not valid";
  if (!issues.empty()) {
    message += ": " + issues.front().at("path").get<std::string>() + " " +
               issues.front().at("message").get<std::string>();
  }
  return fail(Error(ErrorCode::validation_failed, message, "mend what issues lists and call again")
                  .with_details({{"issues", issues}}));
}

}  // namespace openavail::operations
