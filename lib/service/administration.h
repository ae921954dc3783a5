// The use cases of administrators: owners, calendars, classes, rules, agents, keys, the audit log,
// undo. Whoever may open the data directory may call these; each change is an `admin` audit row in
// its transaction. Names and addresses compare without case. A name or address that is not there is
// not_found with the known ones in `next`; what does not fit the present state is state_conflict.
//
// Thread rule: all members are safe from any thread.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "service/answers.h"
#include "service/context.h"

namespace openavail::service {

// In place of addresses: every owner, those to come included.
inline constexpr const char* kAllOwners = "all";

struct OwnerChange {
  std::optional<std::string> email;
  std::optional<std::string> timezone;
  std::vector<std::string> add_aliases, remove_aliases;
};
struct NewCalendar {
  std::string owner_email;
  CalendarType type = CalendarType::work;
  std::string provider;
  std::string location;  // made absolute by the caller
  std::optional<std::string> timezone;
  bool is_primary = false;  // an owner's first calendar is primary anyway
};
struct CalendarStatus {
  ports::Calendar calendar;
  std::string owner_email;
  bool is_usable = false;
  std::string problem;  // empty when usable
  ports::CalendarProviders::CheckReport report;
};
struct AgentInfo {
  ports::Agent agent;
  std::vector<std::string> owner_emails;
};
struct MintedKey {
  crypto::SecretText text;  // shown once
  ports::Key key;
  std::string agent_name;
};
struct AuditRow {
  audit::SealedRow row;
  std::optional<std::string> owner_email;
};
struct AuditSelection {
  std::optional<std::string> agent;  // name or id
  std::optional<std::string> owner_email;
  std::optional<std::string> action;
  std::optional<Instant> since, until;
  std::optional<std::int64_t> after_seq;
  bool newest_first = false;
  std::optional<int> limit;
};
struct UndoAnswer {
  BookingId winner;
  std::vector<BookingId> restored;
  DecisionId audit_row_id;
};

// Where the whole log is read to.
struct LogSink {
  std::function<void(std::int64_t rows)> total;  // first
  // Rows, and every checkpoint behind its last row (audit/export_lines.h).
  std::function<void(const std::string&)> line;
  // What of the tables is not as it should be besides; seq is 0 where it is no single row.
  std::function<void(std::int64_t seq, const std::string& what)> problem;
};
// How the log goes on from an older checkpoint.
struct Continuation {
  ports::CheckpointRecord checkpoint;
  std::vector<audit::Hash> proof;
};

class Administration {
 public:
  explicit Administration(Parts parts);

  // Once per data directory: the four usual classes, the signing key's public part, an `init` row.
  // state_conflict when it was done before.
  Status initialise(const std::string& signing_public_key_pem);

  Result<ports::Owner> add_owner(const std::string& email,
                                 const std::optional<std::string>& timezone,
                                 const std::vector<std::string>& aliases);
  Result<std::vector<ports::Owner>> owners();
  Result<ports::Owner> owner(const std::string& email);
  Result<ports::Owner> update_owner(const std::string& email, const OwnerChange& change);
  Status remove_owner(const std::string& email);  // state_conflict with future bookings

  Result<ports::Calendar> add_calendar(const NewCalendar& calendar);
  Result<std::vector<CalendarStatus>> calendars(const std::optional<std::string>& owner_email);
  // Reads each calendar whole; `accept` takes a suspended or swapped one back into use.
  Result<std::vector<CalendarStatus>> check_calendars(const std::optional<std::string>& owner_email,
                                                      bool accept);
  Status remove_calendar(const std::string& owner_email, CalendarType type);

  Result<policy::MeetingClass> add_class(policy::MeetingClass meeting_class);  // id is made here
  Result<std::vector<policy::MeetingClass>> classes();
  Result<policy::MeetingClass> update_class(const std::string& name,
                                            const std::optional<std::string>& new_name,
                                            const std::optional<policy::Tier>& tier,
                                            const std::optional<policy::PreemptPolicy>& policy,
                                            const std::optional<std::string>& description);
  Status remove_class(const std::string& name);  // state_conflict with future bookings

  // No owner: the organisation's layer.
  Result<policy::RuleLayer> rules(const std::optional<std::string>& owner_email);
  Result<policy::EffectiveRules> effective_rules(const std::string& owner_email);
  Status set_rules(const std::optional<std::string>& owner_email,
                   const std::function<Status(policy::RuleLayer&)>& change);

