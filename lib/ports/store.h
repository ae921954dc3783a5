// Store: everything durable, behind transactions. Many processes share one store.
//
// A write transaction is exclusive over the whole store from its begin; what it reads can't change
// before it commits. Every begin checks the schema version: when a newer binary has migrated, it
// fails with `internal` and says to restart. Destroying a transaction without commit() rolls it
// back.
//
// Errors of every function: internal (I/O, full disk, damage) with operator_detail; nothing is half
// done then. Further errors are named where they occur. Finders answer nullopt for "not there".
//
// Thread rule: Store is safe from any thread; a Transaction is used by one thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "audit/entry.h"
#include "audit/merkle.h"
#include "base/id.h"
#include "base/result.h"
#include "keys/verifier.h"
#include "ports/records.h"
#include "time/instant.h"

namespace openavail::ports {

struct BookingQuery {
  OwnerId owner_id;
  Interval start_within;  // the booking's start lies in it
  std::optional<CalendarId> calendar_id;
  std::optional<BookingId> after_id;  // resume behind (after_start, after_id)
  Instant after_start;
  int limit = 50;
};

// What one agent may see of the log: rows about these owners, and rows about none that it caused.
struct AuditScope {
  std::vector<OwnerId> owners;
  AgentId agent_id;
};

struct AuditFilter {
  std::optional<AgentId> agent_id;
  std::optional<OwnerId> owner_id;
  std::optional<std::string> action;
  std::optional<audit::Kind> kind;
  std::optional<Instant> since;  // timestamp >= since
  std::optional<Instant> until;  // timestamp < until
  std::optional<std::int64_t> after_seq;
  std::optional<std::int64_t> before_seq;
  std::optional<AuditScope> scope;  // none: all rows
  bool newest_first = false;
  std::optional<int> limit;
  bool hidden_too = false;  // what retention has hidden, as far as its content is there
};

class Transaction {
 public:
  virtual ~Transaction() = default;
  virtual Status commit() = 0;

  // A part of a write transaction, whose work can be undone alone: commit() keeps it in this
  // transaction, destroying the part without commit() undoes the part and nothing else. What is
  // kept is durable once this transaction has committed. Parts may have parts. While a part is
  // open nothing else is done with this transaction.
  //
  // `ended` is called once, when the part has ended, by the thread that ended it; `kept` says how.
  // Its answer is that of the part's commit(), so it may wait for the whole to be durable, and it
  // may end the whole. It is not called when begin_part() fails.
  using PartEnded = std::function<Status(bool kept)>;
  virtual Result<std::unique_ptr<Transaction>> begin_part(PartEnded ended) = 0;

  // The installation's time: the later of `wall` and the last instant recorded. A write transaction
  // records it.
  virtual Result<Instant> now(Instant wall) = 0;

  // --- owners; addresses compare without case ---
  // state_conflict: an address is taken already.
  virtual Status insert_owner(const Owner& owner) = 0;
  virtual Status update_owner(const Owner& owner) = 0;  // email, aliases, timezone
  virtual Status remove_owner(const OwnerId& id) = 0;   // with calendars, rules, scope entries
  virtual Result<std::optional<Owner>> find_owner(const OwnerId& id) = 0;
  virtual Result<std::optional<Owner>> find_owner_by_address(const std::string& address) = 0;
  virtual Result<std::vector<Owner>> owners() = 0;  // by email
  virtual Status bump_owner_revision(const OwnerId& id) = 0;
  virtual Status bump_all_owner_revisions() = 0;  // organisation rules or a class changed

  // --- calendars ---
  // state_conflict: type or folder taken.
  virtual Status insert_calendar(const Calendar& calendar) = 0;
  // timezone, is_primary, is_suspended.
  virtual Status update_calendar(const Calendar& calendar) = 0;
  virtual Status remove_calendar(const CalendarId& id) = 0;
  virtual Result<std::optional<Calendar>> find_calendar(const CalendarId& id) = 0;
  // Primary first, then by type.
  virtual Result<std::vector<Calendar>> calendars(const OwnerId& owner) = 0;
  virtual Result<std::vector<Calendar>> all_calendars() = 0;

  // --- meeting classes ---
  virtual Status insert_class(const policy::MeetingClass& c) = 0;  // state_conflict: name taken
  virtual Status update_class(const policy::MeetingClass& c) = 0;
  virtual Status remove_class(const ClassId& id) = 0;  // hidden, rows that name it stay readable
  // Removed ones too.
  virtual Result<std::optional<policy::MeetingClass>> find_class(const ClassId& id) = 0;
  virtual Result<std::optional<policy::MeetingClass>> find_class_by_name(
      const std::string& name) = 0;
  virtual Result<std::vector<policy::MeetingClass>> classes() = 0;  // highest tier first, then name
  virtual Result<int> count_future_bookings(const ClassId& id, Instant now) = 0;  // still occupying
  virtual Result<int> count_future_bookings(const CalendarId& id, Instant now) = 0;
  virtual Result<int> count_future_bookings(const OwnerId& id, Instant now) = 0;

