// A data directory put together: store, keys, signing key, providers, services. Everything is
// opened when it is first needed, since every agent's client starts a process.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "audit/signing_key.h"
#include "base/clock.h"
#include "base/entropy.h"
#include "keys/verifier.h"
#include "operations/operations.h"
#include "ports/calendar_provider.h"
#include "ports/store.h"
#include "sealing/sealer.h"
#include "service/access_journal.h"
#include "service/administration.h"
#include "service/agent_service.h"
#include "service/checkpoint_keeper.h"
#include "service/owner_rounds.h"

namespace openavail::cmd {

class Installation {
 public:
  explicit Installation(std::string data_directory, bool create = false);

  // Makes the directory (0700), the keys (0600) and the database. Errors: state_conflict when it
  // was done before.
  static Status make(const std::string& data_directory);

  service::Administration& administration();
  operations::Operations& operations();
  ports::Store& store() { return *store_; }
  Result<keys::Pepper> pepper() const;
  // The public parts of the signing keys, present and former.
  Result<std::string> public_keys_pem();
  // A new signing key, which signs from now on; the old one's public part stays published. Answers
  // its id. Errors: internal.
  Result<SigningKeyId> rotate_signing_key();
  // The same, when the present one is older than limits::kSigningKeyLife.
  Status rotate_old_signing_key();
  // The private key that signs now can be read. Errors: internal.
  Status check_signing_key();
  Result<crypto::SecretBytes> load_idempotency_secret() const;
  std::string new_request_id();
  // Authenticates what a client carries from a question to its answer (MCP); the same for every
  // process of this installation.
  Result<std::shared_ptr<const crypto::SecretBytes>> secret();
  const Clock& clock() const { return clock_; }
  Entropy& entropy() { return entropy_; }
  const std::string& data_directory() const { return data_directory_; }

  // For a process that serves many agents at once: what waits together is decided and written
  // together. To be called before anything else is used.
  struct ManyAgents {
    std::chrono::milliseconds round{0};  // how long a round waits for more requests
    bool groups_access_rows = true;      // audit rows of reads, 100 ms after the answer at most
  };
  void serve_many(const ManyAgents& how);
  // For a process that goes on: its audit rows get a checkpoint after a while. (Every process's get
  // one at its end.)
  void keep_checkpoints();
  // False while audit rows of reads can't be written.
  bool is_journal_healthy() const { return !journal_ || journal_->is_healthy(); }

 private:
  std::string path(const char* name) const { return data_directory_ + "/" + name; }
  service::Parts parts();
  std::string signing_key_path(const SigningKeyId& id) const;
  Result<std::shared_ptr<const audit::SigningKey>> signing_key();
  Result<std::shared_ptr<const audit::SigningKey>> signing_key_named(const SigningKeyId& id);

  std::string data_directory_;
  SystemClock clock_;
  SystemEntropy entropy_;
  sealing::Sealer sealer_;
  std::unique_ptr<ports::Store> store_;
  std::unique_ptr<ports::CalendarProviders> providers_;
  std::unique_ptr<keys::Verifier> verifier_;
  std::unique_ptr<service::OwnerRounds> rounds_;
  std::mutex mutex_;
  std::shared_ptr<const audit::SigningKey> signing_key_;
  std::shared_ptr<const crypto::SecretBytes> idempotency_secret_;
  std::unique_ptr<service::CheckpointKeeper>
      checkpoints_;  // outlives the journal, which writes rows
  std::unique_ptr<service::AccessJournal> journal_;
  std::unique_ptr<service::AgentService> agents_;
  std::unique_ptr<service::Administration> administration_;
  std::unique_ptr<operations::Operations> operations_;
};

// --data-dir, else OPENAVAIL_DATA_DIR, else $XDG_DATA_HOME/openavail, else
// ~/.local/share/openavail.
std::string default_data_directory();

}  // namespace openavail::cmd
