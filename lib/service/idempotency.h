// Idempotency keys (arbitration contract, Idempotency): the same key with the same parameters gets
// the first outcome again. Records hold HMACs and ids, never text.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "ports/store.h"
#include "service/context.h"
#include "service/use.h"

namespace openavail::service {

// Of one call: nothing when it came without a key.
struct IdempotencyDigests {
  std::string key;
  std::string parameters;
};
// `parameters` is the canonical JSON of the operation's name and input. Errors: validation_failed
// for a key that is empty or too long.
Result<std::optional<IdempotencyDigests>> idempotency_digests(const Parts& parts,
                                                              const AgentCall& call,
                                                              const nlohmann::json& parameters);

// The first outcome, if there is one. Errors: idempotency_conflict, idempotency_in_flight. A record
// whose writer is dead counts as none; recovery has settled it before.
Result<std::optional<ports::IdempotencyRecord>> find_outcome(
    const Parts& parts, ports::Transaction& tx, const AgentId& agent,
    const std::optional<IdempotencyDigests>& digests, Instant now);

// Notes that the first call is running and will show in `booking`.
Status note_running(const Parts& parts, ports::Transaction& tx, const AgentId& agent,
                    const std::optional<IdempotencyDigests>& digests, const BookingId& booking,
                    const DecisionId& decision, Instant now);

// Keeps an outcome.
Status keep_outcome(const Parts& parts, ports::Transaction& tx, const AgentId& agent,
                    const std::optional<IdempotencyDigests>& digests, const DecisionId& decision,
                    const nlohmann::json& outcome, Instant now);

// A refusal as an outcome, and back.
nlohmann::json outcome_of(const Error& refusal);
std::optional<Error> refusal_of(const nlohmann::json& outcome);

// The access row of a replay; it points to the first decision.
Status record_replay(Use& use, ports::Transaction& tx, const ports::IdempotencyRecord& first);

}  // namespace openavail::service
