#include "cmd/commands.h"
#include "policy/rules.h"

namespace openavail::cmd {
namespace {

using nlohmann::json;

json to_json(const policy::MeetingClass& c) {
  return {{"id", c.id.text()},
          {"name", c.name},
          {"tier", policy::to_text(c.tier)},
          {"policy", policy::to_text(c.policy)},
          {"description", c.description}};
}

struct ClassOptions {
  std::string name, new_name, tier, policy, description;
};

struct RuleOptions {
  std::string owner, field;
  std::vector<std::string> working_hours, hard_blocks;
  std::string max_daily_hours;
  std::optional<int> slot, buffer, back_to_back, sacred, hold_ttl;
};

Result<std::optional<policy::Tier>> tier_of(const std::string& text) {
  if (text.empty()) return std::optional<policy::Tier>{};
  const auto tier = policy::tier_from_text(text);
  if (tier) return tier;
  return fail(ErrorCode::validation_failed, "there is no tier " + text,
              "use critical, high, normal or low");
}

Result<std::optional<policy::PreemptPolicy>> policy_of(const std::string& text) {
  if (text.empty()) return std::optional<policy::PreemptPolicy>{};
  const auto found = policy::preempt_policy_from_text(text);
  if (found) return found;
  return fail(ErrorCode::validation_failed, "there is no policy " + text,
              "use protected, reschedulable or replaceable");
}

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

constexpr const char* kFields[] = {
    "working_hours",  "hard_blocks",      "max_daily_meeting_hours",  "slot_interval_minutes",
    "buffer_minutes", "max_back_to_back", "sacred_meeting_age_hours", "hold_ttl_seconds"};

Status unset_field(policy::RuleLayer& layer, const std::string& field, bool none) {
  std::string name = field;
  for (char& c : name) c = c == '-' ? '_' : c;
  if (name == "max_daily_hours") name = "max_daily_meeting_hours";
  const bool known =
      std::any_of(std::begin(kFields), std::end(kFields), [&](const char* f) { return name == f; });
  if (!known) {
    std::string all;
    for (const char* f : kFields) all += std::string(all.empty() ? "" : ", ") + f;
    return fail(ErrorCode::validation_failed, "there is no rule " + field, "known: " + all);
  }
  json changed = policy::to_json(layer);
  changed.erase(name);
  if (none) changed[name] = nullptr;
  OA_TRY(layer, policy::layer_from_json(changed));
  return {};
}

}  // namespace

void add_policy_commands(CLI::App& app, Globals& globals) {
  auto c = std::make_shared<ClassOptions>();
  CLI::App* classes = app.add_subcommand("classes", "Meeting classes");
  classes->require_subcommand(1);
  CLI::App* add = classes->add_subcommand("add", "Add a class");
  add->footer(footer("  openavail classes add Interview --tier high --policy protected",
                     "0 done, 2 not valid, 5 the name is taken"));
  add->add_option("name", c->name)->required();
  add->add_option("--tier", c->tier, "critical, high, normal or low")->required();
  add->add_option("--policy", c->policy, "protected, reschedulable or replaceable")->required();
  add->add_option("--description", c->description);
  add->callback([&globals, c] {
    run(globals, [&]() -> Status {
      policy::MeetingClass made;
      made.name = c->name;
      made.description = c->description;
      OA_TRY(const auto tier, tier_of(c->tier));
      OA_TRY(const auto policy, policy_of(c->policy));
      made.tier = tier.value_or(policy::Tier::normal);
      made.policy = policy.value_or(policy::PreemptPolicy::reschedulable);
      Installation installation(globals.data_directory);
      OA_TRY(made, installation.administration().add_class(made));
      print_object(globals, to_json(made));
      return {};
    });
  });
  CLI::App* list = classes->add_subcommand("list", "List classes, highest tier first");
  list->footer(footer("  openavail classes list"));
  list->callback([&globals] {
    run(globals, [&]() -> Status {
      Installation installation(globals.data_directory);
      OA_TRY(const auto all, installation.administration().classes());
      json rows = json::array();
      for (const auto& one : all) rows.push_back(to_json(one));
      print_list(globals, rows, {"name", "tier", "policy", "description"});
      return {};
    });
  });
  CLI::App* update = classes->add_subcommand("update", "Change a class");
  update->footer(
      footer("  openavail classes update Regular --tier high", "0 done, 2 not valid, 3 not found"));
  update->add_option("name", c->name)->required();
  update->add_option("--name", c->new_name);
  update->add_option("--tier", c->tier);
  update->add_option("--policy", c->policy);
  update->add_option("--description", c->description);
  update->callback([&globals, c] {
    run(globals, [&]() -> Status {
      OA_TRY(const auto tier, tier_of(c->tier));
      OA_TRY(const auto policy, policy_of(c->policy));
      Installation installation(globals.data_directory);
      OA_TRY(const auto done,
             installation.administration().update_class(c->name, maybe(c->new_name), tier, policy,
                                                        maybe(c->description)));
      print_object(globals, to_json(done));
      return {};
    });
  });
  CLI::App* remove = classes->add_subcommand("remove", "Remove a class without bookings to come");
  remove->footer(
      footer("  openavail classes remove Interview", "0 done, 3 not found, 5 bookings to come"));
  remove->add_option("name", c->name)->required();
  remove->callback([&globals, c] {
    run(globals, [&] {
      return Installation(globals.data_directory).administration().remove_class(c->name);
    });
  });

  auto r = std::make_shared<RuleOptions>();
  CLI::App* rules = app.add_subcommand("rules", "Schedule rules, organisation and owner");
  rules->require_subcommand(1);
  CLI::App* show = rules->add_subcommand("show", "Show a layer: left out inherits, null is none");
  show->footer(footer("  openavail rules show --owner jane@example.org", "0 done, 3 not found"));
  show->add_option("--owner", r->owner, "Without it: the organisation's layer");
  show->callback([&globals, r] {
    run(globals, [&]() -> Status {
      Installation installation(globals.data_directory);
      OA_TRY(const auto layer, installation.administration().rules(maybe(r->owner)));
      print_object(globals, policy::to_json(layer));
      return {};
    });
  });
  CLI::App* set = rules->add_subcommand("set", "Set rules; a list replaces the present one");
  set->footer(
      footer("  openavail rules set --owner jane@example.org --working-hours 'Mon-Fri "
             "09:00-17:00' --hard-block 'Mon-Fri 12:00-13:00 Lunch' --max-daily-hours 6",
             "0 done, 2 not valid, 3 not found"));
  set->add_option("--owner", r->owner, "Without it: the organisation's layer");
  set->add_option("--working-hours", r->working_hours, "'Mon-Fri 09:00-17:00'; may be repeated");
  set->add_option("--hard-block", r->hard_blocks, "'Mon-Fri 12:00-13:00 Lunch'; may be repeated");
  set->add_option("--max-daily-hours", r->max_daily_hours);
  set->add_option("--slot-minutes", r->slot);
  set->add_option("--buffer-minutes", r->buffer);
  set->add_option("--max-back-to-back", r->back_to_back);
  set->add_option("--sacred-age-hours", r->sacred);
  set->add_option("--hold-seconds", r->hold_ttl);
  set->callback([&globals, r] {
    run(globals, [&] {
      return Installation(globals.data_directory)
          .administration()
          .set_rules(maybe(r->owner),
                     [&](policy::RuleLayer& layer) { return change_layer(layer, *r); });
    });
  });
  auto none = std::make_shared<bool>(false);
  CLI::App* unset = rules->add_subcommand("unset", "Let a rule be inherited again");
  unset->footer(footer("  openavail rules unset max_daily_meeting_hours --owner jane@example.org",
                       "0 done, 2 not valid, 3 not found"));
  unset->add_option("field", r->field)->required();
  unset->add_option("--owner", r->owner);
  unset->add_flag("--none", *none, "Say that there is no such rule, instead of inheriting");
  unset->callback([&globals, r, none] {
    run(globals, [&] {
      return Installation(globals.data_directory)
          .administration()
          .set_rules(maybe(r->owner),
                     [&](policy::RuleLayer& layer) { return unset_field(layer, r->field, *none); });
    });
  });
}

}  // namespace openavail::cmd
