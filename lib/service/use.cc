#include "service/use.h"

#include <algorithm>
#include <utility>

#include "service/access_journal.h"
#include "service/journal.h"

namespace openavail::service {

Use::Use(const Parts& parts, const AgentCall& call, std::string action)
    : parts_(parts),
      call_(call),
      action_(std::move(action)),
      began_ns_(parts.clock.monotonic_ns()) {
  entry_.api_key_id = call.key.ref;
  entry_.actor = "agent";
  entry_.request_id = call.request_id;
}

Result<Authorized> Use::authorize(ports::Transaction& tx,
                                  std::optional<policy::Permission> needed) {
  Authorized found;
  OA_TRY(found.now, tx.now(Instant{parts_.clock.wall_ms()}));
  OA_TRY(const auto key, tx.find_key(call_.key.ref));
  if (!key) return fail(keys::unknown_key());
  entry_.agent_id = key->agent_id;
  if (key->revoked_at || (key->expires_at && *key->expires_at <= found.now)) {
    return fail(ErrorCode::api_key_revoked, "this API key was revoked",
                "ask an administrator for a new key (openavail keys mint)");
  }
  OA_TRY(auto agent, tx.find_agent(key->agent_id));
  if (!agent) return fail(keys::unknown_key());
  if (agent->is_disabled) {
    return fail(ErrorCode::agent_disabled, "the agent of this API key is disabled",
                "ask an administrator to enable it (openavail agents enable)");
  }
  found.agent = std::move(*agent);
  if (needed && !found.agent.permissions.has(*needed)) {
    const std::string name(policy::to_text(*needed));
    return fail(Error(ErrorCode::permission_denied, "this agent may not do that: it lacks " + name,
                      "ask an administrator for the permission " + name)
                    .with_permission(name));
  }
  return found;
}

Result<Authorized> Use::authorize_owner(ports::Transaction& tx,
                                        std::optional<policy::Permission> needed,
                                        const std::optional<std::string>& owner_email) {
  OA_TRY(Authorized found, authorize(tx, needed));
  if (owner_email) {
    OA_TRY(found.owner, tx.find_owner_by_address(*owner_email));
    if (!found.owner || !in_scope(found.agent, found.owner->id)) {
      return fail(ErrorCode::owner_scope_denied, "this agent may not act for that calendar owner",
                  "use an owner of this agent's scope (get-agent-context lists them)");
    }
  } else if (found.agent.owners.size() == 1) {
    OA_TRY(found.owner, tx.find_owner(found.agent.owners.front()));
  } else if (!found.agent.owners.empty()) {
    std::string known;
    for (const OwnerId& id : found.agent.owners) {
      OA_TRY(const auto owner, tx.find_owner(id));
      if (owner) known += (known.empty() ? "" : ", ") + owner->email;
    }
    return fail(ErrorCode::validation_failed,
                "owner_email is needed: this agent acts for several owners: " + known,
                "say owner_email, one of: " + known);
  }
  if (!found.owner) {
    return fail(ErrorCode::owner_scope_denied, "this agent has no calendar owner in its scope",
                "ask an administrator to add one (openavail agents update)");
  }
  entry_.calendar_owner = found.owner->id;
  return found;
}

void Use::complete(audit::Kind kind, const std::string& action) {
  entry_.kind = kind;
  entry_.action = action;
  if (entry_.rule_fired.empty()) entry_.rule_fired = action;
  entry_.latency_ms = (parts_.clock.monotonic_ns() - began_ns_) / 1'000'000;
}

Result<DecisionId> Use::record(ports::Transaction& tx, audit::Kind kind,
                               const std::string& action) {
  complete(kind, action);
  if (parts_.journal != nullptr) {
    OA_TRY_STATUS(parts_.journal->write_waiting_of(call_.key.ref, tx));
  }
  OA_TRY(entry_.timestamp, tx.now(Instant{parts_.clock.wall_ms()}));
  OA_TRY(entry_.decision_id, append_entry(parts_, tx, entry_));
  return entry_.decision_id;
}

Status Use::hand_over(const std::string& action) {
  complete(audit::Kind::access, action);
  entry_.timestamp = {};  // it is given when the row is written
  if (entry_.decision_id.empty()) entry_.decision_id = new_decision_id(parts_);
  return parts_.journal->add(entry_);
}

Result<std::unique_ptr<ports::Transaction>> Use::begin_read() {
  return parts_.store.begin(parts_.journal != nullptr ? ports::Access::read : ports::Access::write);
}

Status Use::end_read(ports::Transaction& tx, const std::string& action) {
  if (parts_.journal != nullptr) return hand_over(action);
  OA_TRY_STATUS(record(tx, audit::Kind::access, action).map([](const auto&) {}));
  return tx.commit();
}

Error Use::refuse(Error error) {
  const int status = info(error.code()).http_status;
  const bool is_security = status == 401 || status == 403;
  const bool goes_to_journal = parts_.journal != nullptr && !is_security;
  auto written = [&]() -> Status {
    OA_TRY(auto tx,
           parts_.store.begin(goes_to_journal ? ports::Access::read : ports::Access::write));
    if (!entry_.agent_id) {
      OA_TRY(const auto key, tx->find_key(call_.key.ref));
      if (key) entry_.agent_id = key->agent_id;
    }
    forget_outcome();
    entry_.rule_fired = error.wire_code();
    if (goes_to_journal) return hand_over(action_);
    OA_TRY_STATUS(record(*tx, is_security ? audit::Kind::security : audit::Kind::access, action_));
    return tx->commit();
  }();
  if (written) return error;
  tell_operator(parts_, error);
  return written.error();
}

void Use::forget_outcome() {
  if (entry_.decision_id.empty()) return;
  audit::Entry asked;
  asked.agent_id = entry_.agent_id;
  asked.api_key_id = entry_.api_key_id;
  asked.actor = entry_.actor;
  asked.calendar_owner = entry_.calendar_owner;
  asked.request_id = entry_.request_id;
  asked.meeting_class = entry_.meeting_class;
  asked.requested_interval = entry_.requested_interval;
  entry_ = std::move(asked);
}

bool in_scope(const ports::Agent& agent, const OwnerId& owner) {
  return std::find(agent.owners.begin(), agent.owners.end(), owner) != agent.owners.end();
}

void describe(audit::Entry& entry, const std::vector<arbiter::TraceRow>& trace) {
  entry.trace.clear();
  for (const arbiter::TraceRow& row : trace) {
    entry.trace.push_back({row.rule, std::string(arbiter::to_text(row.outcome)), row.detail});
  }
}

}  // namespace openavail::service
