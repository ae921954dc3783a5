#include "cmd/mcp_door.h"

#include <utility>

#include "cmd/commands.h"
#include "mcp/calendar_features.h"
#include "mcp/fixtures/fixture_features.h"

namespace openavail::cmd {

std::unique_ptr<McpDoor> McpDoor::to_calendars(Installation& installation,
                                               std::function<http::App&()> app,
                                               const McpAdmission& admission) {
  auto door = std::make_unique<McpDoor>();
  door->features_ = std::make_unique<mcp::CalendarFeatures>(
      mcp::ServerSettings{kVersion, [&installation] { return installation.new_request_id(); },
                          [app]() -> Result<operations::Runner*> { return &app().runner(); },
                          [&installation] { return installation.secret(); }, installation.clock(),
                          installation.entropy()});
  door->protocol_ = std::make_unique<mcp::Protocol>(*door->features_, door->subscriptions_);
  mcp::HttpSettings settings{*door->protocol_, nullptr, {}, {}};
  settings.authenticate = [app](const std::string& key, const transport::Request& request,
                                const std::string& request_id,
                                std::vector<transport::Header>& added) {
    return app().admit(key, request, request_id, added);
  };
  settings.allowed_hosts = admission.hosts;
  settings.allowed_origins = admission.origins;
  settings.accepts_legacy_version_header = admission.accepts_legacy_version_header;
  settings.log = admission.log;
  door->endpoint_ = std::make_unique<mcp::HttpEndpoint>(std::move(settings));
  return door;
}

std::unique_ptr<McpDoor> McpDoor::to_fixtures(const Clock& clock, Entropy& entropy) {
  auto door = std::make_unique<McpDoor>();
  door->features_ = std::make_unique<mcp::fixtures::FixtureFeatures>(door->subscriptions_, clock,
                                                                     entropy, kVersion);
  door->protocol_ = std::make_unique<mcp::Protocol>(*door->features_, door->subscriptions_);
  door->endpoint_ =
      std::make_unique<mcp::HttpEndpoint>(mcp::HttpSettings{*door->protocol_, nullptr, {}, {}});
  return door;
}

}  // namespace openavail::cmd