  // --- rules ---
  // No owner: the organisation's.
  virtual Result<policy::RuleLayer> rules(const std::optional<OwnerId>& owner) = 0;
  virtual Status set_rules(const std::optional<OwnerId>& owner, const policy::RuleLayer& layer) = 0;

  // --- agents and keys ---
  virtual Status insert_agent(const Agent& agent) = 0;  // state_conflict: name taken
  virtual Status update_agent(const Agent& agent) = 0;  // permissions, owners, is_disabled, name
  virtual Result<std::optional<Agent>> find_agent(const AgentId& id) = 0;
  virtual Result<std::optional<Agent>> find_agent_by_name(const std::string& name) = 0;
  virtual Result<std::vector<Agent>> agents() = 0;  // by name
  virtual Status insert_key(const Key& key) = 0;
  virtual Result<std::optional<Key>> find_key(const KeyRef& ref) = 0;
  // By created_at, then ref.
  virtual Result<std::vector<Key>> keys(const std::optional<AgentId>& agent) = 0;
  virtual Status revoke_key(const KeyRef& ref, Instant at) = 0;      // moves version; once
  virtual Status set_key_expiry(const KeyRef& ref, Instant at) = 0;  // moves version

  // --- bookings ---
  // state_conflict: the guard of the store refuses (overlap of writing or committed bookings).
  virtual Status insert_booking(const Booking& booking) = 0;
  // Everything but id, owner, created_at.
  virtual Status update_booking(const Booking& booking) = 0;
  virtual Result<std::optional<Booking>> find_booking(const BookingId& id) = 0;
  // writing, committed or displacing, overlapping the window; by start, then id.
  virtual Result<std::vector<Booking>> occupying_bookings(const OwnerId& owner,
                                                          const Interval& window) = 0;
  // Every booking whose event may stand in a calendar and whose end, or written end, is after
  // `since`: writing, committed, displacing, needs_reschedule, and those with an open remove_event
  // intent.
  virtual Result<std::vector<Booking>> bookings_with_events(const OwnerId& owner,
                                                            Instant since) = 0;
  // committed and needs_reschedule (displacing counts as committed); by start, then id.
  virtual Result<std::vector<Booking>> list_bookings(const BookingQuery& query) = 0;
  virtual Result<std::vector<Booking>> bookings_displaced_by(const BookingId& winner) = 0;
  // state writing or displacing: what recovery looks at. All owners when none is named.
  virtual Result<std::vector<Booking>> unsettled_bookings(const std::optional<OwnerId>& owner) = 0;

  // --- holds ---
  virtual Status insert_hold(const Hold& hold) = 0;  // state_conflict: the guard refuses
  virtual Status update_hold(const Hold& hold) = 0;  // state, booking_id
  virtual Result<std::optional<Hold>> find_hold(const HoldId& id) = 0;
  // live or promoting with now < until (promoting: always), overlapping the window; by start, id.
  virtual Result<std::vector<Hold>> live_holds(const OwnerId& owner, const Interval& window,
                                               Instant now) = 0;
  virtual Result<int> count_live_holds(const AgentId& agent, Instant now) = 0;
  // state live and until <= now: to be written as hold_expired.
  virtual Result<std::vector<Hold>> lapsed_holds(const OwnerId& owner, Instant now) = 0;

  // --- intents ---
  virtual Result<std::int64_t> insert_intent(const Intent& intent) = 0;
  virtual Status update_intent(const Intent& intent) = 0;  // attempts, writer
  virtual Status remove_intent(std::int64_t id) = 0;
  virtual Result<std::vector<Intent>> intents(const std::optional<OwnerId>& owner) = 0;  // by id

  // --- notifications ---
  virtual Status insert_notification(const Notification& notification) = 0;
  // Unacknowledged (unless all) and made at or after `since`; by created_at, id.
  virtual Result<std::vector<Notification>> notifications(const AgentId& agent, Instant since,
                                                          bool acknowledged_too) = 0;
  // How many of the ids were this agent's and unacknowledged.
  virtual Result<int> acknowledge(const AgentId& agent, const std::vector<NotificationId>& ids,
                                  Instant at) = 0;

