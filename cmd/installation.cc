#include "cmd/installation.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iterator>

#include "base/identifiers.h"
#include "cmd/terminal.h"
#include "cmd/text.h"
#include "crypto/digest.h"
#include "crypto/private_file.h"
#include "providers/shared/shared_providers.h"
#include "providers/vdir/vdir_providers.h"
#include "store/rounds/round_store.h"
#include "store/sqlite/sqlite_store.h"

namespace openavail::cmd {
namespace {

constexpr const char* kPepperFile = "pepper";
constexpr const char* kSigningKeyFile = "signing_key.pem";
constexpr const char* kIdempotencyFile = "idempotency_secret";
constexpr const char* kSealingKeyFile = "sealing_key";
constexpr std::size_t kIdempotencyCharacters = 43;  // of base62: 256 bits

// One line, whatever a file name holds.
void log_for_operator(const std::string& line) {
  std::fprintf(stderr, "openavail: %s\n", plain(line).c_str());
}

// Made by us, now or in a run that was cut short, or put there for us.
bool is_ours(const std::string& name) {
  constexpr const char* kStarts[] = {kPepperFile,    "signing_key", kIdempotencyFile,
                                     "openavail.db", ".openavail",  "write.lock",
                                     "writers",      "config.toml", ".signing_key"};
  return std::any_of(std::begin(kStarts), std::end(kStarts),
                     [&](const char* start) { return name.rfind(start, 0) == 0; });
}

// A folder that holds other things is somebody's: its mode is not ours to change, nor ours to fill.
Status make_directory(const std::string& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) {
    return fail(ErrorCode::internal, "the data directory can't be made: " + error.message(),
                "check the path, or name another with --data-dir");
  }
  std::filesystem::directory_iterator entries(directory, error);
  if (error) {
    return fail(ErrorCode::internal, "the data directory can't be read: " + error.message(),
                "check its owner and modes, or name another with --data-dir");
  }
  for (const auto& entry : entries) {
    if (is_ours(entry.path().filename().string())) continue;
    return fail(ErrorCode::validation_failed, "the folder holds files that are not openavail's",
                "name a new or empty one with --data-dir");
  }
  if (::chmod(directory.c_str(), 0700) == 0) return {};
  return fail(ErrorCode::internal, "the data directory's mode can't be set to 0700",
              "check its owner, or name another with --data-dir");
}

}  // namespace

std::string default_data_directory() {
  if (const char* named = std::getenv("OPENAVAIL_DATA_DIR"); named != nullptr && *named != 0) {
    return named;
  }
  if (const char* data = std::getenv("XDG_DATA_HOME"); data != nullptr && *data != 0) {
    return std::string(data) + "/openavail";
  }
  const char* home = std::getenv("HOME");
  return std::string(home != nullptr ? home : ".") + "/.local/share/openavail";
}

Installation::Installation(std::string data_directory, bool create)
    : data_directory_(std::move(data_directory)),
      sealer_(data_directory_ + "/" + kSealingKeyFile, entropy_),
      store_(*store::open_sqlite_store({data_directory_, create, limits::kDatabaseBusyWait},
                                       entropy_)),
      providers_(providers::make_vdir_providers(entropy_)),
      verifier_(std::make_unique<keys::Verifier>([this] { return pepper(); }, entropy_)) {
  checkpoints_ = std::make_unique<service::CheckpointKeeper>(parts());
}

Status Installation::make(const std::string& directory) {
  OA_TRY_STATUS(make_directory(directory));
  Installation made(directory, true);
  auto signing_key = audit::SigningKey::make(made.path(kSigningKeyFile), made.entropy_);
  if (!signing_key) {
    if (signing_key.error().code() != ErrorCode::state_conflict) return fail(signing_key.error());
    // A run that was cut short goes on with what it made.
    signing_key = audit::SigningKey::load(made.path(kSigningKeyFile));
    if (!signing_key) return fail(signing_key.error());
  }
  if (auto pepper = keys::Pepper::make(made.path(kPepperFile), made.entropy_);
      !pepper && pepper.error().code() != ErrorCode::state_conflict) {
    return fail(pepper.error());
  }
  if (auto secret = crypto::create_private_file(
          made.path(kIdempotencyFile), random_base62(kIdempotencyCharacters, made.entropy_),
          made.entropy_);
      !secret && secret.error().code() != ErrorCode::state_conflict) {
    return fail(secret.error());
  }
  return made.administration().initialise(signing_key->public_key().pem());
}

Result<keys::Pepper> Installation::pepper() const { return keys::Pepper::load(path(kPepperFile)); }

Result<crypto::SecretBytes> Installation::load_idempotency_secret() const {
  const std::string file = path(kIdempotencyFile);
  OA_TRY(const auto text, crypto::load_private_file(file));
  const std::string_view revealed = text.reveal();
  if (revealed.size() != kIdempotencyCharacters) {
    return fail(Error(ErrorCode::internal, "A secret file can't be used.",
                      "Ask the administrator to run: openavail doctor")
                    .with_operator_detail(file + ": not of the length that init made"));
  }
  return crypto::SecretBytes(std::span<const std::uint8_t>(
      reinterpret_cast<const std::uint8_t*>(revealed.data()), revealed.size()));
}

