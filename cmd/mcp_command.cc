// mcp: the door that agents' clients start; with --listen, over HTTP.
#include <unistd.h>

#include <cstdlib>
#include <memory>

#include "cmd/commands.h"
#include "cmd/door.h"
#include "cmd/serving.h"
#include "mcp/calendar_features.h"
#include "mcp/stdio.h"

namespace openavail::cmd {
namespace {

struct ListenOptions {
  ServeChoice choice;
  bool conformance_fixtures = false;
};

std::optional<std::string> variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == 0) return std::nullopt;
  return value;
}

// OPENAVAIL_BASE_URL: the same tools, run by a server.
Result<Door> open_door(const Globals& globals) {
  if (const auto url = variable("OPENAVAIL_BASE_URL")) {
    return Door::to_server(*url, variable("OPENAVAIL_CA_FILE").value_or(""));
  }
  Globals here = globals;
  here.server.clear();
  return Door::open(here);
}

mcp::ServerSettings mcp_settings(Door& door) {
  return {kVersion,
          [&door] { return door.new_request_id(); },
          [&door]() -> Result<operations::Runner*> { return &door.runner(); },
          [&door] { return door.secret(); },
          door.clock(),
          door.entropy()};
}

Status serve_stdio(Globals& globals) {
  OA_TRY(Door door, open_door(globals));
  if (Installation* const here = door.local()) here->keep_checkpoints();
  mcp::Caller caller;
  caller.api_key = variable("OPENAVAIL_API_KEY");
  caller.default_owner = variable("OPENAVAIL_OWNER_EMAIL");
  if (!caller.default_owner) caller.default_owner = globals.default_owner;
  mcp::CalendarFeatures features(mcp_settings(door));
  mcp::Subscriptions subscriptions;
  mcp::Protocol protocol(features, subscriptions);
  globals.exit_code = mcp::serve_stdio(STDIN_FILENO, STDOUT_FILENO, protocol, caller);
  return {};
}

}  // namespace

void add_mcp_command(CLI::App& app, Globals& globals) {
  auto o = std::make_shared<ListenOptions>();
  CLI::App* mcp = app.add_subcommand("mcp", "Serve MCP over standard input and output, or HTTP");
  mcp->footer(
      footer("  OPENAVAIL_API_KEY=$(cat planner.key) openavail mcp\n"
             "  openavail mcp --listen 127.0.0.1:8080 --insecure-loopback",
             "0 end of input or ended by a signal, 1 failed, 2 settings"));
  CLI::Option* listen = mcp->add_option(
      "--listen", o->choice.listen, "HTTP on ADDR:PORT or unix:PATH; each request brings its key");
  add_listening_options(*mcp, o->choice, listen);
  // Hidden: for the conformance suite alone.
  mcp->add_flag("--conformance-fixtures", o->conformance_fixtures)->group("")->needs(listen);
  mcp->callback([&globals, o] {
    run(globals, [&] {
      if (o->choice.listen.empty()) return serve_stdio(globals);
      o->choice.offer = o->conformance_fixtures ? Offer::fixtures : Offer::mcp;
      return serve_until_signalled(globals, o->choice);
    });
  });
}

}  // namespace openavail::cmd
