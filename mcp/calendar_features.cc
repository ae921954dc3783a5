#include "mcp/calendar_features.h"

#include <algorithm>

#include "mcp/refusals.h"

namespace openavail::mcp {
namespace {

using nlohmann::json;

// Tools and prompts change only with the binary; resources with classes and scopes.
constexpr int kListTtlMs = 60'000;

}  // namespace

CalendarFeatures::CalendarFeatures(ServerSettings settings)
    : settings_(std::move(settings)),
      states_(settings_.state_secret, settings_.clock, settings_.entropy) {}

json CalendarFeatures::server_info() const {
  return {{"name", "openavail"}, {"title", "Openavail"}, {"version", settings_.version}};
}

json CalendarFeatures::capabilities(Era) const {
  // No list changes while the server runs but by an administrator's hand, which nothing announces.
  return {{"tools", json::object()},
          {"resources", json::object()},
          {"prompts", json::object()},
          {"completions", json::object()}};
}

std::string CalendarFeatures::instructions(const Caller& caller) const {
  if (!caller.api_key) {
    return "No API key is set, so no tools are listed. Set OPENAVAIL_API_KEY in this server's "
           "environment; an administrator makes one with: openavail keys mint --agent NAME";
  }
  return "Openavail decides every booking by the calendar owner's rules. Begin with "
         "get-agent-context. Find a time with search-availability, hold it with create-hold while "
         "you ask your person, then confirm-hold or release-hold; or book at once with "
         "create-event. A refusal is an answer: take one of its alternatives or nextAvailable "
         "instead of asking for the same time again. Read get-pending-notifications when an answer "
         "carries pendingNotifications, act on them and acknowledge. All times carry a UTC offset.";
}

int CalendarFeatures::list_ttl_ms() const { return kListTtlMs; }

json CalendarFeatures::mirrored_schema(const std::string&) const { return nullptr; }

json CalendarFeatures::honoured(const json&) const { return json::object(); }

service::Call CalendarFeatures::new_call() const {
  service::Call call;
  call.request_id = settings_.new_request_id();
  return call;
}

operations::Outcome CalendarFeatures::run(const Request& request, const std::string& operation,
                                          json input, service::Call call,
                                          operations::Spelling spelling) {
  auto opened = settings_.operations();
  if (!opened) return {false, operations::wire_error(opened.error()), opened.error().code(), 0};
  return (*opened)->run(operation, std::move(input), *request.caller.api_key, std::move(call),
                        spelling);
}

RpcResult<operations::KeyHolder> CalendarFeatures::holder(const Request& request) {
  auto opened = settings_.operations();
  if (!opened) return tl::unexpected<RpcError>(refusal_of(opened.error()));
  auto found = (*opened)->holder(*request.caller.api_key, new_call());
  if (!found) return tl::unexpected<RpcError>(refusal_of(found.error()));
  return std::move(*found);
}

RpcResult<json> CalendarFeatures::meeting_classes(const Request& request,
                                                  const operations::KeyHolder& holder) {
  const auto& may = holder.permissions;
  if (std::find(may.begin(), may.end(), "read_freebusy") == may.end()) return json::array();
  const auto outcome = run(request, "list-meeting-classes", json::object(), new_call());
  if (!outcome.ok) return tl::unexpected<RpcError>(refusal_of(outcome));
  return outcome.body.at("meeting_classes");
}

}  // namespace openavail::mcp
