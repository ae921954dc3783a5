#include "operations/answers.h"

#include "crypto/digest.h"
#include "crypto/ed25519.h"
#include "service/refusal.h"

namespace openavail::operations {
namespace {

using nlohmann::json;
using time::format_instant;

json attendees_json(const std::vector<calendar::Attendee>& attendees) {
  json list = json::array();
  for (const calendar::Attendee& attendee : attendees) {
    json entry = {{"email", attendee.email}};
    if (!attendee.display_name.empty()) entry["displayName"] = attendee.display_name;
    list.push_back(std::move(entry));
  }
  return list;
}

json warnings_json(const std::vector<service::Warning>& warnings) {
  json list = json::array();
  for (const service::Warning& warning : warnings) list.push_back(service::to_json(warning));
  return list;
}

json nullable(const std::optional<std::string>& text) { return text ? json(*text) : json(nullptr); }

void add_situation(json& out, const std::optional<service::SituationCopy>& situation) {
  if (!situation) return;
  out["situation"] = json::parse(situation->canonical_json);
  out["situation_digest"] = situation->digest;
}

std::string clock_text(int minutes) {
  const auto two = [](int n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  return two(minutes / 60) + ":" + two(minutes % 60);
}

json preemptable_json(const arbiter::Candidate& candidate) {
  json ids = json::array();
  for (const BookingId& id : candidate.occupying) ids.push_back(id.text());
  return {{"occupying_class", candidate.occupying_class},
          {"occupying_booking_ids", std::move(ids)},
          {"occupying_priority_tier", policy::to_text(candidate.occupying_tier)}};
}

}  // namespace

json to_json(const service::SearchAnswer& answer) {
  json candidates = json::array();
  for (const arbiter::Candidate& candidate : answer.candidates) {
    json entry = service::to_json(candidate.interval);
    const bool free = candidate.risk == arbiter::Risk::free;
    entry["risk"] = free ? "free" : "preemptable";
    if (!free) entry["preemptable"] = preemptable_json(candidate);
    candidates.push_back(std::move(entry));
  }
  json out = {{"requested_window", service::to_json(answer.requested_window)},
              {"candidates", std::move(candidates)},
              {"resolved_calendar_type", ports::to_text(answer.resolved_calendar_type)},
              {"warnings", warnings_json(answer.warnings)},
              {"candidate_limit", answer.candidate_limit},
              {"available_candidate_count", answer.available_candidate_count},
              {"candidates_truncated", answer.curated},
              {"candidate_set", answer.curated ? "curated" : "exhaustive"}};
  add_situation(out, answer.situation);
  return out;
}

json to_json(const service::HoldAnswer& answer) {
  json out = {{"hold_id", answer.hold_id.text()},
              {"hold_scope", answer.scope == ports::HoldScope::window ? "window" : "candidate"},
              {"held_window", service::to_json(answer.held_window)},
              {"expires_at", format_instant(answer.expires_at)},
              {"expires_in_seconds", answer.expires_in_seconds},
              {"resolved_calendar_type", ports::to_text(answer.resolved_calendar_type)}};
  add_situation(out, answer.situation);
  return out;
}

json to_json(const service::BookingAnswer& answer) {
  json displaced = json::array();
  for (const service::DisplacedBooking& loser : answer.displaced) {
    json entry = service::to_json(loser.interval);
    entry["booking_id"] = loser.booking_id.text();
    entry["title"] = nullable(loser.title);
    entry["meeting_class"] = loser.meeting_class;
    displaced.push_back(std::move(entry));
  }
  if (answer.is_question) {
    return {{"needs_confirmation", true},
            {"displaced_bookings", std::move(displaced)},
            {"start", format_instant(answer.interval.start)},
            {"end", format_instant(answer.interval.end)}};
  }
  json out = {{"booking_id", answer.booking_id.text()},
              {"correlation_id", answer.correlation_id},
              {"displaced_count", displaced.size()},
              {"displaced_bookings", displaced},
              {"start", format_instant(answer.interval.start)},
              {"end", format_instant(answer.interval.end)},
              {"title", answer.text.title},
              {"description",
               answer.text.description.empty() ? json(nullptr) : json(answer.text.description)},
              {"calendar_type", ports::to_text(answer.calendar_type)},
              {"attendees", attendees_json(answer.text.attendees)},
              {"warnings", warnings_json(answer.warnings)},
              {"status", "committed"},
              {"audit_row_id", answer.audit_row_id.text()}};
  add_situation(out, answer.situation);
  return out;
}

json to_json(const service::BookingView& view) {
  return {{"booking_id", view.booking_id.text()},
          {"correlation_id", view.correlation_id},
          {"start", format_instant(view.interval.start)},
          {"end", format_instant(view.interval.end)},
          {"meeting_class", view.meeting_class},
          {"calendar_type", ports::to_text(view.calendar_type)},
          {"created_at", format_instant(view.created_at)},
          {"title", nullable(view.title)},
          {"description", nullable(view.description)},
          {"attendees", attendees_json(view.attendees)},
          {"status", view.status}};
}

json to_json(const service::SimulateAnswer& answer) {
  const arbiter::Decision& decision = answer.decision;
  json trace = json::array();
  for (const arbiter::TraceRow& row : decision.trace) {
    trace.push_back(
        {{"rule", row.rule}, {"outcome", arbiter::to_text(row.outcome)}, {"detail", row.detail}});
  }
  json displaced = json::array();
  for (const BookingId& id : decision.displaced) displaced.push_back(id.text());
  json out = {{"decision", arbiter::to_text(decision.verdict)},
              {"displaced_booking_ids", std::move(displaced)},
              {"engine_trace", std::move(trace)}};
  add_situation(out, answer.situation);
  if (!decision.blocking_reason) return out;
  const std::string blocking(arbiter::wire_name(*decision.blocking_reason));
  const bool counter = decision.verdict == arbiter::Verdict::counter_propose;
  out["reason"] = counter ? "COUNTER_PROPOSED" : blocking;
  out["blocking_reason"] = blocking;
  json alternatives = json::array();
  for (const Interval& alternative : decision.alternatives) {
    json entry = service::to_json(alternative);
    entry["reason_code"] = "suggested_alternative";
    alternatives.push_back(std::move(entry));
  }
  out["alternatives"] = std::move(alternatives);
  if (decision.next_available) {
    out["next_available"] =
        service::to_json({*decision.next_available, *decision.next_available + answer.length});
  }
  return out;
}

json to_json(const std::vector<service::CalendarView>& calendars) {
  json list = json::array();
  for (const service::CalendarView& calendar : calendars) {
    list.push_back({{"calendar_type", ports::to_text(calendar.calendar_type)},
                    {"is_primary", calendar.is_primary},
                    {"timezone", calendar.timezone}});
  }
  return list;
}

json to_json(const std::vector<policy::MeetingClass>& classes) {
  json list = json::array();
  for (const policy::MeetingClass& c : classes) {
    list.push_back({{"name", c.name},
                    {"description", c.description},
                    {"priority_tier", policy::to_text(c.tier)},
                    {"preempt_policy", policy::to_text(c.policy)}});
  }
  return list;
}

json to_json(const service::ScheduleRulesView& rules) {
  json rows = json::array();
  for (const policy::WeeklyRow& row : rules.working_hours) {
    json days = json::array();
    for (int day = 0; day < 7; ++day) {
      if ((row.days >> day & 1) != 0) days.push_back(day);
    }
    rows.push_back({{"days", std::move(days)},
                    {"start_time", clock_text(row.start_minutes)},
                    {"end_time", clock_text(row.end_minutes)},
                    {"timezone", row.timezone.value_or("")}});
  }
  json cap = nullptr;
  if (rules.max_daily_meeting_minutes) {
    const int minutes = *rules.max_daily_meeting_minutes;
    cap = minutes % 60 == 0 ? json(minutes / 60) : json(minutes / 60.0);
  }
  return {{"working_hours", std::move(rows)},
          {"slot_interval_minutes", rules.slot_interval_minutes},
          {"max_daily_meeting_hours", std::move(cap)}};
}

json to_json(const service::OwnerContext& context) {
  return {{"calendars", to_json(context.calendars)},
          {"schedule_rules", to_json(context.rules)},
          {"meeting_classes", to_json(context.meeting_classes)},
          {"setup_warnings", warnings_json(context.setup_warnings)},
          {"unavailable_features", json::array()},
          {"agent", to_json(context.agent)}};
}

json to_json(const service::AgentView& agent) {
  return {{"id", agent.id.text()},
          {"name", agent.name},
          {"permissions", agent.permissions},
          {"owner_scope", agent.owner_scope}};
}

json to_json(const service::ProposalView& view) {
  const ports::Proposal& proposal = view.proposal;
  json candidates = json::array();
  int valid = 0;
  for (const auto& each : view.candidates) {
    const ports::ProposalCandidate& candidate = each.candidate;
    json entry = service::to_json(candidate.interval);
    const bool is_valid = candidate.invalid_reason.empty();
    valid += is_valid ? 1 : 0;
    entry["id"] = candidate.id;
    entry["rank"] = candidate.rank;
    entry["agent_preferred"] = candidate.is_preferred;
    entry["status"] = is_valid ? "valid" : "invalid";
    entry["invalid_reasons"] = is_valid ? json::array() : json::array({candidate.invalid_reason});
    entry["risk"] = candidate.is_preemptable ? "preemptable" : "free";
    entry["preemptable"] = each.occupying ? preemptable_json(*each.occupying) : json(nullptr);
    candidates.push_back(std::move(entry));
  }
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(proposal.duration);
  json out = {
      {"proposal_id", proposal.id.text()},
      {"status", ports::to_text(proposal.status)},
      {"title", view.text ? json(view.text->title) : json(nullptr)},
      {"description",
       view.text && !view.text->description.empty() ? json(view.text->description) : json(nullptr)},
      {"meeting_class", view.meeting_class},
      {"duration_minutes", minutes.count()},
      {"attendees",
       attendees_json(view.text ? view.text->attendees : std::vector<calendar::Attendee>{})},
      {"requested_window", service::to_json(proposal.window)},
      {"expires_at", format_instant(proposal.expires_at)},
      {"created_at", format_instant(proposal.created_at)},
      {"calendar_owner", view.owner_email},
      {"requesting_agent", view.agent_name},
      {"resolved_calendar_type", ports::to_text(view.calendar_type)},
      {"candidate_limit", limits::kProposalCandidatesMax},
      {"available_valid_candidate_count", proposal.available_count},
      {"valid_candidate_count", valid},
      {"candidates_truncated", proposal.is_curated},
      {"candidate_set", proposal.is_curated ? "curated" : "exhaustive"},
      {"approved_candidate_id", nullable(proposal.approved_candidate)},
      {"candidates", std::move(candidates)},
      {"decision", nullable(proposal.decision)},
      {"rejection_reason",
       proposal.decision == "rejected" ? json("OWNER_REJECTED") : json(nullptr)},
      {"owner_note", nullable(view.owner_note)},
      {"booking_id", proposal.booking_id ? json(proposal.booking_id->text()) : json(nullptr)},
      {"public_context", nullptr}};
  add_situation(out, view.situation);
  return out;
}

json to_json(const service::AuditLine& line) {
  json out = json::parse(line.row.canonical);
  out["owner_email"] = nullable(line.owner_email);
  const auto base64_or_null = [](const std::string& bytes) {
    return bytes.empty() ? json(nullptr) : json(crypto::to_base64(bytes));
  };
  out["signature"] = base64_or_null(line.row.signature);
  out["row_signature"] = base64_or_null(line.row.row_signature);
  out["inclusion_proof"] = nullptr;
  if (!line.inclusion) return out;
  json hashes = json::array();
  for (const audit::Hash& hash : line.inclusion->proof) hashes.push_back(crypto::to_base64(hash));
  out["inclusion_proof"] = {{"leaf_index", line.inclusion->leaf_index},
                            {"tree_size", line.inclusion->tree_size},
                            {"hashes", std::move(hashes)},
                            {"checkpoint", line.inclusion->checkpoint}};
  return out;
}

Result<json> to_json(const ports::SigningKeyRecord& key) {
  OA_TRY(const auto read, crypto::Ed25519PublicKey::from_pem(key.public_key_pem));
  return json{{"key_id", key.id.text()},
              {"algorithm", "Ed25519"},
              {"public_key_pem", key.public_key_pem},
              {"public_key", crypto::to_base64(read.raw())},
              {"valid_from", format_instant(key.created_at)},
              {"valid_until", key.retired_at ? json(format_instant(*key.retired_at)) : json()}};
}

json to_json(const service::NotificationView& n) {
  json payload = service::to_json(n.interval);
  payload["booking_id"] = n.booking_id.text();
  payload["meeting_class"] = n.meeting_class;
  payload["owner_email"] = n.owner_email;
  if (n.previous_interval) {
    payload["previous_start"] = format_instant(n.previous_interval->start);
    payload["previous_end"] = format_instant(n.previous_interval->end);
  }
  if (n.winner) payload["displaced_by"] = n.winner->text();
  return {{"id", n.id.text()},
          {"kind", n.kind},
          {"payload", std::move(payload)},
          {"createdAt", format_instant(n.created_at)}};
}

}  // namespace openavail::operations
