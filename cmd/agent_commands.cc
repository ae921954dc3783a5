#include "cmd/commands.h"

namespace openavail::cmd {
namespace {

using nlohmann::json;

json to_json(const service::AgentInfo& info) {
  return {{"id", info.agent.id.text()},
          {"name", info.agent.name},
          {"permissions", info.agent.permissions.names()},
          {"owners", info.agent.is_for_all_owners ? std::vector<std::string>{service::kAllOwners}
                                                  : info.owner_emails},
          {"disabled", info.agent.is_disabled}};
}

const std::vector<std::string> kFields{"name", "permissions", "owners", "disabled", "id"};

constexpr const char* kPermissionsHelp =
    "Comma-separated: read_freebusy, read_events, create_holds, create_bookings, preempt, …";
constexpr const char* kOwnersHelp =
    "Whose calendars: comma-separated e-mail addresses; all: every owner, those to come included";

struct AgentOptions {
  std::string name;
  std::vector<std::string> permissions, owners;
};

}  // namespace

void add_agent_commands(CLI::App& app, Globals& globals) {
  auto o = std::make_shared<AgentOptions>();
  CLI::App* agents = add_group(app, "agents", "Agents and what they may do",
                               "  openavail agents list\n  openavail agents show scheduler");
  CLI::App* add = agents->add_subcommand("register", "Register an agent");
  add->footer(
      footer("  openavail agents register scheduler --permissions "
             "read_freebusy,create_holds,create_bookings --owners jane@example.org\n"
             "  openavail agents register auditor --permissions read_audit --owners all",
             "0 done, 1 failed, 2 not valid, 3 no such owner, 5 the name is taken"));
  add->add_option("name", o->name, "A name of your choice")->required();
  add->add_option("--permissions", o->permissions, kPermissionsHelp)->delimiter(',')->required();
  add->add_option("--owners", o->owners, kOwnersHelp)->delimiter(',')->required();
  add->callback([&globals, o] {
    run(globals, [&]() -> Status {
      OA_TRY(const auto permissions, policy::PermissionSet::from_names(o->permissions));
      Installation installation(globals.data_directory);
      OA_TRY(const auto made,
             installation.administration().register_agent(o->name, permissions, o->owners));
      print_object(globals, to_json(made), kFields);
      return {};
    });
  });
  CLI::App* list = agents->add_subcommand("list", "List agents");
  list->footer(
      footer("  openavail agents list\n  openavail agents list --json", "0 done, 1 failed"));
  list->callback([&globals] {
    run(globals, [&]() -> Status {
      Installation installation(globals.data_directory);
      OA_TRY(const auto all, installation.administration().agents());
      json rows = json::array();
      for (const auto& agent : all) rows.push_back(to_json(agent));
      print_list(globals, rows, {"name", "permissions", "owners", "disabled"});
      return {};
    });
  });
  CLI::App* show = agents->add_subcommand("show", "Show an agent");
  show->footer(footer("  openavail agents show scheduler", "0 done, 1 failed, 3 not found"));
  show->add_option("name", o->name, "The agent's name")->required();
  show->callback([&globals, o] {
    run(globals, [&]() -> Status {
      Installation installation(globals.data_directory);
      OA_TRY(const auto found, installation.administration().agent(o->name));
      print_object(globals, to_json(found), kFields);
      return {};
    });
  });
  CLI::App* update = agents->add_subcommand("update", "Change permissions or owners");
  update->footer(footer("  openavail agents update scheduler --permissions read_freebusy",
                        "0 done, 1 failed, 2 not valid, 3 not found"));
  update->add_option("name", o->name, "The agent's name")->required();
  update->add_option("--permissions", o->permissions, kPermissionsHelp)->delimiter(',');
  update->add_option("--owners", o->owners, kOwnersHelp)->delimiter(',');
  update->callback([&globals, o] {
    run(globals, [&]() -> Status {
      std::optional<policy::PermissionSet> permissions;
      if (!o->permissions.empty()) {
        OA_TRY(permissions, policy::PermissionSet::from_names(o->permissions));
      }
      std::optional<std::vector<std::string>> owners;
      if (!o->owners.empty()) owners = o->owners;
      Installation installation(globals.data_directory);
      OA_TRY(const auto done,
             installation.administration().update_agent(o->name, permissions, owners));
      print_object(globals, to_json(done), kFields);
      return {};
    });
  });
  for (const bool disabled : {true, false}) {
    CLI::App* toggle = agents->add_subcommand(
        disabled ? "disable" : "enable",
        disabled ? "Refuse an agent's calls from now on" : "Serve an agent again");
    toggle->footer(footer(
        std::string("  openavail agents ") + (disabled ? "disable" : "enable") + " scheduler",
        "0 done, 1 failed, 3 not found"));
    toggle->add_option("name", o->name, "The agent's name")->required();
    toggle->callback([&globals, o, disabled] {
      run(globals, [&]() -> Status {
        Installation installation(globals.data_directory);
        OA_TRY(const auto done,
               installation.administration().set_agent_disabled(o->name, disabled));
        print_object(globals, to_json(done), kFields);
        return {};
      });
    });
  }
}

}  // namespace openavail::cmd