  // `owner_emails`: addresses, or kAllOwners alone.
  Result<AgentInfo> register_agent(const std::string& name, policy::PermissionSet permissions,
                                   const std::vector<std::string>& owner_emails);
  Result<std::vector<AgentInfo>> agents();
  Result<AgentInfo> agent(const std::string& name);
  Result<AgentInfo> update_agent(const std::string& name,
                                 const std::optional<policy::PermissionSet>& permissions,
                                 const std::optional<std::vector<std::string>>& owner_emails);
  Result<AgentInfo> set_agent_disabled(const std::string& name, bool disabled);

  Result<MintedKey> mint_key(const std::string& agent, const std::string& label,
                             const keys::Pepper& pepper);
  Result<std::vector<ports::Key>> keys(const std::optional<std::string>& agent);
  Status revoke_key(const KeyRef& ref);
  // A new key for the same agent; the old one ends after `grace`.
  Result<MintedKey> rotate_key(const KeyRef& ref, std::chrono::seconds grace,
                               const keys::Pepper& pepper);

  // --- proposals, for the owner's side; newest first ---
  Result<std::vector<ProposalView>> proposals(const std::optional<std::string>& owner_email);
  // Errors of all that follow: proposal_not_found, state_conflict (not open any more).
  Result<ProposalView> proposal(const ProposalId& id);
  // Books a candidate (the first valid one where none is named) through the ledger, with a fresh
  // decision. Errors: arbitration_rejected when the time is no longer possible; the proposal then
  // needs_owner_review. calendar_unavailable; the proposal is failed when nothing was written.
  Result<ProposalView> approve_proposal(const ProposalId& id,
                                        const std::optional<std::string>& candidate,
                                        const std::optional<std::string>& note);
  Result<ProposalView> reject_proposal(const ProposalId& id,
                                       const std::optional<std::string>& note);
  Result<ProposalView> ask_new_window(const ProposalId& id, const std::optional<std::string>& note);
  // Ends what has waited too long, and settles what a crash left behind. How many.
  Result<int> sweep_proposals();

  Status each_audit(const AuditSelection& selection,
                    const std::function<bool(const AuditRow&)>& sink);
  // An export, which begins with a row of its own and is a reading up to that row. Rows as they
  // are; or as lines that can be verified (audit/export_lines.h). Ends when `sink` answers false.
  Status export_audit_rows(const AuditSelection& selection,
                           const std::function<bool(const AuditRow&)>& sink);
  Status export_audit(const AuditSelection& selection,
                      const std::function<bool(const std::string&)>& sink);
  // The whole log, for a verifier. Nothing is written.
  Status read_log(const LogSink& sink);
  // Hides rows that are older than `keep`, and erases the contents of those that have been hidden
  // for limits::kAuditHiddenFor; each is told by a row. What is left verifies as before.
  Result<ports::AuditRetention> apply_retention(std::chrono::hours keep);
  // Shows again what is hidden and not yet erased.
  Result<ports::AuditRetention> undo_retention();
  // A receipt of a row (audit/receipt.h), under a checkpoint that is made where none covers it.
  Result<std::string> receipt(const DecisionId& id);
  // That the log as it is begins with the tree of an older checkpoint: the checkpoint of the
  // present, and the proof. Errors: verification_failed when it was larger than the log is.
  Result<Continuation> continuation(std::int64_t old_size);
  // The checkpoint of the log as it is; made where there is none.
  Result<ports::CheckpointRecord> checkpoint();
  Result<AuditRow> audit_row(const DecisionId& id);
  // By decision id, or by seq as lists show it.
  Result<AuditRow> audit_row_named(const std::string& name);
  Result<std::vector<ports::SigningKeyRecord>> signing_keys();
  // From now on the log is signed with `next`, which has to be where Parts::signing_key_named finds
  // it. The old key signs the change, and the new one signs it too.
  Status change_signing_key(const audit::SigningKey& next);

  // Takes a preemption back (arbitration contract, Undo).
  Result<UndoAnswer> undo(const BookingId& winner);
  // Finishes what dead processes left behind, for every owner. How many things were settled.
  Result<int> recover();

 private:
  Result<ProposalView> decide_proposal(const ProposalId& id, const std::optional<std::string>& note,
                                       ports::ProposalStatus status, const std::string& decision,
                                       const std::string& action);

  Parts parts_;
};

}  // namespace openavail::service
