// Owner contexts, meeting classes and decisions as resources.
#include <algorithm>

#include "mcp/calendar_features.h"
#include "mcp/refusals.h"
#include "mcp/tool_form.h"
#include "mcp/uri.h"

namespace openavail::mcp {
namespace {

using nlohmann::json;

constexpr const char* kOwnerContext = "owner-context";
constexpr const char* kMeetingClasses = "meeting-classes";
constexpr const char* kDecisions = "decisions";
constexpr const char* kMimeType = "application/json";
// A row of the audit log never changes.
constexpr int kDecisionTtlMs = 3'600'000;

tl::unexpected<RpcError> not_found(const Request& request, const std::string& uri) {
  const bool is_modern = request.era == Era::modern;
  return rpc_fail(is_modern ? code::kInvalidParameters : code::kResourceNotFound,
                  "there is no such resource; resources/list names them", {{"uri", uri}});
}

bool may(const operations::KeyHolder& holder, const char* permission) {
  return std::find(holder.permissions.begin(), holder.permissions.end(), permission) !=
         holder.permissions.end();
}

json entry(const std::string& kind, const std::string& name, const std::string& title,
           const std::string& description) {
  return {{"uri", resource_uri(kind, name)},
          {"name", kind + "/" + name},
          {"title", title},
          {"description", description},
          {"mimeType", kMimeType}};
}

json template_entry(const std::string& kind, const std::string& variable, const std::string& title,
                    const std::string& description) {
  return {{"uriTemplate", "openavail://" + kind + "/{" + variable + "}"},
          {"name", kind},
          {"title", title},
          {"description", description},
          {"mimeType", kMimeType}};
}

json contents(const std::string& uri, json content, int ttl_ms) {
  if (content.is_object()) content.erase("pendingNotifications");
  return {{"contents", {{{"uri", uri}, {"mimeType", kMimeType}, {"text", line_of(content)}}}},
          {"ttlMs", ttl_ms},
          {"cacheScope", "private"}};
}

}  // namespace

RpcResult<json> CalendarFeatures::resources(const Request& request) {
  json list = json::array();
  if (!request.caller.api_key) return list;
  const auto who = holder(request);
  if (!who) return tl::unexpected<RpcError>(who.error());
  const auto classes = meeting_classes(request, *who);
  if (!classes) return classes;
  if (may(*who, "read_freebusy")) {
    for (const std::string& email : who->owner_scope) {
      list.push_back(entry(kOwnerContext, email, "Calendar of " + email,
                           "Calendars, working hours, meeting classes and your permissions"));
    }
  }
  for (const json& one : *classes) {
    const std::string name = one.at("name");
    list.push_back(entry(kMeetingClasses, name, "Meeting class " + name,
                         "Its priority tier, and what may happen to its bookings"));
  }
  return list;
}

RpcResult<json> CalendarFeatures::resource_templates(const Request& request) {
  json list = json::array();
  if (!request.caller.api_key) return list;
  const auto who = holder(request);
  if (!who) return tl::unexpected<RpcError>(who.error());
  if (may(*who, "read_freebusy")) {
    list.push_back(template_entry(kOwnerContext, "email", "A calendar owner",
                                  "Calendars, rules and classes of an owner you act for"));
    list.push_back(template_entry(kMeetingClasses, "name", "A meeting class",
                                  "Its priority tier, and what may happen to its bookings"));
  }
  if (may(*who, "read_audit")) {
    list.push_back(template_entry(kDecisions, "id", "A decision",
                                  "One signed row of the audit log, with its trace"));
  }
  return list;
}

RpcResult<json> CalendarFeatures::read_resource(const Request& request) {
  const auto uri = request.text("uri");
  if (!uri) return tl::unexpected<RpcError>(uri.error());
  const auto name = parse_resource_uri(*uri);
  if (!name || !request.caller.api_key) return not_found(request, *uri);
  std::string operation;
  json input = json::object();
  if (name->kind == kOwnerContext) {
    operation = "get-agent-context";
    input["owner_email"] = name->name;
  } else if (name->kind == kMeetingClasses) {
    operation = "list-meeting-classes";
  } else if (name->kind == kDecisions) {
    operation = "get-decision";
    input["id"] = name->name;
  } else {
    return not_found(request, *uri);
  }
  operations::Outcome outcome = run(request, operation, std::move(input), new_call());
  if (!outcome.ok) {
    // What is no owner of the caller's, and what no name can be, does not exist for it.
    const bool is_absent = outcome.code == ErrorCode::not_found ||
                           outcome.code == ErrorCode::owner_scope_denied ||
                           outcome.code == ErrorCode::validation_failed;
    if (is_absent) return not_found(request, *uri);
    return tl::unexpected<RpcError>(refusal_of(outcome));
  }
  if (name->kind == kDecisions) {
    outcome.body.erase("pending_notifications");
    return contents(*uri, std::move(outcome.body), kDecisionTtlMs);
  }
  json found = tool_output(operation, std::move(outcome.body));
  if (name->kind == kOwnerContext) return contents(*uri, std::move(found), 0);
  for (const json& one : found.at("meeting_classes")) {
    if (one.at("name") == name->name) return contents(*uri, one, 0);
  }
  return not_found(request, *uri);
}

}  // namespace openavail::mcp
