// toml++ stays in this file.
#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1

#include "cmd/config.h"

#include <toml++/toml.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/embedded.h"
#include "operations/schema.h"

namespace openavail::cmd {
namespace {

using nlohmann::json;

json config_schema() {
  for (const EmbeddedFile& file : embedded_files()) {
    if (file.path == "config.json") return json::parse(file.text);
  }
  return json::object();
}

Error in_file(const std::string& path, const std::string& what) {
  return Error(ErrorCode::validation_failed, path + ": " + what,
               "mend the file; output.form and mcp.owner_email are the keys that it may hold");
}

}  // namespace

Result<Config> read_config(const std::string& data_directory) {
  const std::string path = data_directory + "/config.toml";
  errno = 0;
  std::ifstream file(path);
  if (!file) {
    if (errno == ENOENT || errno == ENOTDIR) return Config{};
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
  const json values = json::parse(as_json.str(), nullptr, false);
  if (values.is_discarded()) return fail(in_file(path, "a value has no place here"));
  if (values.empty()) return Config{};
  if (const Status valid = operations::validate(config_schema(), values); !valid) {
    const json& issue = valid.error().details().at("issues").at(0);
    std::string key = issue.at("path").get<std::string>();
    key.erase(0, 1);  // the pointer's first slash
    for (char& c : key) c = c == '/' ? '.' : c;
    return fail(in_file(path, key + ": " + issue.at("message").get<std::string>()));
  }
  Config config;
  if (const auto form = parsed["output"]["form"].value<std::string>()) config.output_form = form;
  if (const auto email = parsed["mcp"]["owner_email"].value<std::string>()) {
    config.mcp_owner_email = email;
  }
  return config;
}

}  // namespace openavail::cmd
