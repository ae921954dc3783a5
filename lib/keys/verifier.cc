#include "keys/verifier.h"

#include <array>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "base/check.h"
#include "base/limits.h"
#include "crypto/argon2id.h"
#include "crypto/digest.h"
#include "keys/key_text.h"
#include "keys/result_cache.h"

namespace openavail::keys {
namespace {

constexpr std::size_t kProcessKeyBytes = 32;
constexpr std::size_t kSaltBytes = 16;
constexpr crypto::Argon2Cost kCost{limits::kArgon2MemoryKib, limits::kArgon2Passes,
                                   limits::kArgon2Lanes};

std::span<const std::uint8_t> as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// What Argon2id runs over: HMAC-SHA-256(pepper, secret part). The text has been parsed before.
crypto::SecretText peppered(std::string_view key_text, const Pepper& pepper) {
  const std::size_t from = key_text.size() - kChecksumCharacters - kSecretCharacters;
  return crypto::SecretText(
      crypto::hmac_sha256(pepper.bytes().view(), key_text.substr(from, kSecretCharacters)));
}

}  // namespace

Error unknown_key() {
  return Error(ErrorCode::unknown_api_key, "The API key is not known.",
               "Check OPENAVAIL_API_KEY, or ask the administrator for a key.");
}

Result<std::string> hash_for_storage(std::string_view key_text, const Pepper& pepper,
                                     Entropy& entropy) {
  OA_CHECK(parse_key(key_text).has_value());  // only keys that make_key made are stored
  std::array<std::uint8_t, kSaltBytes> salt{};
  entropy.fill(salt);
  const crypto::SecretText secret = peppered(key_text, pepper);
  return crypto::argon2id_phc(as_bytes(secret.reveal()), salt, kCost);
}

struct Verifier::State {
  std::function<Result<Pepper>()> load_pepper;
  crypto::SecretBytes process_key{kProcessKeyBytes};
  unsigned runs_at_once = 1;

  std::mutex mutex;
  std::condition_variable changed;
  // All below under the mutex.
  std::optional<Pepper> pepper;  // never changes once loaded, so it may be read without the lock
  unsigned running = 0;
  std::uint64_t runs = 0;
  std::set<std::string> being_checked;  // tags
  ResultCache right{limits::kVerifiedKeysCachedMax};
  // Apart from the right ones, so that a flood of wrong keys can't push those out.
  ResultCache wrong{limits::kVerifiedKeysCachedMax};

  std::optional<bool> cached(const std::string& tag, RowVersion version) {
    if (right.has(tag, version)) return true;
    if (wrong.has(tag, version)) return false;
    return std::nullopt;
  }

  // Waits for a place, and for another check of the same key; nothing when the place was given.
  std::optional<bool> enter(const std::string& tag, RowVersion version) {
    std::unique_lock lock(mutex);
    for (;;) {
      if (auto known = cached(tag, version)) return known;
      if (running < runs_at_once && !being_checked.contains(tag)) break;
      changed.wait(lock);
    }
    ++running;
    being_checked.insert(tag);
    return std::nullopt;
  }

  void leave(const std::string& tag, RowVersion version, const Result<bool>& outcome) {
    const std::lock_guard lock(mutex);
    --running;
    being_checked.erase(tag);
    if (outcome) {
      right.forget(tag);
      wrong.forget(tag);
      (*outcome ? right : wrong).put(tag, version);
    }
    changed.notify_all();
  }

  Status need_pepper() {
    const std::lock_guard lock(mutex);
    if (pepper) return {};
    OA_TRY(pepper, load_pepper());
    return {};
  }

  // One Argon2id run, also for a reference that nobody has.
  Result<bool> check(std::string_view key_text, const std::optional<StoredVerifier>& stored) {
    OA_TRY_STATUS(need_pepper());
    const crypto::SecretText secret = peppered(key_text, *pepper);
    {
      const std::lock_guard lock(mutex);
      ++runs;
    }
    if (!stored) {
      const auto salt = process_key.view().first(kSaltBytes);
      OA_TRY(const std::string unused,
             crypto::argon2id_phc(as_bytes(secret.reveal()), salt, kCost));
      return unused.empty();  // never: only the time that it took is wanted
    }
    if (stored->pepper_id != pepper->id()) {
      Error error(ErrorCode::internal, "The API key can't be checked.",
                  "Ask the administrator to run: openavail doctor");
      error.with_operator_detail("the key was stored under pepper " + stored->pepper_id +
                                 ", the pepper file holds " + pepper->id());
      return fail(std::move(error));
    }
    return crypto::argon2id_matches(as_bytes(secret.reveal()), stored->phc);
  }
};

Verifier::Verifier(std::function<Result<Pepper>()> load_pepper, Entropy& entropy,
                   unsigned argon2_at_once)
    : state_(std::make_unique<State>()) {
  state_->load_pepper = std::move(load_pepper);
  entropy.fill(state_->process_key.mutable_view());
  state_->runs_at_once =
      argon2_at_once != 0 ? argon2_at_once : std::max(1U, std::thread::hardware_concurrency());
}

Verifier::~Verifier() = default;

Result<VerifiedKey> Verifier::verify(std::string_view key_text, const Lookup& lookup) {
  const std::optional<KeyRef> ref = parse_key(key_text);
  if (!ref) return fail(unknown_key());
  OA_TRY(const std::optional<StoredVerifier> stored, lookup(*ref));
  const RowVersion version = stored ? RowVersion(stored->version) : std::nullopt;
  const std::string tag = crypto::hmac_sha256(state_->process_key.view(), key_text);

  std::optional<bool> right = state_->enter(tag, version);
  if (!right) {
    const Result<bool> outcome = state_->check(key_text, stored);
    state_->leave(tag, version, outcome);
    if (!outcome) return fail(outcome.error());
    right = *outcome;
  }
  if (!*right) return fail(unknown_key());
  OA_CHECK(stored.has_value());  // nothing can be right without a row
  return VerifiedKey{*ref, stored->version};
}

bool Verifier::has_verified(std::string_view key_text) const {
  if (!parse_key(key_text)) return false;
  const std::string tag = crypto::hmac_sha256(state_->process_key.view(), key_text);
  const std::lock_guard lock(state_->mutex);
  return state_->right.has(tag);
}

std::uint64_t Verifier::argon2_runs() const {
  const std::lock_guard lock(state_->mutex);
  return state_->runs;
}

}  // namespace openavail::keys
