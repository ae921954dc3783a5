#include <cstdio>

#include "cmd/commands.h"
#include "cmd/rule_text.h"
#include "policy/rules.h"

namespace openavail::cmd {
namespace {

using nlohmann::json;

struct RuleOptions {
  std::string owner, rule, max_daily_hours;
  std::vector<std::string> working_hours, hard_blocks;
  std::optional<int> slot, buffer, back_to_back, sacred, hold_ttl;
  bool none = false, effective = false, as_command = false;
};

std::optional<std::string> maybe(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

Result<std::vector<policy::WeeklyRow>> rows_of(const std::vector<std::string>& texts) {
  std::vector<policy::WeeklyRow> rows;
  for (const std::string& text : texts) {
    OA_TRY(auto row, policy::parse_weekly_row(text));
    rows.push_back(std::move(row));
  }
  return rows;
}

// Changes go through the layer's JSON form, whose reader checks every range.
Status change_layer(policy::RuleLayer& layer, const RuleOptions& o) {
  if (!o.working_hours.empty()) {
    OA_TRY(auto rows, rows_of(o.working_hours));
    layer.working_hours = policy::Field<std::vector<policy::WeeklyRow>>::of(std::move(rows));
  }
  if (!o.hard_blocks.empty()) {
    OA_TRY(auto rows, rows_of(o.hard_blocks));
    layer.hard_blocks = policy::Field<std::vector<policy::WeeklyRow>>::of(std::move(rows));
  }
  json changed = policy::to_json(layer);
  if (!o.max_daily_hours.empty()) {
    const json hours = json::parse(o.max_daily_hours, nullptr, false);
    if (!hours.is_number()) {
      return fail(ErrorCode::validation_failed, "--max-daily-hours takes a number of hours",
                  "write 6 or 6.5");
    }
    changed["max_daily_meeting_hours"] = hours;
  }
  const auto put = [&](const char* name, const std::optional<int>& value) {
    if (value) changed[name] = *value;
  };
  put("slot_interval_minutes", o.slot);
  put("buffer_minutes", o.buffer);
  put("max_back_to_back", o.back_to_back);
  put("sacred_meeting_age_hours", o.sacred);
  put("hold_ttl_seconds", o.hold_ttl);
  OA_TRY(layer, policy::layer_from_json(changed));
  return {};
}

Status unset_rule(policy::RuleLayer& layer, const RuleOptions& o) {
  OA_TRY(const std::string member, rule_member(o.rule));
  json changed = policy::to_json(layer);
  changed.erase(member);
  if (o.none) changed[member] = nullptr;
  OA_TRY(layer, policy::layer_from_json(changed));
  return {};
}

// A person sees what holds; JSON is the layer itself, or with --effective what holds.
Status show_rules(const Globals& globals, const RuleOptions& o) {
  Installation installation(globals.data_directory);
  OA_TRY(const policy::RuleLayer organisation, installation.administration().rules(std::nullopt));
  policy::RuleLayer owner;
  if (!o.owner.empty()) {
    OA_TRY(owner, installation.administration().rules(o.owner));
  }
  const auto lines = rule_lines(organisation, owner);
  if (o.as_command) {
    for (const std::string& line : rule_commands(lines, maybe(o.owner))) {
      std::printf("%s\n", line.c_str());
    }
    return {};
  }
  if (globals.form != OutputForm::table) {
    print_json(globals, o.effective ? effective_json(organisation, owner)
                                    : policy::to_json(o.owner.empty() ? organisation : owner));
    return {};
  }
  json rows = json::array();
  std::string before;
  for (const RuleLine& line : lines) {
    const bool goes_on = line.rule == before;
    rows.push_back({{"rule", goes_on ? "" : line.rule},
                    {"value", line.value},
                    {"from", goes_on ? "" : line.from}});
    before = line.rule;
  }
  print_list(globals, rows, {"rule", "value", "from"});
  return {};
}

}  // namespace

void add_rule_commands(CLI::App& app, Globals& globals) {
  auto o = std::make_shared<RuleOptions>();
  CLI::App* rules = add_group(app, "rules", "Schedule rules of the organisation and of owners",
                              "  openavail rules show --owner jane@example.org\n"
                              "  openavail rules set --buffer-minutes 10");
  CLI::App* show = rules->add_subcommand("show", "Show what holds, and from which layer");
  show->footer(
      footer("  openavail rules show --owner jane@example.org\n"
             "  openavail rules show --owner jane@example.org --as-command\n"
             "  openavail rules show --owner jane@example.org --effective --json",
             "0 done, 1 failed, 3 no such owner"));
  show->add_option("--owner", o->owner, "Without it: the organisation's rules");
  show->add_flag("--as-command", o->as_command, "Print the commands that would set them");
  show->add_flag("--effective", o->effective,
                 "JSON of what holds; else that of the layer: left out inherits, null is none");
  show->callback([&globals, o] { run(globals, [&] { return show_rules(globals, *o); }); });
  CLI::App* set = rules->add_subcommand("set", "Set rules; a list replaces the present one");
  set->footer(
      footer("  openavail rules set --owner jane@example.org --working-hours 'Mon-Fri "
             "09:00-17:00' --hard-block 'Mon-Fri 12:00-13:00 Lunch' --max-daily-hours 6",
             "0 done, 1 failed, 2 not valid, 3 no such owner"));
  set->add_option("--owner", o->owner, "Without it: the organisation's rules");
  set->add_option("--working-hours", o->working_hours, "'Mon-Fri 09:00-17:00'; may be repeated");
  set->add_option("--hard-block", o->hard_blocks, "'Mon-Fri 12:00-13:00 Lunch'; may be repeated");
  set->add_option("--max-daily-hours", o->max_daily_hours, "Hours of meetings a day: 6 or 6.5");
  set->add_option("--slot-minutes", o->slot, "Meetings start on this grid; divides a day (15)");
  set->add_option("--buffer-minutes", o->buffer, "Gap to the neighbours to prefer (15)");
  set->add_option("--max-back-to-back", o->back_to_back, "Longest chain of meetings to prefer");
  set->add_option("--sacred-age-hours", o->sacred, "Bookings this old are never displaced");
  set->add_option("--hold-seconds", o->hold_ttl, "How long a hold lives (300)");
  set->callback([&globals, o] {
    run(globals, [&] {
      return Installation(globals.data_directory)
          .administration()
          .set_rules(maybe(o->owner),
                     [&](policy::RuleLayer& layer) { return change_layer(layer, *o); });
    });
  });
  CLI::App* unset = rules->add_subcommand("unset", "Let a rule be inherited again");
  unset->footer(
      footer("  openavail rules unset max-daily-hours --owner jane@example.org\n"
             "  openavail rules unset hard-block --owner jane@example.org --none",
             "0 done, 1 failed, 2 not valid, 3 no such owner"));
  unset->add_option("rule", o->rule, "working-hours, hard-block, max-daily-hours, …")->required();
  unset->add_option("--owner", o->owner, "Without it: the organisation's rules");
  unset->add_flag("--none", o->none, "Say that there is no such rule, instead of inheriting");
  unset->callback([&globals, o] {
    run(globals, [&] {
      return Installation(globals.data_directory)
          .administration()
          .set_rules(maybe(o->owner),
                     [&](policy::RuleLayer& layer) { return unset_rule(layer, *o); });
    });
  });
}

}  // namespace openavail::cmd
