// What every use case gets: the parts it works with, and who calls.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "audit/signing_key.h"
#include "base/clock.h"
#include "base/entropy.h"
#include "base/id.h"
#include "base/result.h"
#include "crypto/secret_bytes.h"
#include "keys/verifier.h"
#include "ports/calendar_provider.h"
#include "ports/store.h"
#include "sealing/sealer.h"

namespace openavail::service {

class AccessJournal;
class CheckpointKeeper;
class OwnerRounds;

// References must outlive the services. Loaders are called when first needed (start-up time counts)
// and may be called from any thread.
struct Parts {
  ports::Store& store;
  ports::CalendarProviders& providers;
  const Clock& clock;
  Entropy& entropy;
  keys::Verifier& verifier;
  std::function<Result<std::shared_ptr<const audit::SigningKey>>()> signing_key;
  // 32 bytes for the HMACs of idempotency records; stays the same for the installation.
  std::function<Result<std::shared_ptr<const crypto::SecretBytes>>()> idempotency_secret;
  // For what has to be kept for a while and read by no one else.
  sealing::Sealer& sealer;
  // What only the operator may see (file names of unreadable calendars); one line each.
  std::function<void(const std::string&)> operator_log;
  // What a server has besides, so that many agents can be served at once; none in a command. They
  // must outlive the services too.
  OwnerRounds* rounds = nullptr;     // none: each request is decided when it comes
  AccessJournal* journal = nullptr;  // none: a read's audit row is written before its answer
  // Sees to it that rows are covered by a checkpoint; none: after every 256 rows alone.
  CheckpointKeeper* checkpoints = nullptr;
  // The signing key of that id, where keys can change; none: signing_key is the only one.
  std::function<Result<std::shared_ptr<const audit::SigningKey>>(const SigningKeyId&)>
      signing_key_named = {};
};

// For an error that goes no further. One that goes on to the caller is told by the door.
inline void tell_operator(const Parts& parts, const Error& error) {
  if (!error.operator_detail().empty()) parts.operator_log(error.operator_detail());
}

// One call through one door.
struct Call {
  std::string request_id;                      // made by the door; in the audit row
  std::optional<std::string> idempotency_key;  // at most limits::kIdempotencyKeyBytesMax bytes
  bool include_situation = false;
  // Unknown keys are counted instead of written one by one: for doors that strangers can reach.
  bool counts_unknown_keys = false;
  // Set: only these bookings may be displaced by this call. A decision that displaces another one
  // is told and not carried out (BookingAnswer::is_question).
  std::optional<std::vector<BookingId>> may_displace;
};

// An agent's call: the key's secret has been checked; everything else about the key is read in the
// same transaction as the work.
struct AgentCall : Call {
  keys::VerifiedKey key;
};

}  // namespace openavail::service
