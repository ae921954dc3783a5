#include "service/idempotency.h"

#include <nlohmann/json.hpp>

#include "base/limits.h"
#include "crypto/digest.h"
#include "service/recovery.h"

namespace openavail::service {
namespace {

// What can be replayed of a refusal: those of arbitration, whose details hold times and ids only.
struct KeptCode {
  ErrorCode code;
  const char* name;
};
constexpr KeptCode kKept[] = {{ErrorCode::arbitration_rejected, "arbitration_rejected"}};

}  // namespace

Result<std::optional<IdempotencyDigests>> idempotency_digests(const Parts& parts,
                                                              const AgentCall& call,
                                                              const nlohmann::json& parameters) {
  if (!call.idempotency_key) return std::optional<IdempotencyDigests>{};
  if (call.idempotency_key->empty() ||
      call.idempotency_key->size() > limits::kIdempotencyKeyBytesMax) {
    return fail(ErrorCode::validation_failed, "an idempotency key has 1 to 255 characters",
                "send a UUID");
  }
  OA_TRY(const auto secret, parts.idempotency_secret());
  IdempotencyDigests digests;
  digests.key = crypto::to_hex(crypto::hmac_sha256(secret->view(), "key:" + *call.idempotency_key));
  digests.parameters =
      crypto::to_hex(crypto::hmac_sha256(secret->view(), "parameters:" + parameters.dump()));
  return std::optional<IdempotencyDigests>(std::move(digests));
}

Result<std::optional<ports::IdempotencyRecord>> find_outcome(
    const Parts& parts, ports::Transaction& tx, const AgentId& agent,
    const std::optional<IdempotencyDigests>& digests, Instant now) {
  if (!digests) return std::optional<ports::IdempotencyRecord>{};
  OA_TRY(auto record, tx.find_idempotency(agent, digests->key));
  if (!record || record->created_at + limits::kIdempotencyKept <= now) {
    return std::optional<ports::IdempotencyRecord>{};
  }
  if (record->parameters_digest != digests->parameters) {
    return fail(ErrorCode::idempotency_conflict,
                "this idempotency key was used with other parameters",
                "use a new key for a new request");
  }
  if (!record->is_running) return record;
  OA_TRY(const bool abandoned,
         is_abandoned(parts, record->writer, record->booking_id.value_or(BookingId{})));
  if (abandoned) return std::optional<ports::IdempotencyRecord>{};
  return fail(ErrorCode::idempotency_in_flight, "the first call with this key is still running",
              "repeat the call in a second");
}

Status note_running(const Parts& parts, ports::Transaction& tx, const AgentId& agent,
                    const std::optional<IdempotencyDigests>& digests, const BookingId& booking,
                    const DecisionId& decision, Instant now) {
  if (!digests) return {};
  ports::IdempotencyRecord record;
  record.agent_id = agent;
  record.key_digest = digests->key;
  record.parameters_digest = digests->parameters;
  record.is_running = true;
  OA_TRY(record.writer, parts.store.writer());
  record.booking_id = booking;
  record.decision_id = decision;
  record.created_at = now;
  return tx.put_idempotency(record);
}

Status keep_outcome(const Parts& parts, ports::Transaction& tx, const AgentId& agent,
                    const std::optional<IdempotencyDigests>& digests, const DecisionId& decision,
                    const nlohmann::json& outcome, Instant now) {
  if (!digests) return {};
  OA_TRY_STATUS(tx.purge_idempotency(now - limits::kIdempotencyKept));
  ports::IdempotencyRecord record;
  record.agent_id = agent;
  record.key_digest = digests->key;
  record.parameters_digest = digests->parameters;
  record.is_running = false;
  OA_TRY(record.writer, parts.store.writer());
  record.decision_id = decision;
  record.outcome = outcome.dump();
  record.created_at = now;
  return tx.put_idempotency(record);
}

nlohmann::json outcome_of(const Error& refusal) {
  nlohmann::json details = refusal.details();
  details.erase("situation");
  for (const KeptCode& kept : kKept) {
    if (kept.code != refusal.code()) continue;
    return {{"refused", kept.name},
            {"message", refusal.message()},
            {"next", refusal.next()},
            {"details", std::move(details)}};
  }
  return nullptr;
}

std::optional<Error> refusal_of(const nlohmann::json& outcome) {
  const auto name = outcome.find("refused");
  if (name == outcome.end()) return std::nullopt;
  for (const KeptCode& kept : kKept) {
    if (*name != kept.name) continue;
    return Error(kept.code, outcome.at("message").get<std::string>(),
                 outcome.at("next").get<std::string>())
        .with_details(outcome.at("details"));
  }
  return std::nullopt;
}

Status record_replay(Use& use, ports::Transaction& tx, const ports::IdempotencyRecord& first) {
  use.entry().subject.emplace_back("first_decision", first.decision_id.text());
  OA_TRY_STATUS(use.record(tx, audit::Kind::access, "replay"));
  return {};
}

}  // namespace openavail::service
