#include "cmd/commands.h"
#include "policy/meeting_class.h"

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

const std::vector<std::string> kClassFields{"name", "tier", "policy", "description", "id"};

constexpr const char* kTierHelp = "critical, high, normal or low";
constexpr const char* kPolicyHelp =
    "What may happen to its bookings: protected, reschedulable or replaceable";

struct ClassOptions {
  std::string name, new_name, tier, policy, description;
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

}  // namespace

void add_class_commands(CLI::App& app, Globals& globals) {
  auto c = std::make_shared<ClassOptions>();
  CLI::App* classes = add_group(app, "classes", "Meeting classes: how much a meeting weighs",
                                "  openavail classes list");
  CLI::App* add = classes->add_subcommand("add", "Add a class");
  add->footer(footer("  openavail classes add Interview --tier high --policy protected",
                     "0 done, 1 failed, 2 not valid, 5 the name is taken"));
  add->add_option("name", c->name, "The class's name")->required();
  add->add_option("--tier", c->tier, kTierHelp)->required();
  add->add_option("--policy", c->policy, kPolicyHelp)->required();
  add->add_option("--description", c->description, "When to take this class");
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
      print_object(globals, to_json(made), kClassFields);
      return {};
    });
  });
  CLI::App* list = classes->add_subcommand("list", "List classes, highest tier first");
  list->footer(
      footer("  openavail classes list\n  openavail classes list --json", "0 done, 1 failed"));
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
  update->footer(footer("  openavail classes update Regular --tier high",
                        "0 done, 1 failed, 2 not valid, 3 not found"));
  update->add_option("name", c->name, "The class's name")->required();
  update->add_option("--name", c->new_name, "A new name");
  update->add_option("--tier", c->tier, kTierHelp);
  update->add_option("--policy", c->policy, kPolicyHelp);
  update->add_option("--description", c->description, "When to take this class");
  update->callback([&globals, c] {
    run(globals, [&]() -> Status {
      OA_TRY(const auto tier, tier_of(c->tier));
      OA_TRY(const auto policy, policy_of(c->policy));
      Installation installation(globals.data_directory);
      OA_TRY(const auto done,
             installation.administration().update_class(c->name, maybe(c->new_name), tier, policy,
                                                        maybe(c->description)));
      print_object(globals, to_json(done), kClassFields);
      return {};
    });
  });
  CLI::App* remove = classes->add_subcommand("remove", "Remove a class without bookings to come");
  remove->footer(footer("  openavail classes remove Interview",
                        "0 done, 1 failed, 3 not found, 5 bookings to come"));
  remove->add_option("name", c->name, "The class's name")->required();
  remove->callback([&globals, c] {
    run(globals, [&] {
      return Installation(globals.data_directory).administration().remove_class(c->name);
    });
  });
}

}  // namespace openavail::cmd
