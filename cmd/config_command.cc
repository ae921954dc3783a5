// config: what config.toml may hold, and what holds now.
#include "cmd/commands.h"
#include "cmd/config.h"

namespace openavail::cmd {

void add_config_command(CLI::App& app, Globals& globals) {
  CLI::App* config = app.add_subcommand("config", "Show the settings and where each comes from");
  config->footer(footer("  openavail config\n  openavail config --json",
                        "0 done, 1 failed, 2 config.toml is not valid"));
  config->callback([&globals] {
    run(globals, [&]() -> Status {
      OA_TRY(const auto all, settings(globals.data_directory));
      nlohmann::json rows = nlohmann::json::array();
      for (const Setting& one : all) {
        rows.push_back({{"key", one.key},
                        {"value", one.value.empty() ? nlohmann::json() : nlohmann::json(one.value)},
                        {"from", one.from},
                        {"environment", one.environment},
                        {"meaning", one.meaning}});
      }
      print_list(globals, rows, {"key", "value", "from", "environment", "meaning"});
      say(globals, "settings of " + globals.data_directory + "/config.toml");
      return {};
    });
  });
}

}  // namespace openavail::cmd
