// The owner's side of proposals: approving one books it, through the ledger and with a decision of
// its own.
#include <nlohmann/json.hpp>

#include "base/identifiers.h"
#include "service/administration.h"
#include "service/changes.h"
#include "service/intents.h"
#include "service/ledger.h"
#include "service/proposing.h"
#include "service/recovery.h"
#include "service/requests.h"

namespace openavail::service {
namespace {

using ports::ProposalStatus;

Error not_open(const ports::Proposal& proposal) {
  return Error(ErrorCode::state_conflict,
               "the proposal is " + std::string(ports::to_text(proposal.status)) + " already",
               "openavail proposals list shows the open ones");
}

Result<ports::Proposal> find_proposal(const Parts& parts, ports::Transaction& tx,
                                      const ProposalId& id, Instant now) {
  OA_TRY(const auto found, tx.find_proposal(id));
  if (!found) {
    return fail(ErrorCode::proposal_not_found, "there is no such proposal",
                "openavail proposals list shows them");
  }
  return settled(parts, tx, *found, now);
}

// The same in a transaction of its own, once what a dead process left of it is settled.
Result<ports::Proposal> present_proposal(const Parts& parts, const ProposalId& id) {
  OA_TRY(auto seen, parts.store.begin(ports::Access::read));
  OA_TRY(const auto found, seen->find_proposal(id));
  seen.reset();
  if (found) recover_approvals(parts, {*found});
  OA_TRY(auto tx, parts.store.begin(ports::Access::write));
  OA_TRY(const Instant now, tx->now(Instant{parts.clock.wall_ms()}));
  OA_TRY(ports::Proposal proposal, find_proposal(parts, *tx, id, now));
  OA_TRY_STATUS(tx->commit());
  return proposal;
}

Result<ProposalView> view_of(const Parts& parts, const ports::Proposal& proposal) {
  OA_TRY(auto tx, parts.store.begin(ports::Access::read));
  return proposal_view(parts, *tx, proposal);
}

Status check_note(const std::optional<std::string>& note) {
  if (!note || note->size() <= limits::kOwnerNoteBytesMax) return {};
  return fail(ErrorCode::validation_failed, "a note has at most 1024 bytes", "shorten it");
}

Status put_note(const Parts& parts, ports::Proposal& proposal,
                const std::optional<std::string>& note) {
  if (!note) return {};
  OA_TRY(proposal.sealed_note, seal_note(parts, proposal, *note));
  return {};
}

Result<ports::ProposalCandidate> choose(const ports::Proposal& proposal,
                                        const std::optional<std::string>& id) {
  for (const ports::ProposalCandidate& candidate : proposal.candidates) {
    const bool is_it = id ? candidate.id == *id || std::to_string(candidate.rank) == *id
                          : candidate.invalid_reason.empty();
    if (is_it) return candidate;
  }
  return fail(ErrorCode::not_found,
              id ? "the proposal has no candidate " + *id : "no candidate is possible any more",
              id ? "openavail proposals show lists them"
                 : "openavail proposals ask-new-window lets the agent ask again");
}

// One approval: who booked is the agent that proposed, who decided is the owner.
class Approval {
 public:
  Approval(const Parts& parts, ports::Proposal proposal, ports::ProposalCandidate candidate,
           const std::optional<std::string>& note)
      : parts_(parts),
        proposal_(std::move(proposal)),
        candidate_(std::move(candidate)),
        note_(note),
        use_(parts, call_, "approve") {
    use_.entry().api_key_id.reset();
    use_.entry().actor = "owner";
    use_.entry().agent_id = proposal_.agent_id;
    use_.entry().calendar_owner = proposal_.owner_id;
    use_.entry().requested_interval = candidate_.interval;
    use_.entry().subject = {{"proposal", proposal_.id.text()}};
  }

