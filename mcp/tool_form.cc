#include "mcp/tool_form.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace openavail::mcp {
namespace {

using nlohmann::json;

constexpr const char* kCalendarTypes[] = {"work", "personal", "other"};

// Two tools answer with a member that keeps REST's spelling, one of them inside as well.
bool keeps_its_name(const std::string& tool, const std::string& member) {
  return tool == "list-meeting-classes" && member == "meeting_classes";
}
bool is_verbatim(const std::string& tool, const std::string& member) {
  return tool == "list-calendars" && member == "calendars";
}

json missing_calendar_types(const json& calendars) {
  json missing = json::array();
  for (const char* type : kCalendarTypes) {
    const bool has = std::any_of(calendars.begin(), calendars.end(),
                                 [&](const json& c) { return c.at("calendar_type") == type; });
    if (!has) missing.push_back(type);
  }
  return missing;
}

// The output schema with the spelling that the tool answers in.
json output_schema_of(const operations::OperationInfo& info) {
  json schema = operations::output_schema(info);
  json properties = json::object();
  const auto spelled = [&](const std::string& member) {
    return keeps_its_name(info.name, member) ? member : operations::camel_case_name(member);
  };
  for (auto& [member, described] : schema["properties"].get_ref<json::object_t&>()) {
    json& place = properties[spelled(member)];
    place = std::move(described);
    if (!is_verbatim(info.name, member)) {
      place = operations::schema_to_camel_case(std::move(place));
    }
  }
  for (json& member : schema["required"]) member = spelled(member.get<std::string>());
  if (info.name == "list-calendars") {
    properties["unavailable_calendar_types"] = {
        {"type", "array"}, {"items", {{"type", "string"}, {"enum", kCalendarTypes}}}};
    schema["required"].push_back("unavailable_calendar_types");
  }
  schema["properties"] = std::move(properties);
  return schema;
}

json input_schema_of(const operations::OperationInfo& info) {
  json schema = operations::input_schema(info, operations::Spelling::tool);
  if (can_confirm_preemption(info.name)) {
    schema["properties"][kConfirmMember] = {
        {"type", "boolean"},
        {"description", "Have your person asked before this displaces another meeting"}};
  }
  return schema;
}

}  // namespace

bool can_confirm_preemption(const std::string& tool) {
  return tool == "create-event" || tool == "confirm-hold";
}

json tool_of(const operations::OperationInfo& info) {
  return {{"name", info.name},
          {"title", info.title},
          {"description", info.description},
          {"inputSchema", input_schema_of(info)},
          {"outputSchema", output_schema_of(info)},
          {"annotations",
           {{"readOnlyHint", info.is_read_only},
            {"destructiveHint", info.is_destructive},
            {"idempotentHint", info.is_idempotent},
            {"openWorldHint", false}}}};
}

json tool_output(const std::string& name, json body) {
  // Operations::run adds the notifications to every answer; here only to those that declare them.
  const auto& table = operations::operation_table();
  const auto info =
      std::find_if(table.begin(), table.end(), [&](const auto& row) { return row.name == name; });
  if (info != table.end() && !info->answers_notifications) body.erase("pending_notifications");
  json out = json::object();
  for (const auto& [member, value] : body.items()) {
    if (is_verbatim(name, member)) {
      out[member] = value;
      continue;
    }
    json spelled = operations::to_camel_case(json{{member, value}});
    out[keeps_its_name(name, member) ? member : spelled.begin().key()] = *spelled.begin();
  }
  if (name == "list-calendars") {
    out["unavailable_calendar_types"] = missing_calendar_types(body.at("calendars"));
  }
  return out;
}

json tool_error(const json& body) {
  json out = operations::to_camel_case(body);
  json inner = out.at("error");
  out["error"] = inner.at("code");
  out["message"] = inner.at("message");
  for (const char* extra : {"reason", "next"}) {
    if (inner.contains(extra)) out[extra] = inner.at(extra);
  }
  return out;
}

}  // namespace openavail::mcp
