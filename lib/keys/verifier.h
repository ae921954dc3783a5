// Checking agent keys (security design, B). The first check of a key in a process costs one
// Argon2id run, every later one microseconds: an HMAC of the whole key text under a random key of
// this process finds the cached result, which counts only while the stored row's version is still
// the same.
//
// Whether the key is revoked, its agent disabled or its permissions changed is read by the service
// in the same transaction as the work, not here.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/entropy.h"
#include "base/id.h"
#include "base/result.h"
#include "crypto/secret_bytes.h"

namespace openavail::keys {

// What the store keeps of a key for checking it.
struct StoredVerifier {
  KeyRef ref;
  std::string phc;        // $argon2id$v=19$m=19456,t=2,p=1$…
  std::string pepper_id;  // which pepper
  std::int64_t version = 0;
};

// Proof that the secret was right, at that version of the row.
struct VerifiedKey {
  KeyRef ref;
  std::int64_t version = 0;
};

class Pepper {
 public:
  // 32 random bytes in a 0600 file of their own. Errors: state_conflict if the file exists (make),
  // internal if it can't be read or its mode lets others read it (load).
  static Result<Pepper> make(const std::string& path, Entropy& entropy);
  static Result<Pepper> load(const std::string& path);
  const std::string& id() const { return id_; }
  const crypto::SecretBytes& bytes() const { return bytes_; }

 private:
  std::string id_;
  crypto::SecretBytes bytes_;
};

// The PHC string to store for a new key: Argon2id over HMAC-SHA-256(pepper, secret part), with a
// 16-byte salt of its own. Errors: internal (out of memory).
Result<std::string> hash_for_storage(std::string_view key_text, const Pepper& pepper,
                                     Entropy& entropy);

// The one answer to a key that is missing, malformed, unknown or wrong: nobody learns which.
Error unknown_key();

class Verifier {
 public:
  using Lookup = std::function<Result<std::optional<StoredVerifier>>(const KeyRef&)>;

  // `load_pepper` is called at the first Argon2id run. Not more than `argon2_at_once` runs at a
  // time (0: as many as there are cores); others wait in line.
  Verifier(std::function<Result<Pepper>()> load_pepper, Entropy& entropy,
           unsigned argon2_at_once = 0);
  ~Verifier();

  // Errors: unknown_api_key for everything that is not a right key: wrong form or checksum (no
  // hash, no lookup), unknown reference (a dummy Argon2id run), wrong secret. Equal body for all.
  // Thread rule: any thread.
  Result<VerifiedKey> verify(std::string_view key_text, const Lookup& lookup);

  // Whether this key's text was found right before, at whatever version of its row. A hint for
  // limits that stand before the check, not a check.
  bool has_verified(std::string_view key_text) const;

  // Argon2id runs so far in this process; for tests.
  std::uint64_t argon2_runs() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace openavail::keys