  // --- proposals ---
  virtual Status insert_proposal(const Proposal& proposal) = 0;
  // Status, candidates, sealed parts, approved candidate, booking and decision. Text that goes is
  // overwritten in the database's files as well, once this is committed.
  virtual Status update_proposal(const Proposal& proposal) = 0;
  virtual Result<std::optional<Proposal>> find_proposal(const ProposalId& id) = 0;
  // Of one owner or all, newest first; at most `limit`.
  virtual Result<std::vector<Proposal>> proposals(const std::optional<OwnerId>& owner,
                                                  int limit) = 0;
  // Those whose text may be there for too long: they should have expired by `now`, or were
  // approved.
  virtual Result<std::vector<Proposal>> lapsed_proposals(Instant now) = 0;

  // --- idempotency ---
  virtual Result<std::optional<IdempotencyRecord>> find_idempotency(
      const AgentId& agent, const std::string& key_digest) = 0;
  virtual Status put_idempotency(const IdempotencyRecord& record) = 0;  // insert or replace
  virtual Status remove_idempotency(const AgentId& agent, const std::string& key_digest) = 0;
  virtual Status remove_idempotency_of(const BookingId& booking) = 0;
  // The record that is running for this booking, if any, keeps `outcome` and no longer runs.
  virtual Status complete_idempotency_of(const BookingId& booking, const std::string& outcome) = 0;
  virtual Status purge_idempotency(Instant created_before) = 0;

  // --- audit ---
  virtual Result<std::int64_t> next_audit_seq() = 0;  // gapless, from 1
  virtual Status append_audit(const audit::Entry& entry, const audit::SealedRow& row) = 0;
  virtual Result<std::optional<audit::SealedRow>> find_audit(const DecisionId& id) = 0;
  // Calls `sink` for each row in order until it answers false. Memory does not grow with the count.
  virtual Status each_audit(const AuditFilter& filter,
                            const std::function<bool(const audit::SealedRow&)>& sink) = 0;
  virtual Result<AuditRetention> audit_retention() = 0;
  virtual Status set_audit_retention(const AuditRetention& retention) = 0;
  // The last row that is, with all before it, from before `at`; 0 when there is none.
  virtual Result<std::int64_t> last_audit_before(Instant at) = 0;
  // The contents of the rows up to `through`. state_conflict where they are not hidden.
  virtual Status erase_audit_contents(std::int64_t through) = 0;
  // Rows whose columns, which filters go by, are not what their canonical bytes say; at most 100.
  virtual Result<std::vector<std::int64_t>> misfiled_audit_rows() = 0;
  // The tree over all rows: the complete subtrees that it consists of now.
  virtual Result<audit::CompactRange> audit_tree() = 0;
  // A complete subtree of it. Errors: internal when it is not there.
  virtual Result<audit::Hash> audit_node(const audit::NodeId& id) = 0;
  // state_conflict unless it is of the tree as it is, and the first of its size.
  virtual Status insert_checkpoint(const CheckpointRecord& checkpoint) = 0;
  // The smallest of at least `size_min` rows.
  virtual Result<std::optional<CheckpointRecord>> find_checkpoint(std::int64_t size_min) = 0;
  virtual Result<std::optional<CheckpointRecord>> last_checkpoint() = 0;
  virtual Status insert_signing_key(const SigningKeyRecord& key) = 0;
  virtual Result<std::vector<SigningKeyRecord>> signing_keys() = 0;  // oldest first
  // The one that signs now: not retired. No row can be appended under another.
  virtual Result<SigningKeyId> present_signing_key() = 0;
  virtual Status retire_signing_key(const SigningKeyId& id, Instant at) = 0;

  // --- installation ---
  virtual Result<std::optional<std::string>> meta(const std::string& name) = 0;
  virtual Status set_meta(const std::string& name, const std::string& value) = 0;
};

enum class Access { read, write };

// Held until it is destroyed; dies with the process.
class OwnerLock {
 public:
  virtual ~OwnerLock() = default;
};

class Store {
 public:
  virtual ~Store() = default;

  virtual Result<std::unique_ptr<Transaction>> begin(Access access) = 0;

  // One holder per owner over all threads and processes; waits for the present one. Taken before a
  // transaction is begun, never inside one. Who records a new booking for an owner holds it, so
  // while it is held no other event of ours comes into that owner's calendars, and nobody else has
  // to wait.
  virtual Result<std::unique_ptr<OwnerLock>> lock_owner(const OwnerId& owner) = 0;

  // This process as a writer. Its kernel lock is taken at the first call and dies with the process.
  virtual Result<WriterId> writer() = 0;
  // False only when that process is certainly gone.
  virtual Result<bool> writer_is_alive(const WriterId& id) = 0;

  // For doctor: what is asserted at start, by name ("journal_mode": "wal"), and integrity problems.
  virtual Result<std::vector<std::pair<std::string, std::string>>> pragmas() = 0;
  virtual Result<std::vector<std::string>> integrity_problems() = 0;
};

}  // namespace openavail::ports