Result<std::string> Installation::public_keys_pem() {
  OA_TRY(const auto keys, administration().signing_keys());
  std::string pem;
  for (const auto& key : keys) pem += key.public_key_pem;
  return pem;
}

// The first one is where init made it; a later one has its id in its name, so that the database
// alone says which of them signs.
std::string Installation::signing_key_path(const SigningKeyId& id) const {
  return data_directory_ + "/signing_key-" + id.text() + ".pem";
}

Result<std::shared_ptr<const audit::SigningKey>> Installation::signing_key() {
  const std::lock_guard lock(mutex_);
  if (!signing_key_) {
    OA_TRY(auto key, audit::SigningKey::load(path(kSigningKeyFile)));
    signing_key_ = std::make_shared<const audit::SigningKey>(std::move(key));
  }
  return signing_key_;
}

Result<std::shared_ptr<const audit::SigningKey>> Installation::signing_key_named(
    const SigningKeyId& id) {
  const std::lock_guard lock(mutex_);
  if (signing_key_ && signing_key_->id() == id) return signing_key_;
  const std::string later = signing_key_path(id);
  const bool is_first = !std::filesystem::exists(later);
  OA_TRY(auto key, audit::SigningKey::load(is_first ? path(kSigningKeyFile) : later));
  if (key.id() != id) {
    return fail(Error(ErrorCode::internal, "the log's signing key is not here",
                      "an administrator should restore it from a backup")
                    .with_operator_detail(later + " is missing"));
  }
  signing_key_ = std::make_shared<const audit::SigningKey>(std::move(key));
  return signing_key_;
}

Status Installation::check_signing_key() {
  OA_TRY(auto tx, store_->begin(ports::Access::read));
  OA_TRY(const SigningKeyId id, tx->present_signing_key());
  return signing_key_named(id).map([](const auto&) {});
}

Result<SigningKeyId> Installation::rotate_signing_key() {
  const std::string fresh = path(".signing_key-") + random_base62(22, entropy_);
  OA_TRY(const auto next, audit::SigningKey::make(fresh, entropy_));
  std::error_code error;
  std::filesystem::rename(fresh, signing_key_path(next.id()), error);
  if (error) {
    std::filesystem::remove(fresh, error);
    return fail(ErrorCode::internal, "the new signing key could not be written",
                "check that the data directory can be written");
  }
  // Before this the file is nobody's; after it every process signs with it.
  OA_TRY_STATUS(administration().change_signing_key(next));
  return next.id();
}

Status Installation::rotate_old_signing_key() {
  OA_TRY(const auto keys, administration().signing_keys());
  const auto life = std::chrono::milliseconds(limits::kSigningKeyLife).count();
  const bool is_old = !keys.empty() && clock_.wall_ms() - keys.back().created_at.unix_ms > life;
  return is_old ? rotate_signing_key().map([](const auto&) {}) : Status{};
}

std::string Installation::new_request_id() { return new_uuid_v7(clock_.wall_ms(), entropy_); }

Result<std::shared_ptr<const crypto::SecretBytes>> Installation::secret() {
  const std::lock_guard lock(mutex_);
  if (!idempotency_secret_) {
    OA_TRY(auto secret, load_idempotency_secret());
    idempotency_secret_ = std::make_shared<const crypto::SecretBytes>(std::move(secret));
  }
  return idempotency_secret_;
}

service::Parts Installation::parts() {
  return service::Parts{*store_,
                        *providers_,
                        clock_,
                        entropy_,
                        *verifier_,
                        [this] { return signing_key(); },
                        [this] { return secret(); },
                        sealer_,
                        log_for_operator,
                        rounds_.get(),
                        journal_.get(),
                        checkpoints_.get(),
                        [this](const SigningKeyId& id) { return signing_key_named(id); }};
}

void Installation::keep_checkpoints() { checkpoints_->keep_looking(); }

void Installation::serve_many(const ManyAgents& how) {
  store_ = std::make_unique<store::RoundStore>(std::move(store_), clock_);
  providers_ = std::make_unique<providers::SharedProviders>(std::move(providers_));
  service::OwnerRoundsOptions options;
  options.widened_by = how.round;
  rounds_ = std::make_unique<service::OwnerRounds>(std::move(options));
  checkpoints_ = std::make_unique<service::CheckpointKeeper>(parts());
  keep_checkpoints();
  if (how.groups_access_rows) journal_ = std::make_unique<service::AccessJournal>(parts());
}

service::Administration& Installation::administration() {
  if (!administration_) administration_ = std::make_unique<service::Administration>(parts());
  return *administration_;
}

operations::Operations& Installation::operations() {
  const std::lock_guard lock(mutex_);
  if (!operations_) {
    agents_ = std::make_unique<service::AgentService>(parts());
    operations_ = std::make_unique<operations::Operations>(*agents_);
  }
  return *operations_;
}

}  // namespace openavail::cmd
