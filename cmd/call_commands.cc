// call and the agents' commands: the door that needs a key.
#include <cstdio>
#include <iostream>

#include "cmd/commands.h"
#include "operations/json_guard.h"

namespace openavail::cmd {
namespace {

using nlohmann::json;

struct CallOptions {
  std::string tool, input, key_file, idempotency_key;
  bool include_situation = false;
};

struct AgentOptions {
  std::string owner, calendar, meeting_class, start, end, title, description, id, key_file, key;
  std::vector<std::string> attendees;
  int duration = 0;
};

Status call(Globals& globals, const std::string& tool, json input, const std::string& key_file,
            const std::string& idempotency_key, bool include_situation) {
  OA_TRY(const std::string api_key, read_api_key(key_file));
  Installation installation(globals.data_directory);
  service::Call context;
  context.request_id = installation.new_request_id();
  if (!idempotency_key.empty()) context.idempotency_key = idempotency_key;
  context.include_situation = include_situation;
  const auto outcome =
      installation.operations().run(tool, std::move(input), api_key, std::move(context));
  globals.exit_code = outcome.exit_code;
  if (outcome.ok || globals.form != OutputForm::table) {
    print_object(globals, outcome.body);
    return {};
  }
  const json& error = outcome.body.at("error");
  std::fprintf(stderr, "openavail: %s\n", plain(error.at("message").get<std::string>()).c_str());
  if (error.contains("next")) {
    std::fprintf(stderr, "hint: %s\n", plain(error.at("next").get<std::string>()).c_str());
  }
  if (outcome.body.contains("alternatives")) {
    print_list(globals, outcome.body.at("alternatives"), {"start", "end"});
  }
  return {};
}

void put(json& input, const char* name, const std::string& value) {
  if (!value.empty()) input[name] = value;
}

// A command whose options become the input of one operation.
template <class Fill>
CLI::App* add_agent_command(CLI::App& app, Globals& globals, const char* name, const char* what,
                            const char* tool, const std::string& example,
                            const std::shared_ptr<AgentOptions>& o, Fill fill) {
  CLI::App* command = app.add_subcommand(name, what);
  command->footer(footer("  " + example,
                         "0 done, 2 not valid, 3 not found, 4 not allowed, 5 conflict, 10 rejected, "
                         "11 counter-proposed, 12 no slots, 13 calendar unavailable"));
  command->add_option("--key-file", o->key_file, "A file, or - (else OPENAVAIL_API_KEY)");
  command->callback([&globals, o, tool, fill] {
    run(globals, [&] {
      json input = json::object();
      fill(*o, input);
      return call(globals, tool, std::move(input), o->key_file, o->key, false);
    });
  });
  return command;
}

void add_target(CLI::App* command, const std::shared_ptr<AgentOptions>& o) {
  command->add_option("--owner", o->owner);
  command->add_option("--calendar-type", o->calendar);
}

void add_agent_verbs(CLI::App& app, Globals& globals) {
  auto o = std::make_shared<AgentOptions>();
  const auto target = [](const AgentOptions& a, json& input) {
    put(input, "owner_email", a.owner);
    put(input, "calendar_type", a.calendar);
  };
  CLI::App* search = add_agent_command(
      app, globals, "search", "Search free times", "search-availability",
      "openavail search --class Regular --minutes 30 --from 2026-07-01T08:00:00Z --to "
      "2026-07-03T18:00:00Z",
      o, [target](const AgentOptions& a, json& input) {
        target(a, input);
        input["duration_minutes"] = a.duration;
        put(input, "meeting_class", a.meeting_class);
        put(input, "earliest_start", a.start);
        put(input, "latest_end", a.end);
      });
  add_target(search, o);
  search->add_option("--class", o->meeting_class)->required();
  search->add_option("--minutes", o->duration)->required();
  search->add_option("--from", o->start)->required();
  search->add_option("--to", o->end)->required();

  const auto times = [o](CLI::App* command) {
    command->add_option("--start", o->start)->required();
    command->add_option("--end", o->end)->required();
  };
  const auto event = [](const AgentOptions& a, json& input) {
    put(input, "start", a.start);
    put(input, "end", a.end);
    put(input, "title", a.title);
    put(input, "description", a.description);
    for (const std::string& email : a.attendees) input["attendees"].push_back({{"email", email}});
  };
  const auto text_options = [o](CLI::App* command) {
    command->add_option("--title", o->title);
    command->add_option("--description", o->description);
    command->add_option("--attendee", o->attendees);
    command->add_option("--idempotency-key", o->key);
  };
  CLI::App* hold = add_agent_command(
      app, globals, "hold", "Hold one exact time", "create-hold",
      "openavail hold --class Regular --start 2026-07-01T09:00:00Z --end 2026-07-01T09:30:00Z", o,
      [target](const AgentOptions& a, json& input) {
        target(a, input);
        put(input, "meeting_class", a.meeting_class);
        input["hold_scope"] = "candidate";
        input["candidate"] = {{"start", a.start}, {"end", a.end}};
      });
  add_target(hold, o);
  times(hold);
  hold->add_option("--class", o->meeting_class)->required();
  hold->add_option("--idempotency-key", o->key);
  add_agent_command(app, globals, "release", "Release a hold", "release-hold",
                    "openavail release HOLD", o,
                    [](const AgentOptions& a, json& input) { put(input, "hold_id", a.id); })
      ->add_option("hold", o->id)
      ->required();
  CLI::App* confirm = add_agent_command(
      app, globals, "confirm", "Confirm a hold", "confirm-hold",
      "openavail confirm HOLD --start 2026-07-01T09:00:00Z --end 2026-07-01T09:30:00Z --title Sync",
      o, [event](const AgentOptions& a, json& input) {
        event(a, input);
        put(input, "hold_id", a.id);
      });
  confirm->add_option("hold", o->id)->required();
  times(confirm);
  text_options(confirm);
  CLI::App* book = add_agent_command(
      app, globals, "book", "Book a time", "create-event",
      "openavail book --class Regular --start 2026-07-01T09:00:00Z --end 2026-07-01T09:30:00Z "
      "--title Sync",
      o, [target, event](const AgentOptions& a, json& input) {
        target(a, input);
        event(a, input);
        put(input, "meeting_class", a.meeting_class);
      });
  add_target(book, o);
  times(book);
  text_options(book);
  book->add_option("--class", o->meeting_class)->required();
  CLI::App* cancel = add_agent_command(
      app, globals, "cancel", "Cancel a booking", "delete-event", "openavail cancel BOOKING", o,
      [](const AgentOptions& a, json& input) { put(input, "id", a.id); });
  cancel->add_option("booking", o->id)->required();
  cancel->add_option("--idempotency-key", o->key);
  CLI::App* bookings = add_agent_command(
      app, globals, "bookings", "List bookings", "list-events",
      "openavail bookings --from 2026-07-01T00:00:00Z --to 2026-07-08T00:00:00Z", o,
      [target](const AgentOptions& a, json& input) {
        target(a, input);
        put(input, "timeMin", a.start);
        put(input, "timeMax", a.end);
      });
  add_target(bookings, o);
  bookings->add_option("--from", o->start);
  bookings->add_option("--to", o->end);
  CLI::App* simulate = add_agent_command(
      app, globals, "simulate", "What would be decided, without deciding it", "simulate",
      "openavail simulate --class Regular --start 2026-07-01T09:00:00Z --end 2026-07-01T09:30:00Z",
      o, [target](const AgentOptions& a, json& input) {
        target(a, input);
        put(input, "start", a.start);
        put(input, "end", a.end);
        put(input, "meeting_class", a.meeting_class);
      });
  add_target(simulate, o);
  times(simulate);
  simulate->add_option("--class", o->meeting_class)->required();
}

}  // namespace

void add_call_commands(CLI::App& app, Globals& globals) {
  auto o = std::make_shared<CallOptions>();
  CLI::App* command = app.add_subcommand("call", "Run any operation by its MCP tool's name");
  command->footer(footer("  openavail call search-availability --input '{…}'\n"
                         "  openavail call create-event --input - < booking.json",
                         "0 done, 2 not valid, 3 not found, 4 not allowed, 5 conflict, 10 rejected, "
                         "11 counter-proposed, 12 no slots, 13 calendar unavailable"));
  command->add_option("tool", o->tool)->required();
  command->add_option("--input", o->input, "JSON, or - for standard input");
  command->add_option("--key-file", o->key_file, "A file, or - (else OPENAVAIL_API_KEY)");
  command->add_option("--idempotency-key", o->idempotency_key);
  command->add_flag("--include-situation", o->include_situation);
  command->callback([&globals, o] {
    if (globals.form == OutputForm::table) globals.form = OutputForm::json;
    run(globals, [&]() -> Status {
      std::string text = o->input.empty() ? "{}" : o->input;
      if (text == "-") text.assign(std::istreambuf_iterator<char>(std::cin), {});
      OA_TRY(json input, operations::parse_json(text));
      return call(globals, o->tool, std::move(input), o->key_file, o->idempotency_key,
                  o->include_situation);
    });
  });
  add_agent_verbs(app, globals);
}

}  // namespace openavail::cmd
