// config.toml in the data directory: settings that every process reads. schemas/config.json says
// which keys there are.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/library.h"
#include "base/result.h"

namespace openavail::cmd {

struct Config {
  std::optional<std::string> output_form;  // table, json or jsonl
  std::optional<std::string> mcp_owner_email;
};

// One setting: where it stands, what it is now and where that comes from.
struct Setting {
  std::string key;          // output.form
  std::string value;        // empty: not set
  std::string from;         // environment, config.toml or default
  std::string environment;  // the variable that comes first
  std::string meaning;
};

// Every key of schemas/config.json, in its order. Errors: as read_config.
Result<std::vector<Setting>> settings(const std::string& data_directory);

std::vector<Library> config_libraries();

// No file is an empty one. Errors: validation_failed (not TOML; an unknown key, with the nearest
// known one; a value that the schema does not allow), internal (there but unreadable).
Result<Config> read_config(const std::string& data_directory);

}  // namespace openavail::cmd
