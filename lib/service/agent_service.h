// The use cases of agents. Each call is one use of a key and leaves exactly one audit row that
// carries the key's reference, refusals and failures included. Errors are those of the wire
// contract, section 4, with their extra fields in Error::details(); a rejection by the rules is
// arbitration_rejected with details
// {"error":{"reason"},"alternatives","next_available"?,"blocking_reason","audit_row_id"}.
//
// Thread rule: all members are safe from any thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "service/answers.h"
#include "service/context.h"
#include "service/refused_keys.h"

namespace openavail::service {

class AgentService {
 public:
  explicit AgentService(Parts parts);
  ~AgentService();

  // Checks a key's text. Errors: unknown_api_key; a refusal is audited as a security row.
  Result<keys::VerifiedKey> authenticate(std::string_view key_text, const Call& call);

  // Whether this process has found the key right before.
  bool has_verified(std::string_view key_text) const;
  // Whether the key's agent has a permission, for what is no use case. Audited as `action`.
  Status permit(const AgentCall& call, policy::Permission permission, const std::string& action);
  // Whose key this is, as it is now. Nothing was done or told yet, so it leaves no row; a refusal
  // does. Errors: unknown_api_key, api_key_revoked, agent_disabled.
  Result<AgentView> holder(std::string_view key_text, const Call& call);
  Result<AgentView> holder(const keys::VerifiedKey& key, const Call& call);

  // A call that never reached a use case (invalid input): writes its access row and answers
  // `refusal`, or the authorisation's error where the key may do nothing at all.
  Error refuse(const AgentCall& call, const std::string& operation, Error refusal);
  // What of an error is for the operator alone, into their log; for the door that answers it.
  void tell(const Error& error) const { tell_operator(parts_, error); }

  Result<OwnerContext> owner_context(const AgentCall& call, const Target& target);
  Result<ScheduleRulesView> schedule_rules(const AgentCall& call, const Target& target);
  Result<std::vector<CalendarView>> calendars(const AgentCall& call, const Target& target);
  Result<std::vector<policy::MeetingClass>> meeting_classes(const AgentCall& call);

  Result<SearchAnswer> search(const AgentCall& call, const SearchRequest& request);
  Result<SimulateAnswer> simulate(const AgentCall& call, const SimulateRequest& request);
  Result<HoldAnswer> hold(const AgentCall& call, const HoldRequest& request);
  // The first generation's one call: searches and holds the best candidate, in one decision.
  Result<FirstAnswer> search_and_hold(const AgentCall& call, const SearchRequest& request);
  Status release(const AgentCall& call, const HoldId& hold);
  Result<BookingAnswer> confirm(const AgentCall& call, const ConfirmRequest& request);
  Result<BookingAnswer> book(const AgentCall& call, const BookRequest& request);
  Result<CancelAnswer> cancel(const AgentCall& call, const BookingId& booking);
  Result<BookingView> update(const AgentCall& call, const UpdateRequest& request);
  Result<BookingView> get(const AgentCall& call, const BookingId& booking);
  Result<ListAnswer> list(const AgentCall& call, const ListRequest& request);

  // Asks the owner. Errors besides the usual: no_slots_available when no time is possible.
  Result<ProposalView> propose(const AgentCall& call, const ProposeRequest& request);
  // Candidates of an open one are judged anew. Errors: proposal_not_found, for others' too.
  Result<ProposalView> proposal(const AgentCall& call, const ProposalId& id);

  // Takes an open one back: its text is erased. Errors: proposal_not_found, for others' too;
  // state_conflict when it was decided or has expired.
  Result<ProposalView> withdraw_proposal(const AgentCall& call, const ProposalId& id);

  // Who the key's agent is and what it may do; needs no permission.
  Result<AgentView> agent(const AgentCall& call);

  // The log, for auditors: rows about owners of the agent's scope, and rows about none that it
  // caused itself; everything for an agent whose scope is all owners. Newest first. Errors:
  // owner_scope_denied for an owner outside of it.
  Result<DecisionList> decisions(const AgentCall& call, const DecisionQuery& query);
  Result<AuditLine> decision(const AgentCall& call, const DecisionId& id);
  // Pages of the export, oldest first; what `audit verify` reads.
  Result<ExportPage> export_audit(const AgentCall& call, const ExportQuery& query);
  // Public; no audit row.
  Result<std::vector<ports::SigningKeyRecord>> signing_keys();

  Result<std::vector<NotificationView>> notifications(const AgentCall& call);
  Result<int> acknowledge(const AgentCall& call, const std::vector<NotificationId>& ids);
  // For the `pending_notifications` beside every answer: no audit row, empty on any failure.
  std::vector<NotificationView> pending(const keys::VerifiedKey& key);

 private:
  Parts parts_;
  RefusedKeys refused_keys_;
};

}  // namespace openavail::service
