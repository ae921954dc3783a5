#include "cmd/rule_text.h"

#include <nlohmann/json.hpp>

#include "base/nearest.h"

namespace openavail::cmd {
namespace {

using nlohmann::json;

struct RuleName {
  const char* option;
  const char* member;
};

constexpr RuleName kRules[] = {{"working-hours", "working_hours"},
                               {"hard-block", "hard_blocks"},
                               {"max-daily-hours", "max_daily_meeting_hours"},
                               {"slot-minutes", "slot_interval_minutes"},
                               {"buffer-minutes", "buffer_minutes"},
                               {"max-back-to-back", "max_back_to_back"},
                               {"sacred-age-hours", "sacred_meeting_age_hours"},
                               {"hold-seconds", "hold_ttl_seconds"}};

json default_of(const std::string& member) {
  const policy::EffectiveRules defaults;
  if (member == "slot_interval_minutes") return defaults.slot_interval_minutes;
  if (member == "buffer_minutes") return defaults.buffer_minutes;
  if (member == "hold_ttl_seconds") return defaults.hold_ttl_seconds;
  return nullptr;
}

struct Found {
  json value;
  std::string from;
};

Found look_up(const json& organisation, const json& owner, const std::string& member) {
  if (owner.contains(member)) return {owner.at(member), "owner"};
  if (organisation.contains(member)) return {organisation.at(member), "organisation"};
  return {default_of(member), "default"};
}

const std::optional<std::vector<policy::WeeklyRow>>* rows_of(const policy::RuleLayer& organisation,
                                                             const policy::RuleLayer& owner,
                                                             const std::string& member) {
  const auto field = member == "working_hours" ? &policy::RuleLayer::working_hours
                                               : &policy::RuleLayer::hard_blocks;
  return &((owner.*field).is_unset() ? organisation.*field : owner.*field).value();
}

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

}  // namespace

std::vector<RuleLine> rule_lines(const policy::RuleLayer& organisation,
                                 const policy::RuleLayer& owner) {
  const json organisation_json = policy::to_json(organisation);
  const json owner_json = policy::to_json(owner);
  std::vector<RuleLine> lines;
  for (const RuleName& rule : kRules) {
    const Found found = look_up(organisation_json, owner_json, rule.member);
    if (found.value.is_array() && !found.value.empty()) {
      for (const policy::WeeklyRow& row : **rows_of(organisation, owner, rule.member)) {
        lines.push_back({rule.option, policy::to_text(row), found.from});
      }
    } else {
      const bool is_none = found.value.is_null() || found.value.is_array();
      lines.push_back({rule.option, is_none ? "none" : found.value.dump(), found.from});
    }
  }
  return lines;
}

json effective_json(const policy::RuleLayer& organisation, const policy::RuleLayer& owner) {
  const json organisation_json = policy::to_json(organisation);
  const json owner_json = policy::to_json(owner);
  json out = json::object();
  json from = json::object();
  for (const RuleName& rule : kRules) {
    Found found = look_up(organisation_json, owner_json, rule.member);
    out[rule.member] = std::move(found.value);
    from[rule.member] = std::move(found.from);
  }
  out["from"] = std::move(from);
  return out;
}

std::vector<std::string> rule_commands(const std::vector<RuleLine>& lines,
                                       const std::optional<std::string>& owner_email) {
  const std::string owner = owner_email ? " --owner " + quoted(*owner_email) : "";
  std::string options;
  std::vector<std::string> commands;
  for (const RuleLine& line : lines) {
    if (line.from == "default") continue;
    if (line.value == "none") {
      commands.push_back("openavail rules unset " + line.rule + owner + " --none");
    } else {
      options += " --" + line.rule + " " + quoted(line.value);
    }
  }
  if (!options.empty()) {
    commands.insert(commands.begin(), "openavail rules set" + owner + options);
  }
  return commands;
}

Result<std::string> rule_member(const std::string& name) {
  std::vector<std::string> known;
  std::string all;
  for (const RuleName& rule : kRules) {
    if (name == rule.option || name == rule.member) return std::string(rule.member);
    known.emplace_back(rule.option);
    all += (all.empty() ? "" : ", ") + known.back();
  }
  const std::string nearest = nearest_name(name, known);
  return fail(ErrorCode::validation_failed, "there is no rule " + name,
              (nearest.empty() ? "" : "did you mean " + nearest + "? ") + "rules are " + all);
}

}  // namespace openavail::cmd
