#include "operations/handlers.h"

#include <nlohmann/json.hpp>

#include "audit/checkpoint.h"
#include "base/limits.h"
#include "operations/answers.h"
#include "operations/input.h"
#include "service/refusal.h"

namespace openavail::operations {
namespace {

using nlohmann::json;
using service::AgentCall;
using service::AgentService;

Error missing(const std::string& member, const std::string& when) {
  const std::string message = "is needed " + when;
  return Error(ErrorCode::validation_failed, "the input is not valid: /" + member + " " + message,
               "mend what issues lists and call again")
      .with_details({{"issues", {{{"path", "/" + member}, {"message", message}}}}});
}

Result<json> context(AgentService& service, const AgentCall& call, const json& input) {
  OA_TRY(const auto found, service.owner_context(call, target_in(input)));
  return to_json(found);
}

Result<json> agent(AgentService& service, const AgentCall& call, const json&) {
  OA_TRY(const auto found, service.agent(call));
  return json{{"agent", to_json(found)}};
}

Result<json> calendars(AgentService& service, const AgentCall& call, const json& input) {
  OA_TRY(const auto found, service.calendars(call, target_in(input)));
  return json{{"calendars", to_json(found)}};
}

Result<json> rules(AgentService& service, const AgentCall& call, const json& input) {
  OA_TRY(const auto found, service.schedule_rules(call, target_in(input)));
  return to_json(found);
}

Result<json> classes(AgentService& service, const AgentCall& call, const json&) {
  OA_TRY(const auto found, service.meeting_classes(call));
  return json{{"meeting_classes", to_json(found)}};
}

Result<json> search(AgentService& service, const AgentCall& call, const json& input) {
  service::SearchRequest request;
  request.target = target_in(input);
  request.duration_minutes = input.at("duration_minutes");
  OA_TRY(request.earliest_start, instant_in(input, "earliest_start"));
  OA_TRY(request.latest_end, instant_in(input, "latest_end"));
  if (request.latest_end <= request.earliest_start) {
    return fail(missing("latest_end", "after earliest_start"));
  }
  request.meeting_class = input.at("meeting_class");
  // Wider than int: what does not fit must not come out as something small.
  const auto lookahead = input.value("next_available_lookahead_hours",
                                     static_cast<std::int64_t>(limits::kLookaheadHoursMax));
  if (lookahead > limits::kLookaheadHoursMax) {
    return fail(
        ErrorCode::lookahead_exceeds_maximum,
        "next_available_lookahead_hours is at most " + std::to_string(limits::kLookaheadHoursMax),
        "ask for less");
  }
  request.lookahead_hours = static_cast<int>(lookahead);
  request.max_results = input.value("max_results", limits::kSearchResultsDefault);
  OA_TRY(const auto found, service.search(call, request));
  return to_json(found);
}

Result<service::SearchRequest> first_request(const json& input) {
  service::SearchRequest request;
  request.target = target_in(input);
  request.duration_minutes = input.at("duration_minutes");
  request.meeting_class = input.at("meeting_class");
  if (input.contains("window")) {
    OA_TRY(const Interval window, interval_in(input.at("window"), "/window"));
    request.earliest_start = window.start;
    request.latest_end = window.end;
    return request;
  }
  for (const char* member : {"earliest_start", "latest_end"}) {
    if (!input.contains(member)) return fail(missing(member, "without a window"));
  }
  OA_TRY(request.earliest_start, instant_in(input, "earliest_start"));
  OA_TRY(request.latest_end, instant_in(input, "latest_end"));
  if (request.latest_end <= request.earliest_start) {
    return fail(missing("latest_end", "after earliest_start"));
  }
  return request;
}

Result<json> first_availability(AgentService& service, const AgentCall& call, const json& input) {
  OA_TRY(const service::SearchRequest request, first_request(input));
  OA_TRY(const auto made, service.search_and_hold(call, request));
  const json found = to_json(made.found);
  const json hold = to_json(made.hold);
  json out = {{"hold_id", hold.at("hold_id")},
              {"expires_at", hold.at("expires_at")},
              {"expires_in_seconds", hold.at("expires_in_seconds")},
              {"slots", found.at("candidates")},
              {"resolved_calendar_type", found.at("resolved_calendar_type")},
              {"warnings", found.at("warnings")}};
  for (const char* name : {"situation", "situation_digest"}) {
    if (const auto told = found.find(name); told != found.end()) out[name] = *told;
  }
  return out;
}

Result<json> propose(AgentService& service, const AgentCall& call, const json& input) {
  service::ProposeRequest request;
  request.target = target_in(input);
  request.meeting_class = input.at("meeting_class");
  request.duration_minutes = input.at("duration_minutes");
  OA_TRY(request.window, interval_in(input.at("requested_window"), "/requested_window"));
  const json preferred = input.value("preferred_times", json::array());
  for (std::size_t i = 0; i < preferred.size(); ++i) {
    OA_TRY(const Interval interval,
           preferred_in(preferred.at(i), "/preferred_times/" + std::to_string(i),
                        std::chrono::minutes(request.duration_minutes)));
    request.preferred_times.push_back(interval);
  }
  OA_TRY(request.text, event_text_in(input));
  OA_TRY(const auto made, service.propose(call, request));
  return to_json(made);
}

Result<json> proposal(AgentService& service, const AgentCall& call, const json& input) {
  OA_TRY(const std::string id, uuid_in(input, "proposal_id"));
  OA_TRY(const auto view, service.proposal(call, ProposalId(id)));
  return to_json(view);
}

Result<json> withdraw(AgentService& service, const AgentCall& call, const json& input) {
  OA_TRY(const std::string id, uuid_in(input, "proposal_id"));
  OA_TRY(const auto view, service.withdraw_proposal(call, ProposalId(id)));
  return to_json(view);
}

Result<json> hold(AgentService& service, const AgentCall& call, const json& input) {
  service::HoldRequest request;
  request.target = target_in(input);
  request.meeting_class = input.at("meeting_class");
  const bool is_window = input.at("hold_scope") == "window";
  const std::string member = is_window ? "window" : "candidate";
  if (!input.contains(member)) return fail(missing(member, "with hold_scope " + member));
  if (is_window && !input.contains("duration_minutes")) {
    return fail(missing("duration_minutes", "with hold_scope window"));
  }
  request.scope = is_window ? ports::HoldScope::window : ports::HoldScope::candidate;
  OA_TRY(request.interval, interval_in(input.at(member), "/" + member));
  request.duration_minutes = input.value("duration_minutes", 0);
  OA_TRY(const auto made, service.hold(call, request));
  return to_json(made);
}

Result<json> release(AgentService& service, const AgentCall& call, const json& input) {
  OA_TRY(const std::string id, uuid_in(input, "hold_id"));
  OA_TRY_STATUS(service.release(call, HoldId(id)));
  return json{{"hold_id", id}, {"released", true}};
}

Result<json> confirm(AgentService& service, const AgentCall& call, const json& input) {
  service::ConfirmRequest request;
  OA_TRY(const std::string id, uuid_in(input, "hold_id"));
  request.hold_id = HoldId(id);
  OA_TRY(request.interval, interval_in(input));
  OA_TRY(request.text, event_text_in(input));
  OA_TRY(const auto booked, service.confirm(call, request));
  return to_json(booked);
}

Result<json> book(AgentService& service, const AgentCall& call, const json& input) {
  service::BookRequest request;
  request.target = target_in(input);
  OA_TRY(request.interval, interval_in(input));
  request.meeting_class = input.at("meeting_class");
  OA_TRY(request.text, event_text_in(input));
  OA_TRY(const auto booked, service.book(call, request));
  return to_json(booked);
}

Result<json> simulate(AgentService& service, const AgentCall& call, const json& input) {
  service::SimulateRequest request;
  request.target = target_in(input);
  OA_TRY(request.interval, interval_in(input));
  request.meeting_class = input.at("meeting_class");
  OA_TRY(const auto simulated, service.simulate(call, request));
  return to_json(simulated);
}

Result<json> notifications(AgentService& service, const AgentCall& call, const json&) {
  OA_TRY(const auto found, service.notifications(call));
  json list = json::array();
  for (const auto& n : found) list.push_back(to_json(n));
  return json{{"notifications", std::move(list)}};
}

Result<json> acknowledge(AgentService& service, const AgentCall& call, const json& input) {
  std::vector<NotificationId> ids;
  for (const json& id : input.at("ids")) ids.emplace_back(id.get<std::string>());
  OA_TRY(const int count, service.acknowledge(call, ids));
  return json{{"acked_count", count}};
}

Result<json> list(AgentService& service, const AgentCall& call, const json& input) {
  service::ListRequest request;
  const service::Target target = target_in(input);
  request.owner_email = target.owner_email;
  request.calendar_type = target.calendar_type;
  if (input.contains("start")) {
    OA_TRY(request.start, instant_in(input, "start"));
  }
  if (input.contains("end")) {
    OA_TRY(request.end, instant_in(input, "end"));
  }
  request.query = text_in(input, "query");
  if (!request.query) request.query = text_in(input, "q");
  request.attendee_email = text_in(input, "attendee_email");
  request.limit = input.value("limit", limits::kListResultsDefault);
  request.cursor = text_in(input, "cursor");
  OA_TRY(const auto found, service.list(call, request));
  json bookings = json::array();
  for (const auto& view : found.bookings) bookings.push_back(to_json(view));
  return json{{"bookings", std::move(bookings)},
              {"next_cursor", found.next_cursor ? json(*found.next_cursor) : json(nullptr)}};
}

Result<json> find(AgentService& service, const AgentCall& call, const json& input) {
  if (!input.contains("q") && !input.contains("query")) return fail(missing("q", "to search"));
  return list(service, call, input);
}

Result<json> get(AgentService& service, const AgentCall& call, const json& input) {
  OA_TRY(const std::string id, uuid_in(input, "id"));
  OA_TRY(const auto view, service.get(call, BookingId(id)));
  return to_json(view);
}

Result<json> update(AgentService& service, const AgentCall& call, const json& input) {
  service::UpdateRequest request;
  OA_TRY(const std::string id, uuid_in(input, "id"));
  request.booking_id = BookingId(id);
  OA_TRY(request.title, title_in(input));
  request.description = description_in(input);
  if (input.contains("attendees")) {
    OA_TRY(request.attendees, attendees_in(input));
  }
  OA_TRY(const auto view, service.update(call, request));
  json out = to_json(view);
  for (const char* absent : {"meeting_class", "created_at", "attendees"}) out.erase(absent);
  return out;
}

Result<json> cancel(AgentService& service, const AgentCall& call, const json& input) {
  OA_TRY(const std::string id, uuid_in(input, "id"));
  OA_TRY(const auto cancelled, service.cancel(call, BookingId(id)));
  return json{{"booking_id", cancelled.booking_id.text()},
              {"correlation_id", cancelled.correlation_id}};
}

Result<service::DecisionQuery> decision_query(const json& input) {
  service::DecisionQuery query;
  query.agent_id = text_in(input, "agent_id");
  query.owner_email = text_in(input, "owner_email");
  query.action = text_in(input, "action");
  if (input.contains("since")) {
    OA_TRY(query.since, instant_in(input, "since"));
  }
  if (input.contains("until")) {
    OA_TRY(query.until, instant_in(input, "until"));
  }
  query.limit = input.value("limit", limits::kDecisionsDefault);
  query.cursor = text_in(input, "cursor");
  return query;
}

Result<json> decisions(AgentService& service, const AgentCall& call, const json& input) {
  OA_TRY(const auto fields, fields_in(input));
  OA_TRY(const service::DecisionQuery query, decision_query(input));
  OA_TRY(const auto found, service.decisions(call, query));
  json rows = json::array();
  for (const auto& line : found.rows) {
    json row = to_json(line);
    if (!fields.empty()) {
      json chosen = json::object();
      for (const std::string& field : fields) chosen[field] = row.value(field, json());
      row = std::move(chosen);
    }
    rows.push_back(std::move(row));
  }
  return json{{"decisions", std::move(rows)},
              {"next_cursor", found.next_cursor ? json(*found.next_cursor) : json(nullptr)}};
}

Result<json> decision(AgentService& service, const AgentCall& call, const json& input) {
  OA_TRY(const auto line, service.decision(call, DecisionId(input.at("id").get<std::string>())));
  return to_json(line);
}

Result<json> export_audit(AgentService& service, const AgentCall& call, const json& input) {
  service::ExportQuery query;
  OA_TRY(query.filters, decision_query(input));
  query.after_seq = input.value("after", std::int64_t{0});
  if (input.contains("until_seq")) query.until_seq = input.at("until_seq").get<std::int64_t>();
  OA_TRY(const auto page, service.export_audit(call, query));
  return json{{"lines", page.lines},
              {"last_seq", page.last_seq},
              {"until_seq", page.until_seq},
              {"is_complete", page.is_complete},
              {"leaves_rows_out", page.leaves_rows_out}};
}

Result<json> public_keys(AgentService& service, const AgentCall&, const json&) {
  OA_TRY(const auto found, service.signing_keys());
  json keys = json::array();
  for (const auto& key : found) {
    OA_TRY(json one, to_json(key));
    OA_TRY(auto read, crypto::Ed25519PublicKey::from_pem(key.public_key_pem));
    one["vkey"] = audit::to_vkey({audit::origin_of(found.front().id), std::move(read)});
    keys.push_back(std::move(one));
  }
  return json{{"keys", std::move(keys)}};
}

struct Binding {
  std::string_view name;
  Handler handler;
};
constexpr Binding kBindings[] = {{"get-agent-context", context},
                                 {"list-calendars", calendars},
                                 {"get-schedule-rules", rules},
                                 {"list-meeting-classes", classes},
                                 {"search-availability", search},
                                 {"create-hold", hold},
                                 {"release-hold", release},
                                 {"confirm-hold", confirm},
                                 {"simulate", simulate},
                                 {"get-pending-notifications", notifications},
                                 {"ack-notifications", acknowledge},
                                 {"list-events", list},
                                 {"search-events", find},
                                 {"get-event", get},
                                 {"create-event", book},
                                 {"update-event", update},
                                 {"delete-event", cancel},
                                 {"first-availability", first_availability},
                                 {"create-booking-proposal", propose},
                                 {"get-booking-proposal", proposal},
                                 {"withdraw-booking-proposal", withdraw},
                                 {"get-agent", agent},
                                 {"list-decisions", decisions},
                                 {"get-decision", decision},
                                 {"export-audit", export_audit},
                                 {"get-audit-public-keys", public_keys}};

}  // namespace

Handler handler_of(std::string_view name) {
  for (const Binding& binding : kBindings) {
    if (binding.name == name) return binding.handler;
  }
  return nullptr;
}

}  // namespace openavail::operations
