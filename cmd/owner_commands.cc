#include <filesystem>

#include "cmd/commands.h"
#include "cmd/text.h"

namespace openavail::cmd {
namespace {

using nlohmann::json;

json to_json(const ports::Owner& owner) {
  return {{"id", owner.id.text()},
          {"email", owner.email},
          {"aliases", owner.aliases},
          {"timezone", owner.timezone ? json(*owner.timezone) : json(nullptr)},
          {"created_at", time::format_instant(owner.created_at)}};
}

// What a check alone can tell is null without one.
json to_json(const service::CalendarStatus& status, bool is_checked) {
  json problems = json::array();
  for (const auto& problem : status.report.problems) {
    problems.push_back({{"file", problem.file}, {"what", problem.what}});
  }
  const auto& calendar = status.calendar;
  return {{"id", calendar.id.text()},
          {"owner", status.owner_email},
          {"type", to_text(calendar.type)},
          {"provider", calendar.provider},
          {"path", calendar.location},
          {"primary", calendar.is_primary},
          {"timezone", calendar.timezone ? json(*calendar.timezone) : json(nullptr)},
          {"usable", status.is_usable},
          {"problem", status.problem.empty() ? json(nullptr) : json(status.problem)},
          {"objects", is_checked ? json(status.report.objects) : json(nullptr)},
          {"problems", is_checked ? problems : json(nullptr)}};
}

const std::vector<std::string> kOwnerFields{"email", "timezone", "aliases", "created_at", "id"};
const std::vector<std::string> kCalendarFields{"owner", "type",     "primary", "provider",
                                               "path",  "timezone", "id"};

struct OwnerOptions {
  std::string email, timezone, new_email;
  std::vector<std::string> aliases, removed_aliases;
};

struct CalendarOptions {
  std::string owner, type = "work", provider = "vdir", path, timezone;
  bool primary = false, accept = false;
};

std::optional<std::string> maybe(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

Result<ports::CalendarType> type_of(const std::string& text) {
  if (const auto type = ports::calendar_type_from_text(text)) return *type;
  return fail(ErrorCode::validation_failed, "there is no calendar type " + text,
              "use work, personal or other");
}

}  // namespace

void add_owner_commands(CLI::App& app, Globals& globals) {
  auto o = std::make_shared<OwnerOptions>();
  CLI::App* owners = add_group(app, "owners", "People whose calendars are kept",
                               "  openavail owners list\n"
                               "  openavail owners show jane@example.org");
  CLI::App* add = owners->add_subcommand("add", "Add an owner");
  add->footer(footer("  openavail owners add jane@example.org --timezone Europe/Paris",
                     "0 done, 1 failed, 2 not valid, 5 the address is taken"));
  add->add_option("email", o->email, "The person's e-mail address")->required();
  add->add_option("--timezone", o->timezone, "IANA name: Europe/Paris");
  add->add_option("--alias", o->aliases, "Further addresses of the same person");
  add->callback([&globals, o] {
    run(globals, [&]() -> Status {
      Installation installation(globals.data_directory);
      OA_TRY(const auto owner,
             installation.administration().add_owner(o->email, maybe(o->timezone), o->aliases));
      print_object(globals, to_json(owner), kOwnerFields);
      return {};
    });
  });
  CLI::App* list = owners->add_subcommand("list", "List owners");
  list->footer(
      footer("  openavail owners list\n  openavail owners list --json", "0 done, 1 failed"));
  list->callback([&globals] {
    run(globals, [&]() -> Status {
      Installation installation(globals.data_directory);
      OA_TRY(const auto all, installation.administration().owners());
      json rows = json::array();
      for (const auto& owner : all) rows.push_back(to_json(owner));
      print_list(globals, rows, {"email", "timezone", "aliases", "created_at"});
      return {};
    });
  });
  CLI::App* show = owners->add_subcommand("show", "Show an owner");
  show->footer(footer("  openavail owners show jane@example.org", "0 done, 1 failed, 3 not found"));
  show->add_option("email", o->email, "The owner's e-mail address, or an alias")->required();
  show->callback([&globals, o] {
    run(globals, [&]() -> Status {
      Installation installation(globals.data_directory);
      OA_TRY(const auto owner, installation.administration().owner(o->email));
      print_object(globals, to_json(owner), kOwnerFields);
      return {};
    });
  });
  CLI::App* update = owners->add_subcommand("update", "Change an owner");
  update->footer(footer("  openavail owners update jane@example.org --timezone Europe/Berlin",
                        "0 done, 1 failed, 2 not valid, 3 not found"));
  update->add_option("email", o->email, "The owner's e-mail address, or an alias")->required();
  update->add_option("--email", o->new_email, "A new address");
  update->add_option("--timezone", o->timezone, "IANA name: Europe/Paris");
  update->add_option("--add-alias", o->aliases, "A further address of the same person");
  update->add_option("--remove-alias", o->removed_aliases, "An address that is no longer theirs");
  update->callback([&globals, o] {
    run(globals, [&]() -> Status {
      Installation installation(globals.data_directory);
      OA_TRY(const auto owner, installation.administration().update_owner(
                                   o->email, {maybe(o->new_email), maybe(o->timezone), o->aliases,
                                              o->removed_aliases}));
      print_object(globals, to_json(owner), kOwnerFields);
      return {};
    });
  });
  CLI::App* remove = owners->add_subcommand("remove", "Remove an owner without bookings to come");
  remove->footer(footer("  openavail owners remove jane@example.org",
                        "0 done, 1 failed, 3 not found, 5 bookings to come"));
  remove->add_option("email", o->email, "The owner's e-mail address, or an alias")->required();
  remove->callback([&globals, o] {
    run(globals, [&] {
      return Installation(globals.data_directory).administration().remove_owner(o->email);
    });
  });

  auto c = std::make_shared<CalendarOptions>();
  CLI::App* calendars = add_group(app, "calendars", "Connected calendars",
                                  "  openavail calendars list\n  openavail calendars check");
  CLI::App* connect = calendars->add_subcommand("add", "Connect a calendar");
  connect->footer(
      footer("  openavail calendars add --owner jane@example.org --type work "
             "--provider vdir --path ~/calendars/work --primary",
             "0 done, 1 failed, 2 not valid, 3 no such owner, 5 type taken"));
  connect->add_option("--owner", c->owner, "Whose calendar it is")->required();
  connect->add_option("--type", c->type, "work, personal or other")->required();
  connect->add_option("--provider", c->provider, "vdir: a folder of .ics files");
  connect->add_option("--path", c->path, "The folder")->required();
  connect->add_flag("--primary", c->primary, "Where events are written by default");
  connect->add_option("--timezone", c->timezone, "IANA name; default: the owner's");
  connect->callback([&globals, c] {
    run(globals, [&]() -> Status {
      OA_TRY(const auto type, type_of(c->type));
      std::error_code error;
      const auto path =
          std::filesystem::weakly_canonical(std::filesystem::absolute(c->path), error);
      Installation installation(globals.data_directory);
      OA_TRY(const auto made,
             installation.administration().add_calendar(
                 {c->owner, type, c->provider, path.string(), maybe(c->timezone), c->primary}));
      print_object(globals, to_json({made, c->owner, true, "", {}}, false), kCalendarFields);
      return {};
    });
  });
  const auto show_all = [&globals](const Result<std::vector<service::CalendarStatus>>& all,
                                   bool checked) -> Status {
    if (!all) return fail(all.error());
    json rows = json::array();
    for (const auto& status : *all) {
      rows.push_back(to_json(status, checked));
      if (checked && !status.is_usable) {
        globals.exit_code = info(ErrorCode::calendar_unavailable).exit_code;
        for (const auto& problem : status.report.problems) {
          std::fprintf(stderr, "openavail: %s: %s\n", plain(problem.file).c_str(),
                       plain(problem.what).c_str());
        }
      }
    }
    std::vector<std::string> columns{"owner", "type", "primary", "usable"};
    if (checked) columns.push_back("objects");
    columns.insert(columns.end(), {"problem", "path"});
    print_list(globals, rows, columns);
    return {};
  };
  CLI::App* listed = calendars->add_subcommand("list", "List calendars");
  listed->footer(footer("  openavail calendars list --owner jane@example.org",
                        "0 done, 1 failed, 3 no such owner"));
  listed->add_option("--owner", c->owner, "Only this owner's");
  listed->callback([&globals, c, show_all] {
    run(globals, [&] {
      Installation installation(globals.data_directory);
      return show_all(installation.administration().calendars(maybe(c->owner)), false);
    });
  });
  CLI::App* check = calendars->add_subcommand("check", "Read every calendar whole");
  check->footer(footer("  openavail calendars check\n  openavail calendars check --accept",
                       "0 all usable, 1 failed, 3 no such owner, 13 one is not"));
  check->add_option("--owner", c->owner, "Only this owner's");
  check->add_flag("--accept", c->accept,
                  "Take swapped or emptied folders back into use as they are");
  check->callback([&globals, c, show_all] {
    run(globals, [&] {
      Installation installation(globals.data_directory);
      return show_all(installation.administration().check_calendars(maybe(c->owner), c->accept),
                      true);
    });
  });
  CLI::App* disconnect = calendars->add_subcommand("remove", "Disconnect a calendar");
  disconnect->footer(footer("  openavail calendars remove --owner jane@example.org --type work",
                            "0 done, 1 failed, 3 not found, 5 bookings to come"));
  disconnect->add_option("--owner", c->owner, "Whose calendar it is")->required();
  disconnect->add_option("--type", c->type, "work, personal or other")->required();
  disconnect->callback([&globals, c] {
    run(globals, [&]() -> Status {
      OA_TRY(const auto type, type_of(c->type));
      Installation installation(globals.data_directory);
      return installation.administration().remove_calendar(c->owner, type);
    });
  });
}

}  // namespace openavail::cmd
