// One use of a key: from the authorisation to its one audit row.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "arbiter/decision.h"
#include "audit/entry.h"
#include "policy/permission.h"
#include "service/answers.h"
#include "service/context.h"

namespace openavail::service {

// Who was found behind the key, read in the transaction of the work.
struct Authorized {
  ports::Agent agent;
  Instant now;
  std::optional<ports::Owner> owner;  // where one was asked for
};

class Use {
 public:
  Use(const Parts& parts, const AgentCall& call, std::string action);

  // Reads the key's row and its agent. Errors: unknown_api_key, api_key_revoked, agent_disabled,
  // permission_denied.
  Result<Authorized> authorize(ports::Transaction& tx, std::optional<policy::Permission> needed);
  // And the owner: by address, or the only one in scope. Errors: owner_scope_denied (unknown owners
  // too), validation_failed when there are several.
  Result<Authorized> authorize_owner(ports::Transaction& tx,
                                     std::optional<policy::Permission> needed,
                                     const std::optional<std::string>& owner_email);

  // The row, filled in as the work goes on.
  audit::Entry& entry() { return entry_; }
  // Writes the row in the transaction of the work.
  Result<DecisionId> record(ports::Transaction& tx, audit::Kind kind, const std::string& action);
  // For a use that only reads: the transaction to read in, and its end with the access row. Where
  // there is a journal the row is handed over to it, and nothing is written here.
  Result<std::unique_ptr<ports::Transaction>> begin_read();
  Status end_read(ports::Transaction& tx, const std::string& action);
  // Writes the row of a call that failed, in a transaction of its own, and answers `error`:
  // security for 401 and 403, otherwise access with the error's code as the rule. If the row can't
  // be written that is the answer. Rows of access go to the journal where there is one.
  Error refuse(Error error);

  const AgentCall& call() const { return call_; }
  const Parts& parts() const { return parts_; }

 private:
  // A row that was made and rolled back with its work: what it told of has not happened.
  void forget_outcome();
  void complete(audit::Kind kind, const std::string& action);
  Status hand_over(const std::string& action);

  const Parts& parts_;
  const AgentCall& call_;
  std::string action_;
  std::int64_t began_ns_;
  audit::Entry entry_;
};

// Owner scope: sorted ids.
bool in_scope(const ports::Agent& agent, const OwnerId& owner);

void describe(audit::Entry& entry, const std::vector<arbiter::TraceRow>& trace);

}  // namespace openavail::service
