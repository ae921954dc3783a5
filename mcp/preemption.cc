#include "mcp/preemption.h"

#include "operations/operations.h"

namespace openavail::mcp {
namespace {

using nlohmann::json;

// The key of our one question, and the field of its form.
constexpr const char* kQuestion = "confirm_preemption";
constexpr const char* kField = "displace";

std::string described(const json& body) {
  const json& displaced = body.at("displaced_bookings");
  std::string text = "The booking from " + body.at("start").get<std::string>() + " to " +
                     body.at("end").get<std::string>() + " would displace " +
                     std::to_string(displaced.size()) +
                     (displaced.size() == 1 ? " meeting: " : " meetings: ");
  bool is_first = true;
  for (const json& one : displaced) {
    text += (is_first ? "" : "; ") + one.at("meeting_class").get<std::string>() + " from " +
            one.at("start").get<std::string>() + " to " + one.at("end").get<std::string>();
    is_first = false;
  }
  return text + ".";
}

}  // namespace

bool take_confirm_member(const std::string& tool, json& input) {
  const auto found = input.find(kConfirmMember);
  // What is no boolean stays where the operation's schema refuses it.
  if (!can_confirm_preemption(tool) || found == input.end() || !found->is_boolean()) return false;
  const bool is_asked = *found;
  input.erase(found);
  return is_asked;
}

bool can_elicit_form(const Request& request) {
  const json can = request.client_capabilities.value("elicitation", json());
  return request.era == Era::modern && can.is_object() && (can.empty() || can.contains("form"));
}

Consent consent_in(const Request& request) {
  const json answers = request.parameters.value("inputResponses", json());
  const json answer = answers.is_object() ? answers.value(kQuestion, json()) : json();
  const json action = answer.is_object() ? answer.value("action", json()) : json();
  if (action == "decline" || action == "cancel") return Consent::refused;
  if (action != "accept") return Consent::none;
  const json content = answer.value("content", json());
  const json choice = content.is_object() ? content.value(kField, json()) : json();
  if (!choice.is_boolean()) return Consent::none;
  return choice == true ? Consent::given : Consent::refused;
}

std::vector<BookingId> displaced_ids(const json& body) {
  std::vector<BookingId> ids;
  for (const json& one : body.at("displaced_bookings")) {
    ids.emplace_back(one.at("booking_id").get<std::string>());
  }
  return ids;
}

json question(const json& body, const std::string& request_state) {
  const json form = {
      {"type", "object"},
      {"properties",
       {{kField,
         {{"type", "boolean"},
          {"title", "Displace"},
          {"description", "Book it, and have what is displaced moved to another time"}}}}},
      {"required", {kField}}};
  return {{"resultType", "input_required"},
          {"inputRequests",
           {{kQuestion,
             {{"method", "elicitation/create"},
              {"params",
               {{"mode", "form"},
                {"message", described(body) + " Book it all the same?"},
                {"requestedSchema", form}}}}}}},
          {"requestState", request_state}};
}

json ask_your_person(const json& body) {
  json out = operations::to_camel_case(body);
  out.erase("needsConfirmation");
  out["error"] = "PREEMPTION_UNCONFIRMED";
  out["message"] = described(body) + " Nothing was booked.";
  out["next"] =
      "your client can't ask: ask your person yourself; if they agree, call again without "
      "confirm_preemption";
  return out;
}

json declined() {
  return {{"error", "PREEMPTION_DECLINED"},
          {"message", "your person declined: nothing was booked and nothing was displaced"},
          {"next", "search for a time that displaces nobody"},
          {"pendingNotifications", json::array()}};
}

}  // namespace openavail::mcp
