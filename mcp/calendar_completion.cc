// Completion of arguments, from what the caller may see anyway.
#include <algorithm>

#include "mcp/calendar_features.h"

namespace openavail::mcp {
namespace {

using nlohmann::json;

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

json completion(const std::vector<std::string>& values, const std::string& begun) {
  json fitting = json::array();
  int total = 0;
  for (const std::string& value : values) {
    if (lower(value).compare(0, begun.size(), lower(begun)) != 0) continue;
    ++total;
    if (fitting.size() < limits::kMcpCompletionsMax) fitting.push_back(value);
  }
  const bool has_more = static_cast<std::size_t>(total) > fitting.size();
  return {
      {"completion", {{"values", std::move(fitting)}, {"total", total}, {"hasMore", has_more}}}};
}

// Whether the prompt or template that is referred to exists for this caller.
bool is_among(const json& entries, const char* member, const json& wanted) {
  return std::any_of(entries.begin(), entries.end(),
                     [&](const json& entry) { return entry.at(member) == wanted; });
}

}  // namespace

RpcResult<json> CalendarFeatures::complete(const Request& request) {
  const json reference = request.parameters.value("ref", json::object());
  const json argument = request.parameters.value("argument", json::object());
  if (!reference.is_object() || !argument.is_object() ||
      !argument.value("name", json()).is_string() || !argument.value("value", json()).is_string()) {
    return rpc_fail(code::kInvalidParameters, "params needs ref, argument.name and argument.value");
  }
  const bool is_prompt = reference.value("type", "") == "ref/prompt";
  const bool is_resource = reference.value("type", "") == "ref/resource";
  RpcResult<json> entries = json::array();
  if (is_prompt) entries = prompts(request);
  if (is_resource) entries = resource_templates(request);
  if (!entries) return entries;
  const bool exists = is_prompt ? is_among(*entries, "name", reference.value("name", json()))
                                : is_among(*entries, "uriTemplate", reference.value("uri", json()));
  if (!exists) {
    return rpc_fail(code::kInvalidParameters, "params.ref names no prompt and no template");
  }
  const std::string name = argument.at("name");
  const std::string begun = argument.at("value");
  if (name == "calendar_type") return completion({"work", "personal", "other"}, begun);
  const bool is_owner = name == (is_prompt ? "owner_email" : "email");
  const bool is_class = name == (is_prompt ? "meeting_class" : "name");
  if (!is_owner && !is_class) return completion({}, begun);
  const auto who = holder(request);
  if (!who) return tl::unexpected<RpcError>(who.error());
  // Who may not read an owner's context is not told whose there are.
  const auto& may = who->permissions;
  if (std::find(may.begin(), may.end(), "read_freebusy") == may.end()) return completion({}, begun);
  if (is_owner) {
    std::vector<std::string> owners = who->owner_scope;
    std::sort(owners.begin(), owners.end());
    return completion(owners, begun);
  }
  const auto classes = meeting_classes(request, *who);
  if (!classes) return classes;
  std::vector<std::string> names;
  for (const json& one : *classes) names.push_back(one.at("name"));
  return completion(names, begun);
}

}  // namespace openavail::mcp
