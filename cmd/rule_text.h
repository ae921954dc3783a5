// Schedule rules as a person types them: the options of `rules set`, and how `rules show` tells
// what holds and from which layer.
//
// Thread rule: plain values and free functions.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "policy/rules.h"

namespace openavail::cmd {

// One line of `rules show`; a rule that is a list has a line for each of its rows.
struct RuleLine {
  std::string rule;   // the option of `rules set`, without its dashes
  std::string value;  // as that option takes it; "none" where there is explicitly no such rule
  std::string from;   // owner, organisation or default
};

// What holds, in the order of the rules. `owner` is empty for the organisation's own rules.
std::vector<RuleLine> rule_lines(const policy::RuleLayer& organisation,
                                 const policy::RuleLayer& owner);

// The same in the member names of a layer, every member there, null for none, with `from` beside.
nlohmann::json effective_json(const policy::RuleLayer& organisation,
                              const policy::RuleLayer& owner);

// Shell commands that set all that is set in these lines (not the defaults) for an owner, or for
// the organisation.
std::vector<std::string> rule_commands(const std::vector<RuleLine>& lines,
                                       const std::optional<std::string>& owner_email);

// The member of a layer's JSON that an option's name, or the member's own name, means. Errors:
// validation_failed with the nearest name.
Result<std::string> rule_member(const std::string& name);

}  // namespace openavail::cmd
