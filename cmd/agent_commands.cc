#include <unistd.h>

#include <cstdio>

#include "cmd/commands.h"
#include "keys/key_text.h"

namespace openavail::cmd {
namespace {

using nlohmann::json;

json to_json(const service::AgentInfo& info) {
  return {{"id", info.agent.id.text()},
          {"name", info.agent.name},
          {"permissions", info.agent.permissions.names()},
          {"owners", info.owner_emails},
          {"disabled", info.agent.is_disabled}};
}

json to_json(const ports::Key& key) {
  const auto maybe = [](const std::optional<Instant>& t) {
    return t ? json(time::format_instant(*t)) : json(nullptr);
  };
  return {{"key_ref", key.ref.text()},
          {"agent", key.agent_id.text()},
          {"label", key.label},
          {"created_at", time::format_instant(key.created_at)},
          {"expires_at", maybe(key.expires_at)},
          {"revoked_at", maybe(key.revoked_at)}};
}

struct AgentOptions {
  std::string name;
  std::vector<std::string> permissions, owners;
};

struct KeyOptions {
  std::string agent, label, ref, grace = "0s", key_file, into;
};

// "24h", "30m", "90s", "2d".
Result<std::chrono::seconds> duration_of(const std::string& text) {
  char unit = 0;
  int count = 0;
  char rest = 0;
  // Seven digits at most: nothing overflows, and no grace is that long.
  if (std::sscanf(text.c_str(), "%7d%c%c", &count, &unit, &rest) == 2 && count >= 0) {
    switch (unit) {
      case 's': return std::chrono::seconds(count);
      case 'm': return std::chrono::seconds(std::chrono::minutes(count));
      case 'h': return std::chrono::seconds(std::chrono::hours(count));
      case 'd': return std::chrono::seconds(std::chrono::hours(24 * count));
      default: break;
    }
  }
  return fail(ErrorCode::validation_failed, "not a duration: " + text, "write 30m, 24h or 2d");
}

// A key that nobody could read must not stay valid.
Status show_key(const Globals& globals, Installation& installation,
                const service::MintedKey& minted) {
  if (globals.form != OutputForm::table) {
    print_object(globals, {{"key", std::string(minted.text.reveal())},
                           {"key_ref", minted.key.ref.text()},
                           {"agent", minted.agent_name},
                           {"label", minted.key.label},
                           {"created_at", time::format_instant(minted.key.created_at)}});
  } else {
    std::printf("%.*s\n", static_cast<int>(minted.text.reveal().size()),
                minted.text.reveal().data());
  }
  if (is_output_whole()) {
    say(globals, "shown once; reference " + minted.key.ref.text());
    return {};
  }
  OA_TRY_STATUS(installation.administration().revoke_key(minted.key.ref));
  return fail(ErrorCode::internal, "the new key could not be shown whole, so it was revoked",
              "see where standard output goes, then mint another (openavail keys mint)");
}

std::optional<std::string> maybe(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

void add_key_commands(CLI::App& app, Globals& globals) {
  auto o = std::make_shared<KeyOptions>();
  CLI::App* keys = app.add_subcommand("keys", "Agents' keys");
  keys->require_subcommand(1);
  CLI::App* mint = keys->add_subcommand("mint", "Make a key; it is shown once");
  mint->footer(footer("  openavail keys mint --agent scheduler --label laptop > key.txt",
                      "0 done, 3 no such agent"));
  mint->add_option("--agent", o->agent)->required();
  mint->add_option("--label", o->label);
  mint->callback([&globals, o] {
    run(globals, [&]() -> Status {
      Installation installation(globals.data_directory);
      OA_TRY(const auto pepper, installation.pepper());
      OA_TRY(const auto minted,
             installation.administration().mint_key(o->agent, o->label, pepper));
      return show_key(globals, installation, minted);
    });
  });
  CLI::App* list = keys->add_subcommand("list", "List keys; never their secrets");
  list->footer(footer("  openavail keys list --agent scheduler"));
  list->add_option("--agent", o->agent);
  list->callback([&globals, o] {
    run(globals, [&]() -> Status {
      Installation installation(globals.data_directory);
      OA_TRY(const auto all, installation.administration().keys(maybe(o->agent)));
      json rows = json::array();
      for (const auto& key : all) rows.push_back(to_json(key));
      print_list(globals, rows,
                 {"key_ref", "agent", "label", "created_at", "expires_at", "revoked_at"});
      return {};
    });
  });
  CLI::App* revoke = keys->add_subcommand("revoke", "Revoke a key; the very next call is refused");
  revoke->footer(footer("  openavail keys revoke 4fQ0Xn2bLr8T", "0 done, 3 not found, 5 revoked before"));
  revoke->add_option("ref", o->ref)->required();
  revoke->callback([&globals, o] {
    run(globals, [&] {
      return Installation(globals.data_directory).administration().revoke_key(KeyRef(o->ref));
    });
  });
  CLI::App* rotate = keys->add_subcommand("rotate", "A new key for the same agent");
  rotate->footer(footer("  openavail keys rotate 4fQ0Xn2bLr8T --grace 24h",
                        "0 done, 3 not found, 5 revoked"));
  rotate->add_option("ref", o->ref)->required();
  rotate->add_option("--grace", o->grace, "How long the old key still works; default: not at all");
  rotate->callback([&globals, o] {
    run(globals, [&]() -> Status {
      OA_TRY(const auto grace, duration_of(o->grace));
      Installation installation(globals.data_directory);
      OA_TRY(const auto pepper, installation.pepper());
      OA_TRY(const auto minted,
             installation.administration().rotate_key(KeyRef(o->ref), grace, pepper));
      return show_key(globals, installation, minted);
    });
  });
  CLI::App* check = keys->add_subcommand("check", "Is this the text of a key? Offline");
  check->footer(footer("  openavail keys check < key.txt", "0 form and checksum are right, 4 not"));
  check->add_option("--key-file", o->key_file, "A file, or - for standard input");
  check->callback([&globals, o] {
    run(globals, [&]() -> Status {
      const bool from_input = o->key_file.empty() && std::getenv("OPENAVAIL_API_KEY") == nullptr;
      OA_TRY(const std::string text, read_api_key(from_input ? "-" : o->key_file));
      const auto ref = keys::parse_key(text);
      if (!ref) {
        return fail(ErrorCode::unknown_api_key, "not the text of an Openavail key",
                    "check that all of it was copied");
      }
      print_object(globals, {{"key_ref", ref->text()}});
      return {};
    });
  });
}

}  // namespace

void add_agent_commands(CLI::App& app, Globals& globals) {
  auto o = std::make_shared<AgentOptions>();
  CLI::App* agents = app.add_subcommand("agents", "Agents and what they may do");
  agents->require_subcommand(1);
  CLI::App* add = agents->add_subcommand("register", "Register an agent");
  add->footer(footer("  openavail agents register scheduler --permissions "
                     "read_freebusy,create_holds,create_bookings --owners jane@example.org",
                     "0 done, 2 not valid, 3 no such owner, 5 the name is taken"));
  add->add_option("name", o->name)->required();
  add->add_option("--permissions", o->permissions)->delimiter(',')->required();
  add->add_option("--owners", o->owners)->delimiter(',')->required();
  add->callback([&globals, o] {
    run(globals, [&]() -> Status {
      OA_TRY(const auto permissions, policy::PermissionSet::from_names(o->permissions));
      Installation installation(globals.data_directory);
      OA_TRY(const auto made, installation.administration().register_agent(o->name, permissions,
                                                                           o->owners));
      print_object(globals, to_json(made));
      return {};
    });
  });
  CLI::App* list = agents->add_subcommand("list", "List agents");
  list->footer(footer("  openavail agents list"));
  list->callback([&globals] {
    run(globals, [&]() -> Status {
      Installation installation(globals.data_directory);
      OA_TRY(const auto all, installation.administration().agents());
      json rows = json::array();
      for (const auto& agent : all) rows.push_back(to_json(agent));
      print_list(globals, rows, {"name", "permissions", "owners", "disabled", "id"});
      return {};
    });
  });
  CLI::App* show = agents->add_subcommand("show", "Show an agent");
  show->footer(footer("  openavail agents show scheduler", "0 done, 3 not found"));
  show->add_option("name", o->name)->required();
  show->callback([&globals, o] {
    run(globals, [&]() -> Status {
      Installation installation(globals.data_directory);
      OA_TRY(const auto found, installation.administration().agent(o->name));
      print_object(globals, to_json(found));
      return {};
    });
  });
  CLI::App* update = agents->add_subcommand("update", "Change permissions or owners");
  update->footer(footer("  openavail agents update scheduler --permissions read_freebusy",
                        "0 done, 2 not valid, 3 not found"));
  update->add_option("name", o->name)->required();
  update->add_option("--permissions", o->permissions)->delimiter(',');
  update->add_option("--owners", o->owners)->delimiter(',');
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
      print_object(globals, to_json(done));
      return {};
    });
  });
  for (const bool disabled : {true, false}) {
    CLI::App* toggle = agents->add_subcommand(disabled ? "disable" : "enable",
                                              disabled ? "Refuse an agent's calls from now on"
                                                       : "Serve an agent again");
    toggle->footer(footer(std::string("  openavail agents ") + (disabled ? "disable" : "enable") +
                              " scheduler",
                          "0 done, 3 not found"));
    toggle->add_option("name", o->name)->required();
    toggle->callback([&globals, o, disabled] {
      run(globals, [&]() -> Status {
        Installation installation(globals.data_directory);
        OA_TRY(const auto done,
               installation.administration().set_agent_disabled(o->name, disabled));
        print_object(globals, to_json(done));
        return {};
      });
    });
  }
  add_key_commands(app, globals);
}

}  // namespace openavail::cmd
