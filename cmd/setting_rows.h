// The rows of schemas/config.json as the build writes them (cmd/generate): a process that finds
// neither a file nor a variable starts without parsing the schema.
#pragma once

#include <span>
#include <string_view>

namespace openavail::cmd {

struct SettingRow {
  std::string_view key;          // output.form
  std::string_view environment;  // the variable that comes first
  std::string_view meaning;
  std::string_view standard;  // the default as text; empty: none
};

// In the order of the schema. Any thread.
std::span<const SettingRow> setting_rows();

}  // namespace openavail::cmd
