// Schedule rules: two layers (organisation, owner), their merge, and their text forms
// (arbitration contract, "Rules and defaults" and "Layers").
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace openavail::policy {

// A weekly row: on each of `days` (bit 0 Sunday … bit 6 Saturday, days of the row's own zone) from
// start to end. end <= start on the wall runs past midnight; end may be 1440 ("24:00").
struct WeeklyRow {
  std::uint8_t days = 0;
  int start_minutes = 0;  // [0, 1440)
  int end_minutes = 0;    // (0, 1440]
  std::optional<std::string> timezone;  // none: the owner's primary zone
  std::string label;                    // hard blocks: what the trace calls it

  bool operator==(const WeeklyRow&) const = default;
};

// A field of a layer: unset (inherits), none (explicitly no such rule), or a value.
template <class T>
class Field {
 public:
  Field() = default;
  static Field none() {
    Field f;
    f.set_ = true;
    return f;
  }
  static Field of(T value) {
    Field f;
    f.set_ = true;
    f.value_ = std::move(value);
    return f;
  }
  bool is_unset() const { return !set_; }
  bool is_none() const { return set_ && !value_; }
  const std::optional<T>& value() const { return value_; }
  bool operator==(const Field&) const = default;

 private:
  bool set_ = false;
  std::optional<T> value_;
};

struct RuleLayer {
  Field<std::vector<WeeklyRow>> working_hours;
  Field<std::vector<WeeklyRow>> hard_blocks;
  Field<int> max_daily_meeting_minutes;
  Field<int> slot_interval_minutes;
  Field<int> buffer_minutes;
  Field<int> max_back_to_back;
  Field<int> sacred_meeting_age_hours;
  Field<int> hold_ttl_seconds;

  bool operator==(const RuleLayer&) const = default;
};

// What holds for an owner after both layers and the defaults.
struct EffectiveRules {
  std::optional<std::vector<WeeklyRow>> working_hours;  // nullopt: not configured
  std::vector<WeeklyRow> hard_blocks;
  std::optional<int> max_daily_meeting_minutes;
  int slot_interval_minutes = 15;
  int buffer_minutes = 15;
  std::optional<int> max_back_to_back;
  std::optional<int> sacred_meeting_age_hours;
  int hold_ttl_seconds = 300;
};

// An owner's set field replaces the organisation's, never adds to it. none: working_hours "not
// configured"; hard_blocks empty; buffer 0; cap, chain and age off; slot interval and hold life the
// defaults.
EffectiveRules merge(const RuleLayer& organisation, const RuleLayer& owner);

// A layer as JSON: a missing member is unset, null is none. Used for storing and for `rules show`.
nlohmann::json to_json(const RuleLayer& layer);
// Errors: validation_failed with issues[]; checks every range (slot interval divides 1440, at most
// limits::kRuleRowsMax rows, …) and every zone name's form (not its existence).
Result<RuleLayer> layer_from_json(const nlohmann::json& value);

// "Mon-Fri 09:00-17:00", "Sat,Sun 10:00-14:00", "Mon-Fri 12:00-13:00 Lunch",
// "Daily 22:00-06:00 Europe/Paris". A trailing IANA zone ("Area/City" or "UTC") is the row's zone,
// anything else behind the times is the label. Errors: validation_failed that shows the form.
Result<WeeklyRow> parse_weekly_row(std::string_view text);
std::string to_text(const WeeklyRow& row);

}  // namespace openavail::policy
