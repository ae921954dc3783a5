// Prompts: how to go about the three things that people ask for most.
#include "mcp/calendar_features.h"

namespace openavail::mcp {
namespace {

using nlohmann::json;

struct PromptArgument {
  const char* name;
  const char* description;
  bool is_required;
};

struct PromptRow {
  const char* name;
  const char* title;
  const char* description;
  std::vector<PromptArgument> arguments;
  const char* text;  // ahead of the arguments
};

constexpr const char* kOwner = "Whose calendar; leave it out with a key for one owner";

const std::vector<PromptRow>& prompt_table() {
  static const std::vector<PromptRow> table = {
      {"book-a-meeting",
       "Book a meeting",
       "Find a time by the owner's rules, agree on it with your person, and book it",
       {{"title", "What the meeting is called", true},
        {"duration_minutes", "How long it is", true},
        {"when", "The days or hours that suit, in your person's words", false},
        {"attendees", "E-mail addresses, separated by commas", false},
        {"meeting_class", "One of the owner's meeting classes", false},
        {"calendar_type", "work, personal or other", false},
        {"owner_email", kOwner, false}},
       "Book a meeting with Openavail. First get-agent-context: it names the meeting classes (take "
       "the lowest that is honest), the working hours and the zone. Then search-availability in "
       "the "
       "window that is meant, create-hold on the best time that displaces nobody, and tell your "
       "person which it is. When they agree, confirm-hold; otherwise release-hold and take the "
       "next. On a refusal use its alternatives instead of asking for the same time again."},
      {"reschedule",
       "Reschedule a meeting",
       "Move a booking, or find a new time for one that was displaced",
       {{"booking_id", "The booking's id", true},
        {"when", "The days or hours that suit, in your person's words", false},
        {"owner_email", kOwner, false}},
       "Move a meeting with Openavail. A booking's time can't be changed: read it with get-event, "
       "find a new time of the same length and class with search-availability, hold it with "
       "create-hold, and ask your person. When they agree, confirm-hold with the same title, "
       "description and attendees first, and only then delete-event on the old booking, so that "
       "there is always one of the two. When it was displaced (status needs_reschedule), "
       "acknowledge its notification with ack-notifications afterwards."},
      {"explain-a-decision",
       "Explain a decision",
       "Say in plain words why a request was accepted or refused",
       {{"decision_id", "The auditRowId of an answer: dec_…", true}},
       "Explain to your person why Openavail decided as it did. Read the resource "
       "openavail://decisions/{decision_id}; it needs the permission read_audit. Its trace lists "
       "the checks in order (off day, working hours, hard blocks, daily cap, capacity) and the "
       "first that failed decided. Without that permission, repeat the request with simulate and "
       "read its engineTrace. Name the rule, not other people's meetings, and say what would be "
       "accepted instead."}};
  return table;
}

}  // namespace

RpcResult<json> CalendarFeatures::prompts(const Request& request) {
  json list = json::array();
  if (!request.caller.api_key) return list;
  for (const PromptRow& row : prompt_table()) {
    json arguments = json::array();
    for (const PromptArgument& argument : row.arguments) {
      arguments.push_back({{"name", argument.name},
                           {"description", argument.description},
                           {"required", argument.is_required}});
    }
    list.push_back({{"name", row.name},
                    {"title", row.title},
                    {"description", row.description},
                    {"arguments", std::move(arguments)}});
  }
  return list;
}

RpcResult<json> CalendarFeatures::get_prompt(const Request& request) {
  const auto name = request.text("name");
  if (!name) return tl::unexpected<RpcError>(name.error());
  const json given = request.parameters.value("arguments", json::object());
  if (!given.is_object()) {
    return rpc_fail(code::kInvalidParameters, "params.arguments has to be an object");
  }
  for (const PromptRow& row : prompt_table()) {
    if (*name != row.name || !request.caller.api_key) continue;
    // As JSON, so that no argument can pass for a part of the instructions.
    json told = json::object();
    for (const PromptArgument& argument : row.arguments) {
      const auto found = given.find(argument.name);
      if (found == given.end()) {
        if (!argument.is_required) continue;
        return rpc_fail(code::kInvalidParameters,
                        std::string("the prompt needs the argument ") + argument.name);
      }
      if (!found->is_string()) {
        return rpc_fail(code::kInvalidParameters,
                        std::string("the argument has to be a string: ") + argument.name);
      }
      told[argument.name] = *found;
    }
    const std::string text = std::string(row.text) + "\n\nWhat is asked for:\n" + told.dump(2);
    return json{
        {"description", row.description},
        {"messages", {{{"role", "user"}, {"content", {{"type", "text"}, {"text", text}}}}}}};
  }
  return rpc_fail(code::kInvalidParameters, "unknown prompt; prompts/list names them");
}

}  // namespace openavail::mcp
