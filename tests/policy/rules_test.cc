#include "policy/rules.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "base/limits.h"

namespace openavail::policy {
namespace {

using nlohmann::json;

WeeklyRow row(const char* text) {
  INFO(text);
  const Result<WeeklyRow> r = parse_weekly_row(text);
  REQUIRE(r.has_value());
  return *r;
}

std::vector<std::string> issue_paths(const json& layer) {
  const Result<RuleLayer> read = layer_from_json(layer);
  std::vector<std::string> out;
  if (read) return out;
  CHECK(read.error().code() == ErrorCode::validation_failed);
  for (const json& issue : read.error().details().at("issues")) {
    CHECK_FALSE(issue.at("message").get<std::string>().empty());
    out.push_back(issue.at("path").get<std::string>());
  }
  return out;
}

}  // namespace

TEST_CASE("weekly rows are read as people write them") {
  CHECK(row("Mon-Fri 09:00-17:00") == WeeklyRow{0b0111110, 540, 1020, std::nullopt, ""});
  CHECK(row("Sat,Sun 10:00-14:00").days == 0b1000001);
  CHECK(row("Fri-Mon 10:00-14:00").days == 0b1100011);
  CHECK(row("daily 22:00-06:00 Europe/Paris").timezone == "Europe/Paris");
  CHECK(row("Daily 22:00-06:00").end_minutes == 360);
  CHECK(row("Mon-Fri 12:00-13:00 Lunch with the team").label == "Lunch with the team");
  CHECK(row("  mon   12:00-13:00   Night shift  UTC ") ==
        WeeklyRow{0b0000010, 720, 780, "UTC", "Night shift"});
  CHECK(row("Tue 20:00-00:00") == row("Tue 20:00-24:00"));
}

TEST_CASE("a row written and read again is the same row") {
  for (const char* text : {"Mon-Fri 09:00-17:00", "Sat,Sun 10:00-14:00", "Daily 22:00-06:00 UTC",
                           "Mon-Wed,Fri 08:30-24:00 Deep work America/New_York",
                           "Mon,Tue,Thu,Sun 00:00-01:00", "Wed 09:00-09:00"}) {
    INFO(text);
    CHECK(to_text(row(text)) == text);
  }
}

TEST_CASE("a row that can't be understood is refused with the form shown") {
  for (const char* text : {"",
                           "Mon",
                           "Mon 09:00",
                           "Mon-Fri 9-17",
                           "Mon-Fri 09:00-25:00",
                           "Mon-Fri 24:00-09:00",
                           "Funday 09:00-17:00",
                           "Mon- 09:00-17:00",
                           "Mon,,Tue 09:00-17:00",
                           "Mon 09:60-10:00",
                           "Mon 09:00-10:00 a\tb",
                           "Mon 09:00-10:00 a\x7f"
                           "b",
                           "Mon 09:00-10:00 a\xff",
                           "Mon 09.00-10:00",
                           "Mon 0900-1000",
                           "Mon :9:00-10:00",
                           "Mon 0x:00-10:00",
                           "Mon 09:x0-10:00",
                           "Mon 09:0x-10:00",
                           "Mon 09:00-24:01"}) {
    INFO(text);
    const Result<WeeklyRow> r = parse_weekly_row(text);
    REQUIRE_FALSE(r.has_value());
    CHECK(r.error().next().find("Mon-Fri 09:00-17:00") != std::string::npos);
  }
}

TEST_CASE("a label is as long as a name at most") {
  const std::string longest(limits::kNameBytesMax, 'x');
  CHECK(row(("Mon 09:00-10:00 " + longest).c_str()).label == longest);
  CHECK_FALSE(parse_weekly_row("Mon 09:00-10:00 x" + longest).has_value());
}

TEST_CASE("a last word is a zone if it has the form of one, else it belongs to the label") {
  for (const char* zone : {"UTC", "Europe/Paris", "America/Argentina/Buenos_Aires", "Etc/GMT+5",
                           "America/Port-au-Prince"}) {
    const WeeklyRow read = row((std::string("Mon 09:00-10:00 Lunch ") + zone).c_str());
    CHECK(read.timezone == zone);
    CHECK(read.label == "Lunch");
  }
  const std::string too_long = "Europe/" + std::string(60, 'x');
  for (const std::string& word :
       {std::string("Paris"), std::string("europe/paris"), std::string("/Paris"),
        std::string("Europe/"), std::string("Room/4"), std::string("[a/b]"),
        std::string("1st/floor"), std::string("Europe/Par.is"), std::string("Europe/[x]"),
        std::string("Europe/{x}"), std::string("Europe/Par~is"), too_long}) {
    const WeeklyRow read = row(("Mon 09:00-10:00 " + word).c_str());
    CHECK_FALSE(read.timezone.has_value());
    CHECK(read.label == word);
  }
}

TEST_CASE("a layer keeps unset, none and values apart through JSON") {
  const json written = {
      {"working_hours", {{{"days", {1, 2}}, {"start_time", "09:00"}, {"end_time", "24:00"}}}},
      {"hard_blocks",
       {{{"days", {0}},
         {"start_time", "12:00"},
         {"end_time", "13:00"},
         {"timezone", "Europe/Paris"},
         {"label", "Lunch"}}}},
      {"max_daily_meeting_hours", 6.5},
      {"buffer_minutes", nullptr},
      {"slot_interval_minutes", 30}};
  const Result<RuleLayer> layer = layer_from_json(written);
  REQUIRE(layer.has_value());
  CHECK(layer->max_daily_meeting_minutes.value() == 390);
  CHECK(layer->buffer_minutes.is_none());
  CHECK(layer->max_back_to_back.is_unset());
  CHECK(to_json(*layer) == written);
  CHECK(to_json(RuleLayer{}) == json::object());
}

TEST_CASE("every whole number of minutes survives as hours") {
  for (int minutes = 1; minutes <= 1440; ++minutes) {
    RuleLayer layer;
    layer.max_daily_meeting_minutes = Field<int>::of(minutes);
    const Result<RuleLayer> back = layer_from_json(json::parse(to_json(layer).dump()));
    REQUIRE(back.has_value());
    CHECK(*back == layer);
  }
}

TEST_CASE("each wrong field of a layer is named") {
  using Paths = std::vector<std::string>;
  CHECK(issue_paths({{"slot_interval_minutes", 7}}) == Paths{"/slot_interval_minutes"});
  CHECK(issue_paths({{"slot_interval_minutes", 0}}) == Paths{"/slot_interval_minutes"});
  CHECK(issue_paths({{"slot_interval_minutes", 15.5}}) == Paths{"/slot_interval_minutes"});
  CHECK(issue_paths({{"max_daily_meeting_hours", 0}}) == Paths{"/max_daily_meeting_hours"});
  CHECK(issue_paths({{"max_daily_meeting_hours", 25}}) == Paths{"/max_daily_meeting_hours"});
  CHECK(issue_paths({{"max_daily_meeting_hours", 1.001}}) == Paths{"/max_daily_meeting_hours"});
  CHECK(issue_paths({{"buffer_minutes", -1}}) == Paths{"/buffer_minutes"});
  CHECK(issue_paths({{"max_back_to_back", 0}}) == Paths{"/max_back_to_back"});
  CHECK(issue_paths({{"hold_ttl_seconds", "300"}}) == Paths{"/hold_ttl_seconds"});
  CHECK(issue_paths({{"bufer_minutes", 5}}) == Paths{"/bufer_minutes"});
  CHECK(issue_paths(json::array()) == Paths{""});
  const json bad_row = {{"days", {7}},
                        {"start_time", "9:00"},
                        {"end_time", "24:01"},
                        {"timezone", "nowhere"},
                        {"colour", "red"}};
  CHECK(issue_paths({{"working_hours", {bad_row}}}) ==
        Paths{"/working_hours/0/colour", "/working_hours/0/days", "/working_hours/0/start_time",
              "/working_hours/0/end_time", "/working_hours/0/timezone"});
  const json good = {{"days", {1}}, {"start_time", "09:00"}, {"end_time", "10:00"}};
  const auto changed = [&good](const char* member, const json& value) {
    json one = good;
    one[member] = value;
    return issue_paths({{"working_hours", {one}}});
  };
  CHECK(issue_paths({{"working_hours", "always"}}) == Paths{"/working_hours"});
  CHECK(issue_paths({{"working_hours", {"Mon"}}}) == Paths{"/working_hours/0"});
  for (const json& days : {json("Mon"), json::array(), json(std::vector<int>(8, 1)), json{-1},
                           json{1.5}, json(nullptr)}) {
    CHECK(changed("days", days) == Paths{"/working_hours/0/days"});
  }
  CHECK(changed("start_time", "24:00") == Paths{"/working_hours/0/start_time"});
  CHECK(changed("start_time", nullptr) == Paths{"/working_hours/0/start_time"});
  CHECK(changed("end_time", 10) == Paths{"/working_hours/0/end_time"});
  CHECK(changed("timezone", 1) == Paths{"/working_hours/0/timezone"});
  CHECK(changed("label", 1) == Paths{"/working_hours/0/label"});
  CHECK(changed("label", std::string(limits::kNameBytesMax + 1, 'x')) ==
        Paths{"/working_hours/0/label"});
  CHECK(changed("label", std::string(limits::kNameBytesMax, 'x')).empty());
  CHECK(changed("timezone", nullptr).empty());
  CHECK(changed("label", nullptr).empty());
  CHECK(issue_paths({{"working_hours", {{{"days", {1}}, {"end_time", "10:00"}}}}}) ==
        Paths{"/working_hours/0/start_time"});
  CHECK(issue_paths({{"max_daily_meeting_hours", "6"}}) == Paths{"/max_daily_meeting_hours"});
  CHECK(issue_paths({{"buffer_minutes", 1441}}) == Paths{"/buffer_minutes"});
  CHECK(issue_paths({{"hard_blocks", json(limits::kRuleRowsMax, good)}}).empty());
  CHECK(issue_paths({{"hard_blocks", json(limits::kRuleRowsMax + 1, good)}}) ==
        Paths{"/hard_blocks"});
}

TEST_CASE("an unknown member names the nearest known one") {
  const Result<RuleLayer> layer = layer_from_json({{"bufer_minutes", 5}});
  REQUIRE_FALSE(layer.has_value());
  CHECK(layer.error().message().find("did you mean buffer_minutes?") != std::string::npos);
  const Result<RuleLayer> far = layer_from_json({{"colour", "red"}});
  REQUIRE_FALSE(far.has_value());
  CHECK(far.error().message() == "/colour: unknown member");
}

TEST_CASE("an end at 00:00 is the end of the day, in JSON as in text") {
  const Result<RuleLayer> layer = layer_from_json(
      {{"working_hours", {{{"days", {2}}, {"start_time", "20:00"}, {"end_time", "00:00"}}}}});
  REQUIRE(layer.has_value());
  CHECK(layer->working_hours.value() == std::vector<WeeklyRow>{row("Tue 20:00-24:00")});
}

TEST_CASE("explicit none for rows and hours is kept") {
  const json written = {{"working_hours", nullptr}, {"max_daily_meeting_hours", nullptr}};
  const Result<RuleLayer> layer = layer_from_json(written);
  REQUIRE(layer.has_value());
  CHECK(layer->working_hours.is_none());
  CHECK(layer->max_daily_meeting_minutes.is_none());
  CHECK(to_json(*layer) == written);
}

TEST_CASE("an owner's set field replaces the organisation's, unset ones inherit") {
  RuleLayer organisation;
  organisation.hard_blocks = Field<std::vector<WeeklyRow>>::of({row("Mon 12:00-13:00")});
  organisation.working_hours = Field<std::vector<WeeklyRow>>::of({row("Mon 09:00-17:00")});
  organisation.max_daily_meeting_minutes = Field<int>::of(60);
  organisation.slot_interval_minutes = Field<int>::of(30);
  RuleLayer owner;
  owner.hard_blocks = Field<std::vector<WeeklyRow>>::of({row("Tue 12:00-13:00")});
  owner.working_hours = Field<std::vector<WeeklyRow>>::none();
  owner.max_daily_meeting_minutes = Field<int>::none();
  owner.buffer_minutes = Field<int>::none();
  owner.hold_ttl_seconds = Field<int>::none();
  const EffectiveRules rules = merge(organisation, owner);
  CHECK(rules.hard_blocks == std::vector<WeeklyRow>{row("Tue 12:00-13:00")});
  CHECK_FALSE(rules.working_hours.has_value());
  CHECK_FALSE(rules.max_daily_meeting_minutes.has_value());
  CHECK(rules.slot_interval_minutes == 30);
  CHECK(rules.buffer_minutes == 0);
  CHECK(rules.hold_ttl_seconds == 300);
  const EffectiveRules defaults = merge({}, {});
  CHECK(defaults.slot_interval_minutes == 15);
  CHECK(defaults.buffer_minutes == 15);
  CHECK_FALSE(defaults.sacred_meeting_age_hours.has_value());
}

}  // namespace openavail::policy
