// ports::Transaction over one connection. Methods stand in files by what they are about.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ports/store.h"
#include "store/sqlite/connection.h"
#include "store/sqlite/file_lock.h"

namespace openavail::store {

class SqliteTransaction final : public ports::Transaction {
 public:
  // Gives the connection back to the pool when the transaction ends.
  using Return = std::function<void(std::unique_ptr<Connection>)>;

  // Begins; `lock` is the write lock of a write transaction. Errors: internal.
  static Result<std::unique_ptr<ports::Transaction>> begin(std::unique_ptr<Connection> connection,
                                                           std::optional<FileLock> lock,
                                                           Return give_back);
  ~SqliteTransaction() override;

  Status commit() override;
  Result<std::unique_ptr<ports::Transaction>> begin_part(PartEnded ended) override;
  Result<Instant> now(Instant wall) override;

  Status insert_owner(const ports::Owner& owner) override;
  Status update_owner(const ports::Owner& owner) override;
  Status remove_owner(const OwnerId& id) override;
  Result<std::optional<ports::Owner>> find_owner(const OwnerId& id) override;
  Result<std::optional<ports::Owner>> find_owner_by_address(const std::string& address) override;
  Result<std::vector<ports::Owner>> owners() override;
  Status bump_owner_revision(const OwnerId& id) override;
  Status bump_all_owner_revisions() override;

  Status insert_calendar(const ports::Calendar& calendar) override;
  Status update_calendar(const ports::Calendar& calendar) override;
  Status remove_calendar(const CalendarId& id) override;
  Result<std::optional<ports::Calendar>> find_calendar(const CalendarId& id) override;
  Result<std::vector<ports::Calendar>> calendars(const OwnerId& owner) override;
  Result<std::vector<ports::Calendar>> all_calendars() override;

  Status insert_class(const policy::MeetingClass& c) override;
  Status update_class(const policy::MeetingClass& c) override;
  Status remove_class(const ClassId& id) override;
  Result<std::optional<policy::MeetingClass>> find_class(const ClassId& id) override;
  Result<std::optional<policy::MeetingClass>> find_class_by_name(const std::string& name) override;
  Result<std::vector<policy::MeetingClass>> classes() override;
  Result<int> count_future_bookings(const ClassId& id, Instant now) override;
  Result<int> count_future_bookings(const CalendarId& id, Instant now) override;
  Result<int> count_future_bookings(const OwnerId& id, Instant now) override;

  Result<policy::RuleLayer> rules(const std::optional<OwnerId>& owner) override;
  Status set_rules(const std::optional<OwnerId>& owner, const policy::RuleLayer& layer) override;

  Status insert_agent(const ports::Agent& agent) override;
  Status update_agent(const ports::Agent& agent) override;
  Result<std::optional<ports::Agent>> find_agent(const AgentId& id) override;
  Result<std::optional<ports::Agent>> find_agent_by_name(const std::string& name) override;
  Result<std::vector<ports::Agent>> agents() override;
  Status insert_key(const ports::Key& key) override;
  Result<std::optional<ports::Key>> find_key(const KeyRef& ref) override;
  Result<std::vector<ports::Key>> keys(const std::optional<AgentId>& agent) override;
  Status revoke_key(const KeyRef& ref, Instant at) override;
  Status set_key_expiry(const KeyRef& ref, Instant at) override;

  Status insert_booking(const ports::Booking& booking) override;
  Status update_booking(const ports::Booking& booking) override;
  Result<std::optional<ports::Booking>> find_booking(const BookingId& id) override;
  Result<std::vector<ports::Booking>> occupying_bookings(const OwnerId& owner,
                                                         const Interval& window) override;
  Result<std::vector<ports::Booking>> bookings_with_events(const OwnerId& owner,
                                                           Instant since) override;
  Result<std::vector<ports::Booking>> list_bookings(const ports::BookingQuery& query) override;
  Result<std::vector<ports::Booking>> bookings_displaced_by(const BookingId& winner) override;
  Result<std::vector<ports::Booking>> unsettled_bookings(
      const std::optional<OwnerId>& owner) override;

  Status insert_hold(const ports::Hold& hold) override;
  Status update_hold(const ports::Hold& hold) override;
  Result<std::optional<ports::Hold>> find_hold(const HoldId& id) override;
  Result<std::vector<ports::Hold>> live_holds(const OwnerId& owner, const Interval& window,
                                              Instant now) override;
  Result<int> count_live_holds(const AgentId& agent, Instant now) override;
  Result<std::vector<ports::Hold>> lapsed_holds(const OwnerId& owner, Instant now) override;

