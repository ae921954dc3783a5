// A whole installation behind the MCP features: an owner with a folder, and agents with keys.
#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "mcp/messages.h"
#include "operations/operations.h"
#include "service/admin_house.h"

namespace openavail::mcp::testing {

inline constexpr const char* kJane = "jane@example.org";
inline constexpr const char* kJohn = "john@example.org";

struct CalendarHouse : service::testing::AdminHouse {
  SystemEntropy random;
  std::unique_ptr<ports::CalendarProviders> calendars = providers::make_vdir_providers(random);
  int requests = 0;
  service::AgentService agents{
      {*store, *calendars, clock, random, verifier,
       [this]() -> Result<std::shared_ptr<const audit::SigningKey>> { return signing_key; },
       []() -> Result<std::shared_ptr<const crypto::SecretBytes>> {
         return std::make_shared<const crypto::SecretBytes>(std::size_t{32});
       },
       sealer, [](const std::string&) {}}};
  operations::Operations operations{agents};
  Subscriptions subscriptions;
  CalendarFeatures features{
      {"1.2.3", [this] { return "request-" + std::to_string(++requests); },
       [this]() -> Result<openavail::operations::Runner*> { return &operations; },
       []() -> Result<std::shared_ptr<const crypto::SecretBytes>> {
         return std::make_shared<const crypto::SecretBytes>(std::size_t{32});
       },
       clock, random}};
  Protocol protocol{features, subscriptions};

  CalendarHouse() {
    for (const char* email : {kJane, kJohn}) {
      REQUIRE(admin.add_owner(email, "UTC", {}));
      service::NewCalendar asked;
      asked.owner_email = email;
      asked.type = service::CalendarType::work;
      asked.provider = "vdir";
      asked.location = calendar_folder(email);
      REQUIRE(admin.add_calendar(asked));
    }
  }

  // A key's text.
  std::string agent(const std::string& name, const std::vector<std::string>& permissions,
                    const std::vector<std::string>& owners = {kJane}) {
    const auto set = policy::PermissionSet::from_names(permissions);
    REQUIRE(set);
    REQUIRE(admin.register_agent(name, *set, owners));
    const auto minted = admin.mint_key(name, "test", pepper);
    REQUIRE(minted);
    return std::string(minted->text.reveal());
  }

  json answer(const std::string& key, const std::string& method, json parameters) {
    const auto answered =
        protocol.handle(request(method, std::move(parameters)), Caller{key, std::nullopt});
    REQUIRE(answered);
    return json::parse(*answered);
  }
  json result(const std::string& key, const std::string& method, json parameters) {
    const json answered = answer(key, method, std::move(parameters));
    INFO(answered.dump());
    REQUIRE(answered.contains("result"));
    return answered.at("result");
  }
  // The actions of the rows written since `before` rows were there, oldest first.
  std::vector<std::string> actions_since(std::size_t before) {
    std::vector<std::string> actions;
    const auto rows = audit();
    for (std::size_t i = before; i < rows.size(); ++i) {
      actions.push_back(json::parse(rows[i].row.canonical).at("action"));
    }
    return actions;
  }
};

}  // namespace openavail::mcp::testing
