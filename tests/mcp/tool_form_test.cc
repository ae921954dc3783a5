// How operations look as tools: spelling of answers and schemas (wire contract, section 5).
#include "mcp/tool_form.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace openavail::mcp {
namespace {

using nlohmann::json;

json tool(const std::string& name) {
  for (const operations::OperationInfo& info : operations::operation_table()) {
    if (!info.tool) continue;
    if (info.name == name) return tool_of(info);
  }
  FAIL("no tool " << name);
  return {};
}

// Every name that a schema's objects declare, at every depth, with its path.
void collect_names(const json& schema, const std::string& path, std::vector<std::string>& names) {
  if (schema.contains("items")) collect_names(schema.at("items"), path, names);
  if (!schema.contains("properties")) return;
  for (const auto& [name, member] : schema.at("properties").items()) {
    names.push_back(path + "/" + name);
    collect_names(member, path + "/" + name, names);
  }
}

// Every object that can answer says what it holds; payload and situation alone are free.
void check_described(const json& schema, const std::string& path) {
  CAPTURE(path);
  const std::string type = schema.value("type", "");
  if (type == "array") {
    REQUIRE(schema.contains("items"));
    check_described(schema.at("items"), path + "/0");
  }
  if (type != "object") return;
  const std::string name = path.substr(path.rfind('/') + 1);
  if (name == "payload" || name == "situation") return;
  REQUIRE(schema.contains("properties"));
  CHECK(schema.contains("required"));
  for (const json& required : schema.value("required", json::array())) {
    CHECK(schema.at("properties").contains(required.get<std::string>()));
  }
  for (const auto& [member, inner] : schema.at("properties").items()) {
    check_described(inner, path + "/" + member);
  }
}

const json kPending = json::array({{{"id", "n"},
                                    {"kind", "booking.moved"},
                                    {"payload", {{"booking_id", "b"}}},
                                    {"createdAt", "2026-07-01T14:00:00Z"}}});

}  // namespace

TEST_CASE("Output schemas describe every object, in the spelling of the answers") {
  for (const operations::OperationInfo& info : operations::operation_table()) {
    if (!info.tool) continue;
    CAPTURE(info.name);
    const json schema = tool_of(info).at("outputSchema");
    check_described(schema, "");
    std::vector<std::string> names;
    collect_names(schema, "", names);
    CHECK_FALSE(names.empty());
    for (const std::string& name : names) {
      const bool is_kept = name == "/unavailable_calendar_types" || name == "/meeting_classes" ||
                           name.rfind("/meeting_classes/", 0) == 0 ||
                           (info.name == "list-calendars" && name.rfind("/calendars/", 0) == 0);
      const std::string last = name.substr(name.rfind('/') + 1);
      CAPTURE(name);
      CHECK((is_kept || last.find('_') == std::string::npos));
    }
  }
}

TEST_CASE("The list that the build wrote is the table's") {
  json tools = json::array();
  for (const operations::OperationInfo& info : operations::operation_table()) {
    if (!info.tool) continue;
    tools.push_back(tool_of(info));
  }
  CHECK(json::parse(tool_list()) == tools);
}

TEST_CASE("Tools require what MCP requires") {
  const auto requires_all = [](const char* name, std::vector<std::string> members) {
    CAPTURE(name);
    json required = tool(name).at("inputSchema").value("required", json::array());
    std::sort(required.begin(), required.end());
    CHECK(required == json(members));
  };
  requires_all("get-agent-context", {});
  requires_all("search-availability",
               {"duration_minutes", "earliest_start", "latest_end", "meeting_class"});
  requires_all("create-hold", {"hold_scope", "meeting_class"});
  requires_all("release-hold", {"hold_id"});
  requires_all("confirm-hold", {"end", "hold_id", "start", "title"});
  requires_all("simulate", {"end", "meeting_class", "start"});
  requires_all("ack-notifications", {"ids"});
  requires_all("list-events", {});
  requires_all("search-events", {});  // q or query: an anyOf at the root is not portable
  requires_all("get-event", {"id"});
  requires_all("create-event", {"end", "meeting_class", "start", "title"});
  requires_all("update-event", {"id"});
  requires_all("delete-event", {"id"});
}

TEST_CASE("Two lists keep REST's spelling where the contract says so") {
  const json calendar = {{"calendar_type", "work"}, {"is_primary", true}, {"timezone", "UTC"}};
  const json calendars = tool_output("list-calendars", {{"calendars", json::array({calendar})},
                                                        {"pending_notifications", kPending}});
  CHECK(calendars == json{{"calendars", json::array({calendar})},
                          {"pendingNotifications", kPending},
                          {"unavailable_calendar_types", {"personal", "other"}}});
  const json classes = tool_output(
      "list-meeting-classes",
      {{"meeting_classes", {{{"priority_tier", "low"}}}}, {"pending_notifications", kPending}});
  CHECK(classes == json{{"meeting_classes", {{{"priorityTier", "low"}}}}});
}

TEST_CASE(
    "Everywhere else keys are camelCase at every depth, and notifications stand where declared") {
  const json simulated =
      tool_output("simulate", {{"engine_trace", {{{"keep_me", 1}}}},
                               {"situation", {{"local_days", {{{"all_day", true}}}}}},
                               {"pending_notifications", kPending}});
  CHECK(simulated == json{{"engineTrace", {{{"keep_me", 1}}}},
                          {"situation", {{"localDays", {{{"allDay", true}}}}}},
                          {"pendingNotifications", kPending}});
  for (const char* bare : {"get-event", "get-pending-notifications", "ack-notifications"}) {
    CAPTURE(bare);
    CHECK(tool_output(bare, {{"acked_count", 1}, {"pending_notifications", kPending}}) ==
          json{{"ackedCount", 1}});
  }
}

TEST_CASE("A refusal's text names the code first, then what the error brings along") {
  const json text = tool_error({{"error",
                                 {{"code", "ARBITRATION_REJECTED"},
                                  {"message", "taken"},
                                  {"next", "take another"},
                                  {"reason", "COUNTER_PROPOSED"}}},
                                {"alternatives", {{{"reason_code", "x"}}}},
                                {"next_available", {{"start", "s"}, {"end", "e"}}},
                                {"pending_notifications", json::array()}});
  CHECK(text == json{{"error", "ARBITRATION_REJECTED"},
                     {"message", "taken"},
                     {"next", "take another"},
                     {"reason", "COUNTER_PROPOSED"},
                     {"alternatives", {{{"reasonCode", "x"}}}},
                     {"nextAvailable", {{"start", "s"}, {"end", "e"}}},
                     {"pendingNotifications", json::array()}});
}

}  // namespace openavail::mcp
