// config.toml in the data directory: settings that every process reads. schemas/config.json says
// which keys there are.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"

namespace openavail::cmd {

struct Config {
  std::optional<std::string> output_form;  // table, json or jsonl
  std::optional<std::string> mcp_owner_email;
};

// No file is an empty one. Errors: validation_failed (not TOML; an unknown key, with the nearest
// known one; a value that the schema does not allow), internal (there but unreadable).
Result<Config> read_config(const std::string& data_directory);

}  // namespace openavail::cmd