  Status run() {
    OA_TRY(const calendar::EventText text, open_text(parts_, proposal_));
    OA_TRY(Moment moment, reach_moment(
                              parts_, [this](ports::Transaction& tx) { return prepare(tx); },
                              [](const arbiter::Situation& situation) {
                                return arbiter::judge(situation).verdict ==
                                       arbiter::Verdict::reject;
                              }));
    ports::Transaction& tx = *moment.tx;
    OA_TRY(proposal_, find_proposal(parts_, tx, proposal_.id, moment.who.now));
    if (!is_decidable(proposal_)) return fail(not_open(proposal_));
    const arbiter::Decision decision = arbiter::decide(moment.situation);
    OA_TRY_STATUS(record_changes(parts_, moment));
    OA_TRY(Verdict verdict, record_verdict(use_, moment, decision));
    OA_TRY_STATUS(put_note(parts_, proposal_, note_));
    if (verdict.refusal) return refuse(moment, decision, std::move(*verdict.refusal));

    Placement placement;
    placement.interval = candidate_.interval;
    placement.meeting_class = moment.situation.request.meeting_class;
    placement.calendar = moment.target.calendar;  // where it would go today
    placement.displaced = decision.displaced;
    placement.decision_id = verdict.decision_id;
    const BookingId id(verdict.subject_id);
    const WorkInHand in_hand(id);
    OA_TRY(const ports::Booking writing, record_writing(parts_, moment, placement, id));
    proposal_.status = ProposalStatus::approved_executing;
    proposal_.approved_candidate = candidate_.id;
    proposal_.booking_id = id;
    proposal_.decision = "approved";
    OA_TRY_STATUS(tx.update_proposal(proposal_));
    OA_TRY_STATUS(tx.commit());
    moment.tx.reset();
    const auto written = write_event(parts_, writing, titled(text, placement.meeting_class),
                                     moment.view.owner.email);
    OA_TRY_STATUS(settle());
    if (!written) return fail(written.error());
    const auto carried = carry_out_intents(parts_, writing.owner_id);
    if (!carried && !carried.error().operator_detail().empty()) {
      parts_.operator_log(carried.error().operator_detail());
    }
    return {};
  }

 private:
  Result<Preparation> prepare(ports::Transaction& tx) {
    Preparation prepared;
    OA_TRY(prepared.who.now, tx.now(Instant{parts_.clock.wall_ms()}));
    OA_TRY(const auto agent, tx.find_agent(proposal_.agent_id));
    OA_TRY(prepared.who.owner, tx.find_owner(proposal_.owner_id));
    OA_TRY(const auto meeting_class, tx.find_class(proposal_.class_id));
    OA_TRY(const auto calendar, tx.find_calendar(proposal_.calendar_id));
    if (!agent || !prepared.who.owner || !meeting_class || !calendar) {
      return fail(ErrorCode::internal, "a proposal's agent, owner, class or calendar is missing");
    }
    OA_TRY(const auto named, tx.find_class_by_name(meeting_class->name));
    if (!named || named->id != meeting_class->id) {
      return fail(ErrorCode::state_conflict,
                  "the meeting class " + meeting_class->name + " was removed",
                  "openavail proposals ask-new-window lets the agent ask again");
    }
    prepared.who.agent = *agent;
    // The owner has seen that this candidate displaces something, and approved it.
    if (candidate_.is_preemptable) {
      prepared.who.agent.permissions.add(policy::Permission::preempt);
    }
    prepared.calendar_type = calendar->type;
    prepared.question.kind = arbiter::RequestKind::book;
    prepared.question.interval = candidate_.interval;
    prepared.question.meeting_class = *meeting_class;
    use_.entry().meeting_class = meeting_class->name;
    OA_TRY_STATUS(check_not_past(candidate_.interval, prepared.who.now));
    return prepared;
  }

  Status refuse(Moment& moment, const arbiter::Decision& decision, Error refusal) {
    proposal_.status = ProposalStatus::needs_owner_review;
    for (ports::ProposalCandidate& candidate : proposal_.candidates) {
      if (candidate.id != candidate_.id) continue;
      candidate.invalid_reason = std::string(arbiter::wire_name(*decision.blocking_reason));
    }
    OA_TRY_STATUS(moment.tx->update_proposal(proposal_));
    OA_TRY_STATUS(moment.tx->commit());
    return fail(std::move(refusal));
  }

  // Booked or failed, whichever the ledger says; unknown stays as it is for recovery.
  Status settle() {
    OA_TRY(auto tx, parts_.store.begin(ports::Access::write));
    OA_TRY(const Instant now, tx->now(Instant{parts_.clock.wall_ms()}));
    OA_TRY_STATUS(find_proposal(parts_, *tx, proposal_.id, now).map([](const auto&) {}));
    return tx->commit();
  }

  static calendar::EventText titled(calendar::EventText text,
                                    const policy::MeetingClass& meeting_class) {
    if (text.title.empty()) text.title = meeting_class.name;
    return text;
  }

