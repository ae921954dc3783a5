// toml++ stays in this file.
#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1

#include "cmd/config.h"

#include <toml++/toml.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/embedded.h"
#include "base/nearest.h"
#include "cmd/setting_rows.h"
#include "operations/schema.h"

namespace openavail::cmd {
namespace {

using nlohmann::json;

json parsed_schema() {
  for (const EmbeddedFile& file : embedded_files()) {
    if (file.path == "config.json") return json::parse(file.text);
  }
  return json::object();
}

// Parsed when there is a value to hold against it.
const json& config_schema() {
  static const json schema = parsed_schema();
  return schema;
}

std::vector<std::string> known_keys() {
  std::vector<std::string> keys;
  for (const SettingRow& row : setting_rows()) keys.emplace_back(row.key);
  return keys;
}

std::string last_part(const std::string& key) { return key.substr(key.rfind('.') + 1); }

// By the whole key, else by its last part alone: the right key may stand in the wrong section.
std::string nearest_key(const std::string& key) {
  const std::vector<std::string> known = known_keys();
  if (const std::string whole = nearest_name(key, known); !whole.empty()) return whole;
  std::vector<std::string> parts;
  for (const std::string& one : known) parts.push_back(last_part(one));
  const std::string part = nearest_name(last_part(key), parts);
  for (const std::string& one : known) {
    if (!part.empty() && last_part(one) == part) return one;
  }
  return "";
}

Error in_file(const std::string& path, const std::string& what) {
  std::string known;
  for (const std::string& key : known_keys()) known += (known.empty() ? "" : ", ") + key;
  return Error(ErrorCode::validation_failed, path + ": " + what,
               "mend the file; its keys are " + known + " (openavail config)");
}

// The dotted keys of a value, as far as tables go.
void add_keys(const json& value, const std::string& prefix, std::vector<std::string>& keys) {
  for (const auto& [name, inner] : value.items()) {
    const std::string key = prefix.empty() ? name : prefix + "." + name;
    if (inner.is_object() && !inner.empty()) {
      add_keys(inner, key, keys);
    } else {
      keys.push_back(key);
    }
  }
}

// An empty section is no key, and does no harm.
bool is_section(const std::string& key) { return config_schema().at("properties").contains(key); }

Status check_keys(const std::string& path, const json& values) {
  const std::vector<std::string> known = known_keys();
  std::vector<std::string> keys;
  add_keys(values, "", keys);
  for (const std::string& key : keys) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    if (is_section(key) && values.at(key).is_object()) continue;
    const std::string nearest = nearest_key(key);
    return fail(in_file(path, "there is no key " + key +
                                  (nearest.empty() ? "" : "; did you mean " + nearest + "?")));
  }
  return {};
}

Result<json> read_values(const std::string& path) {
  errno = 0;
  std::ifstream file(path);
  if (!file) {
    if (errno == ENOENT || errno == ENOTDIR) return json::object();
    return fail(ErrorCode::internal, path + " can't be read", "check its mode and owner");
  }
  const std::string text(std::istreambuf_iterator<char>(file), {});
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    return fail(in_file(path, "line " + std::to_string(parsed.error().source().begin.line) + ": " +
                                  std::string(parsed.error().description())));
  }
  std::ostringstream as_json;
  as_json << toml::json_formatter(parsed.table());
  json values = json::parse(as_json.str(), nullptr, false);
  if (values.is_discarded()) return fail(in_file(path, "a value has no place here"));
  if (!values.is_object()) return json::object();  // an empty table is written as null
  OA_TRY_STATUS(check_keys(path, values));
  if (const Status valid = operations::validate(config_schema(), values); !valid) {
    const json& issue = valid.error().details().at("issues").at(0);
    std::string key = issue.at("path").get<std::string>();
    key = key.empty() ? "the file" : key.substr(1);
    for (char& c : key) c = c == '/' ? '.' : c;
    return fail(in_file(path, key + ": " + issue.at("message").get<std::string>()));
  }
  return values;
}

std::optional<std::string> value_of(const json& values, const std::string& key) {
  const std::size_t dot = key.find('.');
  const auto section = values.find(key.substr(0, dot));
  if (section == values.end()) return std::nullopt;
  const auto value = section->find(key.substr(dot + 1));
  if (value == section->end()) return std::nullopt;
  return value->is_string() ? value->get<std::string>() : value->dump();
}

// A variable's text as the schema's type. Errors: validation_failed.
Status check_variable(const Setting& setting) {
  const std::size_t dot = setting.key.find('.');
  const json& schema = config_schema()
                           .at("properties")
                           .at(setting.key.substr(0, dot))
                           .at("properties")
                           .at(setting.key.substr(dot + 1));
  json value = setting.value;
  if (schema.at("type") == "integer") {
    value = json::parse(setting.value, nullptr, false);
    if (!value.is_number_integer()) value = setting.value;
  }
  const json wrapper = {{"type", "object"}, {"properties", {{"value", schema}}}};
  const Status valid = operations::validate(wrapper, {{"value", value}});
  if (valid) return {};
  const json& issue = valid.error().details().at("issues").at(0);
  return fail(ErrorCode::validation_failed,
              setting.environment + ": " + issue.at("message").get<std::string>(),
              "openavail config --json shows what each setting may be");
}

}  // namespace

Result<Config> read_config(const std::string& data_directory, const std::string& file) {
  OA_TRY(const auto all, settings(data_directory, file));
  std::map<std::string, std::string> values;
  for (const Setting& setting : all) values[setting.key] = setting.value;
  return Config(std::move(values));
}

Result<std::vector<Setting>> settings(const std::string& data_directory, const std::string& file) {
  if (!file.empty() && !std::ifstream(file)) {
    return fail(ErrorCode::not_found, "there is no file " + file, "check --config");
  }
  OA_TRY(const json values, read_values(file.empty() ? data_directory + "/config.toml" : file));
  std::vector<Setting> all;
  for (const SettingRow& row : setting_rows()) {
    Setting setting;
    setting.key = row.key;
    setting.environment = row.environment;
    setting.meaning = row.meaning;
    const char* variable = std::getenv(setting.environment.c_str());
    if (variable != nullptr && *variable != 0) {
      setting.value = variable;
      setting.from = "environment";
      OA_TRY_STATUS(check_variable(setting));
    } else if (const auto value = value_of(values, setting.key)) {
      setting.value = *value;
      setting.from = "config.toml";
    } else {
      setting.value = row.standard;
      setting.from = "default";
    }
    all.push_back(std::move(setting));
  }
  return all;
}

std::vector<Library> config_libraries() {
  return {{"toml++", std::to_string(TOML_LIB_MAJOR) + "." + std::to_string(TOML_LIB_MINOR) + "." +
                         std::to_string(TOML_LIB_PATCH)}};
}

}  // namespace openavail::cmd
