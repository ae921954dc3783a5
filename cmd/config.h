// config.toml in the data directory: settings that every process reads. schemas/config.json says
// which keys there are.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/library.h"
#include "base/result.h"

namespace openavail::cmd {

// What holds now: the environment, else config.toml, else the schema's default.
class Config {
 public:
  explicit Config(std::map<std::string, std::string> values) : values_(std::move(values)) {}
  // Empty where nothing is set and there is no default. `key` must be one of the schema's.
  const std::string& text(const std::string& key) const { return values_.at(key); }
  // Of a key whose type is integer.
  int number(const std::string& key) const { return std::stoi(values_.at(key)); }

 private:
  std::map<std::string, std::string> values_;
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
Result<std::vector<Setting>> settings(const std::string& data_directory,
                                      const std::string& file = {});

std::vector<Library> config_libraries();

// No file is an empty one. `file`: instead of config.toml in the data directory. Errors:
// validation_failed (not TOML; an unknown key, with the nearest known one; a value, also of the
// environment, that the schema does not allow), internal (there but unreadable), not_found (`file`
// is named and not there).
Result<Config> read_config(const std::string& data_directory, const std::string& file = {});

}  // namespace openavail::cmd
