#include "service/proposing.h"

#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "arbiter/arbiter.h"
#include "service/event_view.h"
#include "service/journal.h"
#include "service/recovery.h"
#include "service/requests.h"

namespace openavail::service {
namespace {

using nlohmann::json;
using ports::ProposalStatus;

sealing::Place place_of(const ports::Proposal& proposal, std::string_view column) {
  return {"proposals", proposal.id.text(), column, proposal.owner_id.text()};
}

calendar::EventText text_from(const json& value) {
  calendar::EventText text{
      value.at("title").get<std::string>(), value.at("description").get<std::string>(), {}};
  for (const json& attendee : value.at("attendees")) {
    text.attendees.push_back(
        {attendee.at("email").get<std::string>(), attendee.at("displayName").get<std::string>()});
  }
  return text;
}

// What would be displaced, as a search tells it.
arbiter::Candidate occupying(const arbiter::Situation& situation, const Interval& interval,
                             const std::vector<BookingId>& displaced) {
  arbiter::Candidate candidate;
  candidate.interval = interval;
  candidate.risk = arbiter::Risk::preemptable;
  candidate.occupying = displaced;
  bool is_first = true;
  for (const arbiter::Occupant& occupant : situation.occupancy) {
    const bool is_displaced =
        std::find(displaced.begin(), displaced.end(), occupant.booking_id) != displaced.end();
    if (occupant.kind != arbiter::OccupantKind::booking || !is_displaced) continue;
    if (!is_first && occupant.meeting_class.tier <= candidate.occupying_tier) continue;
    candidate.occupying_class = occupant.meeting_class.name;
    candidate.occupying_tier = occupant.meeting_class.tier;
    is_first = false;
  }
  return candidate;
}

}  // namespace

Result<std::string> seal_text(const Parts& parts, const ports::Proposal& proposal,
                              const calendar::EventText& text) {
  return parts.sealer.seal(place_of(proposal, "sealed_text"), to_json(text).dump());
}

Result<calendar::EventText> open_text(const Parts& parts, const ports::Proposal& proposal) {
  if (!proposal.sealed_text) return fail(ErrorCode::internal, "the proposal has ended");
  OA_TRY(const std::string plain,
         parts.sealer.open(place_of(proposal, "sealed_text"), *proposal.sealed_text));
  return text_from(json::parse(plain));
}

Result<std::string> seal_note(const Parts& parts, const ports::Proposal& proposal,
                              const std::string& note) {
  return parts.sealer.seal(place_of(proposal, "sealed_note"), note);
}

Result<ProposalView> proposal_view(const Parts& parts, ports::Transaction& tx,
                                   const ports::Proposal& proposal) {
  ProposalView view;
  view.proposal = proposal;
  OA_TRY(const auto owner, tx.find_owner(proposal.owner_id));
  if (owner) view.owner_email = owner->email;
  OA_TRY(const auto agent, tx.find_agent(proposal.agent_id));
  if (agent) view.agent_name = agent->name;
  OA_TRY(const auto meeting_class, tx.find_class(proposal.class_id));
  if (meeting_class) view.meeting_class = meeting_class->name;
  OA_TRY(const auto calendar, tx.find_calendar(proposal.calendar_id));
  if (calendar) view.calendar_type = calendar->type;
  if (proposal.sealed_text) {
    OA_TRY(view.text, open_text(parts, proposal));
  }
  if (proposal.sealed_note) {
    OA_TRY(view.owner_note,
           parts.sealer.open(place_of(proposal, "sealed_note"), *proposal.sealed_note));
  }
  for (const ports::ProposalCandidate& candidate : proposal.candidates) {
    view.candidates.push_back({candidate, std::nullopt});
  }
  return view;
}

std::vector<ProposalCandidateView> judge_candidates(
    const arbiter::Situation& situation, std::vector<ports::ProposalCandidate> candidates) {
  std::vector<ProposalCandidateView> views;
  arbiter::Situation asked = situation;
  asked.request.kind = arbiter::RequestKind::simulate;
  asked.request.duration.reset();
  for (ports::ProposalCandidate& candidate : candidates) {
    ProposalCandidateView view{candidate, std::nullopt};
    view.candidate.is_preemptable = false;
    view.candidate.invalid_reason.clear();
    asked.request.interval = candidate.interval;
    if (candidate.interval.start < situation.now) {
      view.candidate.invalid_reason = "PAST_TIME";
    } else if (!situation.horizon.interval.contains(candidate.interval)) {
      view.candidate.invalid_reason = "OUTSIDE_WINDOW";
    } else {
      const arbiter::Decision decision = arbiter::judge(asked);
      if (decision.blocking_reason) {
        view.candidate.invalid_reason = std::string(arbiter::wire_name(*decision.blocking_reason));
      } else if (decision.verdict == arbiter::Verdict::preempt) {
        view.candidate.is_preemptable = true;
        view.occupying = occupying(situation, candidate.interval, decision.displaced);
      }
    }
    views.push_back(std::move(view));
  }
  return views;
}

void end_proposal(ports::Proposal& proposal, ProposalStatus status) {
  proposal.status = status;
  proposal.sealed_text.reset();
}

Result<ports::Proposal> settled(const Parts& parts, ports::Transaction& tx,
                                ports::Proposal proposal, Instant now) {
  if (!ports::is_open(proposal.status)) return proposal;
  std::string action;
  if (proposal.status == ProposalStatus::approved_executing) {
    if (!proposal.booking_id) return fail(ErrorCode::internal, "an approval has no booking");
    OA_TRY(const auto booking, tx.find_booking(*proposal.booking_id));
    const bool is_writing = booking && booking->state == ports::BookingState::writing;
    if (is_writing) return proposal;
    const bool is_there = booking && booking->state != ports::BookingState::failed;
    end_proposal(proposal, is_there ? ProposalStatus::booked : ProposalStatus::failed);
    action = is_there ? "proposal_booked" : "proposal_failed";
  } else if (proposal.expires_at <= now) {
    end_proposal(proposal, ProposalStatus::expired);
    action = "proposal_expired";
  } else {
    return proposal;
  }
  OA_TRY_STATUS(tx.update_proposal(proposal));
  OA_TRY_STATUS(record_proposal(parts, tx, proposal, action, "system"));
  return proposal;
}

bool is_decidable(const ports::Proposal& proposal) {
  return proposal.status == ProposalStatus::pending_owner_decision ||
         proposal.status == ProposalStatus::needs_owner_review;
}

void recover_approvals(const Parts& parts, const std::vector<ports::Proposal>& seen) {
  std::set<OwnerId> asked;
  for (const ports::Proposal& proposal : seen) {
    if (proposal.status != ProposalStatus::approved_executing) continue;
    if (!asked.insert(proposal.owner_id).second) continue;
    const auto recovered = recover_owner(parts, proposal.owner_id);
    if (!recovered) tell_operator(parts, recovered.error());
  }
}

Status withdraw_all(const Parts& parts, ports::Transaction& tx, const OwnerId& owner, Instant now) {
  OA_TRY(const auto all, tx.proposals(owner, std::numeric_limits<int>::max()));
  for (const ports::Proposal& each : all) {
    OA_TRY(ports::Proposal proposal, settled(parts, tx, each, now));
    if (!is_decidable(proposal)) continue;
    end_proposal(proposal, ProposalStatus::withdrawn);
    OA_TRY_STATUS(tx.update_proposal(proposal));
    OA_TRY_STATUS(record_proposal(parts, tx, proposal, "proposal_withdrawn", "system"));
  }
  return {};
}

Status record_proposal(const Parts& parts, ports::Transaction& tx, const ports::Proposal& proposal,
                       const std::string& action, const std::string& actor) {
  audit::Entry entry;
  entry.kind = audit::Kind::decision;
  entry.action = action;
  entry.rule_fired = action;
  entry.actor = actor;
  entry.calendar_owner = proposal.owner_id;
  entry.booking_id = proposal.booking_id;
  entry.requested_interval = proposal.window;
  entry.subject = {{"proposal", proposal.id.text()}, {"agent", proposal.agent_id.text()}};
  return record_system(parts, tx, std::move(entry));
}

}  // namespace openavail::service
