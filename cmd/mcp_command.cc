// mcp: the door that agents' clients start.
#include <unistd.h>

#include <cstdlib>

#include "cmd/commands.h"
#include "cmd/installation.h"
#include "mcp/stdio.h"

namespace openavail::cmd {
namespace {

int serve_mcp(const Globals& globals) {
  if (const char* url = std::getenv("OPENAVAIL_BASE_URL"); url != nullptr && *url != 0) {
    return report(globals,
                  Error(ErrorCode::validation_failed,
                        "OPENAVAIL_BASE_URL is set, but this version speaks to a local data "
                        "directory only: a remote server needs `openavail serve`, which is not "
                        "part of it yet",
                        "unset OPENAVAIL_BASE_URL to use the data directory on this machine "
                        "(openavail init)"));
  }
  const auto text = [](const char* name) -> std::optional<std::string> {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == 0) return std::nullopt;
    return value;
  };
  Installation installation(globals.data_directory);
  mcp::ServerSettings settings;
  settings.version = kVersion;
  settings.api_key = text("OPENAVAIL_API_KEY");
  settings.default_owner = text("OPENAVAIL_OWNER_EMAIL");
  if (!settings.default_owner) settings.default_owner = globals.default_owner;
  settings.new_request_id = [&] { return installation.new_request_id(); };
  settings.operations = [&]() -> Result<operations::Operations*> {
    return &installation.operations();
  };
  mcp::Protocol protocol(std::move(settings));
  return mcp::serve_stdio(STDIN_FILENO, STDOUT_FILENO, protocol);
}

}  // namespace

void add_mcp_command(CLI::App& app, Globals& globals) {
  CLI::App* mcp = app.add_subcommand("mcp", "Serve MCP over standard input and output");
  mcp->footer(footer("  OPENAVAIL_API_KEY=$(cat planner.key) openavail mcp",
                     "0 end of input, 1 output broken, 2 settings"));
  mcp->callback([&globals] { globals.exit_code = serve_mcp(globals); });
}

}  // namespace openavail::cmd