  Result<std::int64_t> insert_intent(const ports::Intent& intent) override;
  Status update_intent(const ports::Intent& intent) override;
  Status remove_intent(std::int64_t id) override;
  Result<std::vector<ports::Intent>> intents(const std::optional<OwnerId>& owner) override;

  Status insert_notification(const ports::Notification& notification) override;
  Result<std::vector<ports::Notification>> notifications(const AgentId& agent, Instant since,
                                                         bool acknowledged_too) override;
  Result<int> acknowledge(const AgentId& agent, const std::vector<NotificationId>& ids,
                          Instant at) override;

  Status insert_proposal(const ports::Proposal& proposal) override;
  Status update_proposal(const ports::Proposal& proposal) override;
  Result<std::optional<ports::Proposal>> find_proposal(const ProposalId& id) override;
  Result<std::vector<ports::Proposal>> proposals(const std::optional<OwnerId>& owner,
                                                 int limit) override;
  Result<std::vector<ports::Proposal>> lapsed_proposals(Instant now) override;

  Result<std::optional<ports::IdempotencyRecord>> find_idempotency(
      const AgentId& agent, const std::string& key_digest) override;
  Status put_idempotency(const ports::IdempotencyRecord& record) override;
  Status remove_idempotency(const AgentId& agent, const std::string& key_digest) override;
  Status remove_idempotency_of(const BookingId& booking) override;
  Status complete_idempotency_of(const BookingId& booking, const std::string& outcome) override;
  Status purge_idempotency(Instant created_before) override;

  Result<std::int64_t> next_audit_seq() override;
  Status append_audit(const audit::Entry& entry, const audit::SealedRow& row) override;
  Result<std::optional<audit::SealedRow>> find_audit(const DecisionId& id) override;
  Status each_audit(const ports::AuditFilter& filter,
                    const std::function<bool(const audit::SealedRow&)>& sink) override;
  Result<ports::AuditRetention> audit_retention() override;
  Status set_audit_retention(const ports::AuditRetention& retention) override;
  Result<std::int64_t> last_audit_before(Instant at) override;
  Status erase_audit_contents(std::int64_t through) override;
  Result<std::vector<std::int64_t>> misfiled_audit_rows() override;
  Result<audit::CompactRange> audit_tree() override;
  Result<audit::Hash> audit_node(const audit::NodeId& id) override;
  Status insert_checkpoint(const ports::CheckpointRecord& checkpoint) override;
  Result<std::optional<ports::CheckpointRecord>> find_checkpoint(std::int64_t size_min) override;
  Result<std::optional<ports::CheckpointRecord>> last_checkpoint() override;
  Status insert_signing_key(const ports::SigningKeyRecord& key) override;
  Result<std::vector<ports::SigningKeyRecord>> signing_keys() override;
  Result<SigningKeyId> present_signing_key() override;
  Status retire_signing_key(const SigningKeyId& id, Instant at) override;

  Result<std::optional<std::string>> meta(const std::string& name) override;
  Status set_meta(const std::string& name, const std::string& value) override;

 private:
  SqliteTransaction(std::unique_ptr<Connection> connection, std::optional<FileLock> lock,
                    Return give_back);
  // A part: its savepoint has been set on the connection of the whole.
  SqliteTransaction(Connection& connection, PartEnded ended);

  // Throws SQLite::Exception when this transaction has ended: the connection may be another's now.
  Connection& connection();
  template <class... Values>
  Status run(const char* sql, const Values&... values);
  template <class Row, class Read, class... Values>
  Result<std::vector<Row>> rows(const char* sql, const Read& read, const Values&... values);
  template <class Row, class Read, class... Values>
  Result<std::optional<Row>> row(const char* sql, const Read& read, const Values&... values);
  template <class... Values>
  Result<int> count(const char* sql, const Values&... values);
  Status fill(ports::Owner& owner);
  Status fill(ports::Agent& agent);
  Status put_addresses(const ports::Owner& owner);
  Status put_scope(const ports::Agent& agent);

  std::unique_ptr<Connection> owned_;  // none in a part
  std::optional<FileLock> lock_;
  Return give_back_;
  PartEnded ended_;  // of a part
  const bool is_write_;
  Connection* connection_;  // none once this has ended
};

}  // namespace openavail::store
