// propose and proposal: an agent asks the owner instead of booking by itself.
#include <nlohmann/json.hpp>

#include "base/identifiers.h"
#include "service/agent_service.h"
#include "service/idempotency.h"
#include "service/proposing.h"
#include "service/refusal.h"
#include "service/requests.h"
#include "service/searching.h"

namespace openavail::service {
namespace {

using policy::Permission;
using ports::ProposalStatus;

nlohmann::json parameters_of(const ProposeRequest& request) {
  nlohmann::json out = to_json(request.target);
  out["operation"] = "propose";
  out["interval"] = to_json(request.window);
  out["meeting_class"] = request.meeting_class;
  out["duration_minutes"] = request.duration_minutes;
  out["text"] = to_json(request.text);
  out["preferred"] = nlohmann::json::array();
  for (const Interval& preferred : request.preferred_times) {
    out["preferred"].push_back(to_json(preferred));
  }
  return out;
}

SearchRequest search_for(const ProposeRequest& request) {
  SearchRequest search;
  search.target = request.target;
  search.duration_minutes = request.duration_minutes;
  search.earliest_start = request.window.start;
  search.latest_end = request.window.end;
  search.meeting_class = request.meeting_class;
  search.max_results = limits::kProposalCandidatesMax;
  return search;
}

// A question like a search's, asked with the permission to propose.
Prepare prepare_proposal(Use& use, const SearchRequest& request, bool only_reads) {
  return [&use, request, only_reads](ports::Transaction& tx) -> Result<Preparation> {
    OA_TRY(Preparation prepared,
           prepare_search(use, tx, request, Permission::create_booking_proposals));
    prepared.question.only_reads = only_reads;
    return prepared;
  };
}

// The agent's own times first, then the best others.
std::vector<ports::ProposalCandidate> candidates_of(const Parts& parts, Instant now,
                                                    const ProposeRequest& request,
                                                    const arbiter::SearchResult& found) {
  std::vector<ports::ProposalCandidate> candidates;
  const auto add = [&](const Interval& interval, bool is_preferred, bool is_preemptable) {
    for (const ports::ProposalCandidate& present : candidates) {
      if (present.interval == interval) return;
    }
    if (static_cast<int>(candidates.size()) == limits::kProposalCandidatesMax) return;
    ports::ProposalCandidate candidate;
    candidate.id = new_uuid_v7(now.unix_ms, parts.entropy);
    candidate.interval = interval;
    candidate.rank = static_cast<int>(candidates.size()) + 1;
    candidate.is_preferred = is_preferred;
    candidate.is_preemptable = is_preemptable;
    candidates.push_back(std::move(candidate));
  };
  for (const Interval& preferred : request.preferred_times) add(preferred, true, false);
  for (const arbiter::Candidate& each : found.candidates) {
    add(each.interval, false, each.risk == arbiter::Risk::preemptable);
  }
  return candidates;
}

bool has_valid(const std::vector<ProposalCandidateView>& views) {
  return std::any_of(views.begin(), views.end(), [](const ProposalCandidateView& view) {
    return view.candidate.invalid_reason.empty();
  });
}

// As it stands now. Errors: proposal_not_found, for others' too.
Result<ports::Proposal> find_own_proposal(Use& use, ports::Transaction& tx, const Authorized& who,
                                          const ProposalId& id) {
  OA_TRY(const auto found, tx.find_proposal(id));
  if (!found || found->agent_id != who.agent.id || !in_scope(who.agent, found->owner_id)) {
    return fail(ErrorCode::proposal_not_found, "there is no such proposal of this agent",
                "make a new one");
  }
  use.entry().calendar_owner = found->owner_id;
  use.entry().subject = {{"proposal", id.text()}};
  return settled(use.parts(), tx, *found, who.now);
}

// What a dead process left half done of one of the agent's own approvals is settled first. Who may
// not see the proposal is told so afterwards.
Status recover_own(Use& use, const ProposalId& id) {
  OA_TRY(auto tx, use.parts().store.begin(ports::Access::read));
  OA_TRY(const Authorized who, use.authorize(*tx, Permission::create_booking_proposals));
  OA_TRY(const auto found, tx->find_proposal(id));
  tx.reset();
  if (found && found->agent_id == who.agent.id) recover_approvals(use.parts(), {*found});
  return {};
}

void put_candidates(ProposalView& view, std::vector<ProposalCandidateView> judged) {
  view.proposal.candidates.clear();
  for (const ProposalCandidateView& each : judged) {
    view.proposal.candidates.push_back(each.candidate);
  }
  view.candidates = std::move(judged);
}

}  // namespace

Result<ProposalView> AgentService::propose(const AgentCall& call, const ProposeRequest& request) {
  Use use(parts_, call, "propose");
  bool has_row = false;
  auto answer = [&]() -> Result<ProposalView> {
    OA_TRY(const auto digests, idempotency_digests(parts_, call, parameters_of(request)));
    const SearchRequest search = search_for(request);
    std::optional<arbiter::SearchResult> result;
    OA_TRY(Moment moment, reach_moment(parts_, prepare_proposal(use, search, false),
                                       [&](const arbiter::Situation& situation) {
                                         result = arbiter::search(situation);
                                         return result->candidates.empty();
                                       }));
    ports::Transaction& tx = *moment.tx;
    const Instant now = moment.who.now;
    OA_TRY(const auto first, find_outcome(parts_, tx, moment.who.agent.id, digests, now));
    if (first) {
      OA_TRY_STATUS(record_replay(use, tx, *first));
      const nlohmann::json outcome = nlohmann::json::parse(first->outcome);
      const ProposalId id(outcome.at("proposal_id").get<std::string>());
      OA_TRY(const auto proposal, tx.find_proposal(id));
      if (!proposal) return fail(ErrorCode::internal, "a proposal of an outcome is missing");
      OA_TRY(ProposalView view, proposal_view(parts_, tx, *proposal));
      OA_TRY_STATUS(tx.commit());
      has_row = true;
      return view;
    }
    if (!result || result->candidates.empty()) result = arbiter::search(moment.situation);
    use.entry().situation_digest = copy_of(moment.situation).digest;
    use.entry().rule_fired = result->rule_fired;
    describe(use.entry(), result->trace);
    auto judged = judge_candidates(moment.situation, candidates_of(parts_, now, request, *result));
    if (!has_valid(judged)) {
      OA_TRY_STATUS(use.record(tx, audit::Kind::access, "propose"));
      OA_TRY_STATUS(tx.commit());
      has_row = true;
      auto warnings = moment.target.warnings;
      for (auto& warning : rule_warnings(moment.view.rules)) {
        warnings.push_back(std::move(warning));
      }
      return fail(refusal_for(call,
                              no_slots(*result, std::chrono::minutes(request.duration_minutes),
                                       moment.target.calendar.type, warnings),
                              moment.situation));
    }
    ports::Proposal proposal;
    proposal.id = ProposalId(new_uuid_v7(now.unix_ms, parts_.entropy));
    proposal.owner_id = moment.view.owner.id;
    proposal.agent_id = moment.who.agent.id;
    proposal.class_id = moment.situation.request.meeting_class.id;
    proposal.calendar_id = moment.target.calendar.id;
    proposal.duration = std::chrono::minutes(request.duration_minutes);
    proposal.window = request.window;
    proposal.created_at = now;
    proposal.expires_at = std::min(now + limits::kProposalLife, request.window.end);
    proposal.available_count = result->available_count;
    proposal.is_curated = result->curated;
    OA_TRY(proposal.sealed_text, seal_text(parts_, proposal, request.text));
    for (const ProposalCandidateView& each : judged) {
      proposal.candidates.push_back(each.candidate);
    }
    use.entry().subject.emplace_back("proposal", proposal.id.text());
    OA_TRY_STATUS(tx.insert_proposal(proposal));
    OA_TRY(const DecisionId decision, use.record(tx, audit::Kind::decision, "propose"));
    OA_TRY_STATUS(keep_outcome(parts_, tx, moment.who.agent.id, digests, decision,
                               {{"proposal_id", proposal.id.text()}}, now));
    OA_TRY(ProposalView view, proposal_view(parts_, tx, proposal));
    OA_TRY_STATUS(tx.commit());
    has_row = true;
    put_candidates(view, std::move(judged));
    if (call.include_situation) view.situation = copy_of(moment.situation);
    return view;
  }();
  if (!answer && !has_row) return fail(use.refuse(std::move(answer).error()));
  return answer;
}

Result<ProposalView> AgentService::withdraw_proposal(const AgentCall& call, const ProposalId& id) {
  Use use(parts_, call, "withdraw_proposal");
  bool has_row = false;
  auto answer = [&]() -> Result<ProposalView> {
    OA_TRY(const auto digests,
           idempotency_digests(parts_, call,
                               {{"operation", "withdraw_proposal"}, {"proposal", id.text()}}));
    OA_TRY_STATUS(recover_own(use, id));
    OA_TRY(auto tx, parts_.store.begin(ports::Access::write));
    OA_TRY(const Authorized who, use.authorize(*tx, Permission::create_booking_proposals));
    OA_TRY(const auto first, find_outcome(parts_, *tx, who.agent.id, digests, who.now));
    OA_TRY(ports::Proposal proposal, find_own_proposal(use, *tx, who, id));
    // Idempotent by nature: what was taken back needs no taking back.
    const bool is_repeat = first.has_value() || proposal.status == ProposalStatus::withdrawn;
    if (!is_repeat && !is_decidable(proposal)) {
      // Expiring, perhaps, was only noticed now, and stays.
      OA_TRY_STATUS(use.record(*tx, audit::Kind::access, "withdraw_proposal"));
      OA_TRY_STATUS(tx->commit());
      has_row = true;
      return fail(ErrorCode::state_conflict,
                  "the proposal is " + std::string(ports::to_text(proposal.status)) + " already",
                  "read it to see what became of it");
    }
    if (first) {
      OA_TRY_STATUS(record_replay(use, *tx, *first));
    } else {
      if (!is_repeat) {
        end_proposal(proposal, ProposalStatus::withdrawn);
        OA_TRY_STATUS(tx->update_proposal(proposal));
      }
      OA_TRY(const DecisionId decision,
             use.record(*tx, audit::Kind::decision, "proposal_withdrawn"));
      OA_TRY_STATUS(keep_outcome(parts_, *tx, who.agent.id, digests, decision,
                                 {{"proposal_id", id.text()}}, who.now));
    }
    OA_TRY(ProposalView view, proposal_view(parts_, *tx, proposal));
    OA_TRY_STATUS(tx->commit());
    has_row = true;
    return view;
  }();
  if (!answer && !has_row) return fail(use.refuse(std::move(answer).error()));
  return answer;
}

Result<ProposalView> AgentService::proposal(const AgentCall& call, const ProposalId& id) {
  Use use(parts_, call, "proposal");
  bool has_row = false;
  auto answer = [&]() -> Result<ProposalView> {
    OA_TRY_STATUS(recover_own(use, id));
    OA_TRY(auto tx, parts_.store.begin(ports::Access::write));
    OA_TRY(const Authorized who, use.authorize(*tx, Permission::create_booking_proposals));
    OA_TRY(const ports::Proposal proposal, find_own_proposal(use, *tx, who, id));
    OA_TRY(ProposalView view, proposal_view(parts_, *tx, proposal));
    OA_TRY(const auto owner, tx->find_owner(proposal.owner_id));
    OA_TRY_STATUS(use.record(*tx, audit::Kind::access, "proposal").map([](const auto&) {}));
    OA_TRY_STATUS(tx->commit());
    tx.reset();
    has_row = true;
    if (!view.text || !owner) return view;  // it has ended: nothing to judge
    SearchRequest search;
    search.target.owner_email = owner->email;
    search.duration_minutes = static_cast<int>(
        std::chrono::duration_cast<std::chrono::minutes>(proposal.duration).count());
    search.earliest_start = proposal.window.start;
    search.latest_end = proposal.window.end;
    search.meeting_class = view.meeting_class;
    OA_TRY(const Moment moment, reach_moment(parts_, prepare_proposal(use, search, true),
                                             [](const arbiter::Situation&) { return false; }));
    put_candidates(view, judge_candidates(moment.situation, proposal.candidates));
    return view;
  }();
  if (!answer && !has_row) return fail(use.refuse(std::move(answer).error()));
  return answer;
}

}  // namespace openavail::service