  const Parts& parts_;
  ports::Proposal proposal_;
  const ports::ProposalCandidate candidate_;
  const std::optional<std::string> note_;
  const AgentCall call_{};  // without a key: the owner acts
  Use use_;
};

}  // namespace

Result<std::vector<ProposalView>> Administration::proposals(
    const std::optional<std::string>& owner_email) {
  OA_TRY(auto tx, parts_.store.begin(ports::Access::read));
  std::optional<OwnerId> owner;
  if (owner_email) {
    OA_TRY(const auto found, tx->find_owner_by_address(*owner_email));
    if (!found) return fail(ErrorCode::not_found, "there is no owner " + *owner_email);
    owner = found->id;
  }
  OA_TRY(const auto seen, tx->proposals(owner, limits::kProposalsListed));
  tx.reset();
  recover_approvals(parts_, seen);
  OA_TRY(tx, parts_.store.begin(ports::Access::write));
  OA_TRY(const Instant now, tx->now(Instant{parts_.clock.wall_ms()}));
  OA_TRY(const auto all, tx->proposals(owner, limits::kProposalsListed));
  std::vector<ProposalView> views;
  for (const ports::Proposal& each : all) {
    OA_TRY(const ports::Proposal proposal, settled(parts_, *tx, each, now));
    OA_TRY(ProposalView view, proposal_view(parts_, *tx, proposal));
    views.push_back(std::move(view));
  }
  OA_TRY_STATUS(tx->commit());
  return views;
}

Result<ProposalView> Administration::proposal(const ProposalId& id) {
  OA_TRY(const ports::Proposal proposal, present_proposal(parts_, id));
  return view_of(parts_, proposal);
}

Result<ProposalView> Administration::approve_proposal(const ProposalId& id,
                                                      const std::optional<std::string>& candidate,
                                                      const std::optional<std::string>& note) {
  OA_TRY_STATUS(check_note(note));
  OA_TRY(const ports::Proposal present, present_proposal(parts_, id));
  if (!is_decidable(present)) return fail(not_open(present));
  OA_TRY(const ports::ProposalCandidate chosen, choose(present, candidate));
  OA_TRY_STATUS(Approval(parts_, present, chosen, note).run());
  return proposal(id);
}

Result<ProposalView> Administration::reject_proposal(const ProposalId& id,
                                                     const std::optional<std::string>& note) {
  return decide_proposal(id, note, ProposalStatus::rejected, "rejected", "proposal_rejected");
}

Result<ProposalView> Administration::ask_new_window(const ProposalId& id,
                                                    const std::optional<std::string>& note) {
  return decide_proposal(id, note, ProposalStatus::needs_new_window, "new_window",
                         "proposal_new_window");
}

Result<ProposalView> Administration::decide_proposal(const ProposalId& id,
                                                     const std::optional<std::string>& note,
                                                     ProposalStatus status,
                                                     const std::string& decision,
                                                     const std::string& action) {
  OA_TRY_STATUS(check_note(note));
  OA_TRY(auto tx, parts_.store.begin(ports::Access::write));
  OA_TRY(const Instant now, tx->now(Instant{parts_.clock.wall_ms()}));
  OA_TRY(ports::Proposal proposal, find_proposal(parts_, *tx, id, now));
  if (!is_decidable(proposal)) {
    OA_TRY_STATUS(tx->commit());
    return fail(not_open(proposal));
  }
  proposal.decision = decision;
  OA_TRY_STATUS(put_note(parts_, proposal, note));
  end_proposal(proposal, status);
  OA_TRY_STATUS(tx->update_proposal(proposal));
  OA_TRY_STATUS(record_proposal(parts_, *tx, proposal, action, "owner"));
  OA_TRY(ProposalView view, proposal_view(parts_, *tx, proposal));
  OA_TRY_STATUS(tx->commit());
  return view;
}

Result<int> Administration::sweep_proposals() {
  OA_TRY(auto tx, parts_.store.begin(ports::Access::read));
  OA_TRY(const Instant seen_at, tx->now(Instant{parts_.clock.wall_ms()}));
  OA_TRY(const auto seen, tx->lapsed_proposals(seen_at));
  tx.reset();
  if (seen.empty()) return 0;
  recover_approvals(parts_, seen);
  OA_TRY(tx, parts_.store.begin(ports::Access::write));
  OA_TRY(const Instant now, tx->now(Instant{parts_.clock.wall_ms()}));
  OA_TRY(const auto lapsed, tx->lapsed_proposals(now));
  int ended = 0;
  for (const ports::Proposal& each : lapsed) {
    OA_TRY(const ports::Proposal proposal, settled(parts_, *tx, each, now));
    ended += ports::is_open(proposal.status) ? 0 : 1;
  }
  OA_TRY_STATUS(tx->commit());
  return ended;
}

}  // namespace openavail::service
