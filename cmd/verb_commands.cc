// The agents' everyday commands: their options become the input of one operation each.
#include "cmd/agent_call.h"
#include "cmd/commands.h"

namespace openavail::cmd {
namespace {

using nlohmann::json;

constexpr const char* kVerbExitCodes =
    "0 done, 1 failed, 2 not valid, 3 not found, 4 not allowed, 5 conflict, 6 later, 10 rejected, "
    "11 counter-proposed, 12 no slots, 13 calendar unavailable";

constexpr const char* kTimeForm = "RFC 3339 with an offset, whole seconds: 2027-03-01T09:00:00Z";

struct VerbOptions {
  std::string owner, calendar, meeting_class, start, end, title, description, id, query, attendee;
  std::string cursor, key_file, idempotency_key;
  std::vector<std::string> attendees;
  std::optional<int> minutes, limit, lookahead_hours;
};

using Options = std::shared_ptr<VerbOptions>;
using Fill = void (*)(const VerbOptions& options, json& input);

void put(json& input, const char* name, const std::string& value) {
  if (!value.empty()) input[name] = value;
}

void put(json& input, const char* name, const std::optional<int>& value) {
  if (value) input[name] = *value;
}

void put_target(json& input, const VerbOptions& o) {
  put(input, "owner_email", o.owner);
  put(input, "calendar_type", o.calendar);
}

void put_event(json& input, const VerbOptions& o) {
  input["start"] = o.start;
  input["end"] = o.end;
  put(input, "title", o.title);
  put(input, "description", o.description);
  for (const std::string& email : o.attendees) input["attendees"].push_back({{"email", email}});
}

void fill_search(const VerbOptions& o, json& input) {
  put_target(input, o);
  put(input, "duration_minutes", o.minutes);
  put(input, "meeting_class", o.meeting_class);
  put(input, "earliest_start", o.start);
  put(input, "latest_end", o.end);
  put(input, "max_results", o.limit);
  put(input, "next_available_lookahead_hours", o.lookahead_hours);
}

// With --minutes the times are a window, of which the meeting will take so much.
void fill_hold(const VerbOptions& o, json& input) {
  put_target(input, o);
  put(input, "meeting_class", o.meeting_class);
  input["hold_scope"] = o.minutes ? "window" : "candidate";
  input[o.minutes ? "window" : "candidate"] = {{"start", o.start}, {"end", o.end}};
  put(input, "duration_minutes", o.minutes);
}

void fill_hold_id(const VerbOptions& o, json& input) { input["hold_id"] = o.id; }

void fill_confirm(const VerbOptions& o, json& input) {
  put_event(input, o);
  fill_hold_id(o, input);
}

void fill_book(const VerbOptions& o, json& input) {
  put_target(input, o);
  put_event(input, o);
  put(input, "meeting_class", o.meeting_class);
}

void fill_cancel(const VerbOptions& o, json& input) { input["id"] = o.id; }

void fill_bookings(const VerbOptions& o, json& input) {
  put_target(input, o);
  put(input, "start", o.start);
  put(input, "end", o.end);
  put(input, "query", o.query);
  put(input, "attendee_email", o.attendee);
  put(input, "limit", o.limit);
  put(input, "cursor", o.cursor);
}

void fill_simulate(const VerbOptions& o, json& input) {
  put_target(input, o);
  input["start"] = o.start;
  input["end"] = o.end;
  put(input, "meeting_class", o.meeting_class);
}

struct Verb {
  const char* name;
  const char* what;
  const char* tool;
  const char* examples;
  Fill fill;
  View view;
  const char* rows = nullptr;
};

CLI::App* add_verb(CLI::App& app, Globals& globals, const Options& o, const Verb& verb) {
  CLI::App* command = app.add_subcommand(verb.name, verb.what);
  command->footer(footer(verb.examples, kVerbExitCodes));
  command->add_option("--key-file", o->key_file,
                      "A file that holds the key, or - for standard input (OPENAVAIL_API_KEY)");
  command->callback([&globals, o, verb] {
    run(globals, [&] {
      AgentRequest request;
      request.tool = verb.tool;
      request.input = json::object();
      verb.fill(*o, request.input);
      request.key_file = o->key_file;
      request.idempotency_key = o->idempotency_key;
      request.owner_email = o->owner;
      request.view = verb.view;
      request.rows = verb.rows;
      return run_as_agent(globals, std::move(request));
    });
  });
  return command;
}

void add_target(CLI::App* command, const Options& o) {
  command->add_option("--owner", o->owner, "Whose calendar; may be left out when the key has one");
  command->add_option("--calendar-type", o->calendar, "Where to write: work, personal or other");
}

void add_class(CLI::App* command, const Options& o) {
  command->add_option("--class", o->meeting_class, "Meeting class (openavail classes list)")
      ->required();
}

void add_times(CLI::App* command, const Options& o) {
  command->add_option("--start", o->start, kTimeForm)->required();
  command->add_option("--end", o->end, "The same form")->required();
}

void add_idempotency_key(CLI::App* command, const Options& o) {
  command->add_option("--idempotency-key", o->idempotency_key,
                      "The same key brings the first outcome again, for 24 hours");
}

void add_text(CLI::App* command, const Options& o) {
  command->add_option("--title", o->title, "Title of the event");
  command->add_option("--description", o->description, "Description of the event");
  command->add_option("--attendee", o->attendees, "E-mail address; may be repeated");
  add_idempotency_key(command, o);
}

void add_holding(CLI::App& app, Globals& globals, const Options& o) {
  CLI::App* hold = add_verb(
      app, globals, o,
      {"hold", "Hold one exact time, or with --minutes a window to choose it from", "create-hold",
       "  openavail hold --class Regular --start 2027-03-01T09:00:00Z --end 2027-03-01T09:30:00Z\n"
       "  openavail hold --class Regular --start 2027-03-01T09:00:00Z --end 2027-03-01T12:00:00Z "
       "--minutes 30",
       fill_hold, view_hold});
  add_class(hold, o);
  add_times(hold, o);
  hold->add_option("--minutes", o->minutes,
                   "Hold all of start to end as a window, for a meeting of so many minutes");
  add_target(hold, o);
  add_idempotency_key(hold, o);

  add_verb(app, globals, o,
           {"release", "Release a hold", "release-hold",
            "  openavail release 01890a5d-ac96-774b-bcce-b302099a8057", fill_hold_id, view_release})
      ->add_option("hold", o->id, "The hold's id")
      ->required();

  CLI::App* confirm = add_verb(
      app, globals, o,
      {"confirm", "Turn a hold into a booking", "confirm-hold",
       "  openavail confirm 01890a5d-ac96-774b-bcce-b302099a8057 --start 2027-03-01T09:00:00Z "
       "--end 2027-03-01T09:30:00Z --title Sync",
       fill_confirm, view_booking});
  confirm->add_option("hold", o->id, "The hold's id")->required();
  add_times(confirm, o);
  add_text(confirm, o);
}

void add_booking(CLI::App& app, Globals& globals, const Options& o) {
  CLI::App* book = add_verb(
      app, globals, o,
      {"book", "Book a time", "create-event",
       "  openavail book --class Regular --start 2027-03-01T09:00:00Z --end 2027-03-01T09:30:00Z "
       "--title Sync",
       fill_book, view_booking});
  add_class(book, o);
  add_times(book, o);
  add_text(book, o);
  add_target(book, o);

  CLI::App* cancel = add_verb(
      app, globals, o,
      {"cancel", "Cancel a booking", "delete-event",
       "  openavail cancel 01890a5d-ac96-774b-bcce-b302099a8057", fill_cancel, view_cancel});
  cancel->add_option("booking", o->id, "The booking's id")->required();
  add_idempotency_key(cancel, o);

  CLI::App* bookings =
      add_verb(app, globals, o,
               {"bookings", "List bookings by their start", "list-events",
                "  openavail bookings --from 2027-03-01T00:00:00Z --to 2027-03-08T00:00:00Z\n"
                "  openavail bookings --query planning --json",
                fill_bookings, view_bookings, "bookings"});
  bookings->add_option("--from", o->start, "Earliest start (now)");
  bookings->add_option("--to", o->end, "Latest start (now and 3 days)");
  bookings->add_option("--query", o->query, "Words of the title");
  bookings->add_option("--attendee", o->attendee, "An attendee's e-mail address");
  bookings->add_option("--limit", o->limit, "At most so many, 1 to 100 (50)");
  bookings->add_option("--cursor", o->cursor, "Go on where the list before ended");
  add_target(bookings, o);
}

void add_asking(CLI::App& app, Globals& globals, const Options& o) {
  CLI::App* search =
      add_verb(app, globals, o,
               {"search", "Search free times, the best first", "search-availability",
                "  openavail search --class Regular --minutes 30 --from 2027-03-01T08:00:00Z "
                "--to 2027-03-03T18:00:00Z",
                fill_search, view_search, "candidates"});
  add_class(search, o);
  search->add_option("--minutes", o->minutes, "How long the meeting is, 5 to 480")->required();
  search->add_option("--from", o->start, kTimeForm)->required();
  search->add_option("--to", o->end, "The meeting must end by then")->required();
  search->add_option("--limit", o->limit, "At most so many, 1 to 100 (50)");
  search->add_option("--lookahead-hours", o->lookahead_hours,
                     "How far behind --to to look for the next free time, 1 to 72 (72)");
  add_target(search, o);

  CLI::App* simulate =
      add_verb(app, globals, o,
               {"simulate", "What would be decided, and why, without deciding it", "simulate",
                "  openavail simulate --class Regular --start 2027-03-01T09:00:00Z "
                "--end 2027-03-01T09:30:00Z",
                fill_simulate, view_simulation});
  add_class(simulate, o);
  add_times(simulate, o);
  add_target(simulate, o);
}

}  // namespace

void add_verb_commands(CLI::App& app, Globals& globals) {
  const auto o = std::make_shared<VerbOptions>();
  add_asking(app, globals, o);
  add_holding(app, globals, o);
  add_booking(app, globals, o);
}

}  // namespace openavail::cmd
