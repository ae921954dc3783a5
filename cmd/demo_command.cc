#include "cmd/commands.h"
#include "cmd/demo.h"

namespace openavail::cmd {

void add_demo_command(CLI::App& app, Globals& globals) {
  auto keep = std::make_shared<bool>(false);
  CLI::App* demo = app.add_subcommand("demo", "Five agents, one slot: watch it being decided");
  demo->footer(
      footer("  openavail demo\n  openavail demo --keep", "0 all that it claims is true, 1 not"));
  demo->add_flag("--keep", *keep, "Leave the demo's data directory behind");
  demo->callback([&globals, keep] { globals.exit_code = run_demo(*keep); });
}

}  // namespace openavail::cmd
