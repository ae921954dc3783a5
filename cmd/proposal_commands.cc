// Proposals, for the owner's side.
#include "cmd/commands.h"
#include "operations/answers.h"

namespace openavail::cmd {
namespace {

using nlohmann::json;

struct ProposalOptions {
  std::string owner, id, candidate, note;
};

std::optional<std::string> maybe(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

// One line of the list: the proposal's own members, and its first possible time.
json row_of(const json& proposal) {
  json row = proposal;
  for (const json& candidate : proposal.at("candidates")) {
    if (candidate.at("status") != "valid") continue;
    row["first_candidate"] = candidate.at("start");
    break;
  }
  return row;
}

void show(const Globals& globals, const service::ProposalView& view) {
  const json proposal = operations::to_json(view);
  print_object(globals, proposal,
               {"proposal_id", "status", "calendar_owner", "requesting_agent", "meeting_class",
                "title", "description", "duration_minutes", "resolved_calendar_type", "created_at",
                "expires_at", "owner_note", "booking_id"});
  if (globals.form != OutputForm::table) return;
  print_list(
      globals, proposal.at("candidates"),
      {"rank", "start", "end", "status", "risk", "agent_preferred", "invalid_reasons", "id"});
}

}  // namespace

void add_proposal_commands(CLI::App& app, Globals& globals) {
  auto o = std::make_shared<ProposalOptions>();
  CLI::App* proposals =
      add_group(app, "proposals", "What agents ask their owners for", "  openavail proposals list");
  CLI::App* list = proposals->add_subcommand("list", "List proposals, newest first");
  list->footer(
      footer("  openavail proposals list --owner jane@example.org", "0 done, 3 no such owner"));
  list->add_option("--owner", o->owner, "E-mail address");
  list->callback([&globals, o] {
    run(globals, [&]() -> Status {
      Installation installation(globals.data_directory);
      OA_TRY(const auto all, installation.administration().proposals(maybe(o->owner)));
      json rows = json::array();
      for (const auto& view : all) rows.push_back(row_of(operations::to_json(view)));
      print_list(globals, rows,
                 {"proposal_id", "status", "calendar_owner", "requesting_agent", "meeting_class",
                  "title", "first_candidate", "expires_at"});
      return {};
    });
  });
  const auto add_one = [&](const char* name, const char* what, const std::string& example,
                           const std::string& codes, auto act) {
    CLI::App* command = proposals->add_subcommand(name, what);
    command->footer(footer("  openavail proposals " + example, codes));
    command->add_option("id", o->id, "The proposal")->required();
    command->callback([&globals, o, act] {
      run(globals, [&]() -> Status {
        Installation installation(globals.data_directory);
        OA_TRY(const auto view, act(installation.administration(), *o));
        show(globals, view);
        return {};
      });
    });
    return command;
  };
  add_one("show", "Show a proposal with its candidates",
          "show 01890a5d-ac96-774b-bcce-b302099a8057", "0 done, 3 no such proposal",
          [](service::Administration& admin, const ProposalOptions& options) {
            return admin.proposal(ProposalId(options.id));
          });
  CLI::App* approve = add_one(
      "approve", "Book a candidate, with a fresh decision",
      "approve 01890a5d-ac96-774b-bcce-b302099a8057 --candidate 2 --note 'See you there'",
      "0 booked, 3 not found, 5 not open, 10 and 11 no longer possible, 13 calendar unavailable",
      [](service::Administration& admin, const ProposalOptions& options) {
        return admin.approve_proposal(ProposalId(options.id), maybe(options.candidate),
                                      maybe(options.note));
      });
  approve->add_option("--candidate", o->candidate, "Its id or rank; default: the first possible");
  CLI::App* reject = add_one(
      "reject", "Say no", "reject 01890a5d-ac96-774b-bcce-b302099a8057 --note 'Not this quarter'",
      "0 done, 3 not found, 5 not open",
      [](service::Administration& admin, const ProposalOptions& options) {
        return admin.reject_proposal(ProposalId(options.id), maybe(options.note));
      });
  CLI::App* ask = add_one(
      "ask-new-window", "Ask the agent for other times",
      "ask-new-window 01890a5d-ac96-774b-bcce-b302099a8057", "0 done, 3 not found, 5 not open",
      [](service::Administration& admin, const ProposalOptions& options) {
        return admin.ask_new_window(ProposalId(options.id), maybe(options.note));
      });
  for (CLI::App* command : {approve, reject, ask}) {
    command->add_option("--note", o->note, "What the agent may read; kept sealed");
  }
}

}  // namespace openavail::cmd
