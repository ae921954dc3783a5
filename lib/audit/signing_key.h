// The installation's signing key: an Ed25519 key in a 0600 PEM file, made by `init`.
//
// Thread rule: const members are safe from any thread.
#pragma once

#include <string>
#include <utility>

#include "audit/entry.h"
#include "base/entropy.h"
#include "base/id.h"
#include "base/result.h"
#include "crypto/ed25519.h"

namespace openavail::audit {

// "sig_" and the first 16 hex characters of SHA-256 over the 32 raw bytes of the public key. So
// a verifier needs the public key alone and need not believe what a file says of it.
SigningKeyId signing_key_id(const crypto::Ed25519PublicKey& key);

// The key with its own id.
TrustedKey trusted_key(crypto::Ed25519PublicKey key);

// From a PEM file's contents; one key or several after one another. Errors: validation_failed.
Result<std::vector<TrustedKey>> trusted_keys_from_pem(std::string_view pem);

class SigningKey {
 public:
  // Errors: state_conflict if the file exists, internal if it can't be written.
  static Result<SigningKey> make(const std::string& path, Entropy& entropy);
  // Errors: internal if it can't be read, its mode lets others read it, or it holds no such key.
  static Result<SigningKey> load(const std::string& path);

  const SigningKeyId& id() const { return id_; }
  const crypto::Ed25519PrivateKey& key() const { return key_; }
  crypto::Ed25519PublicKey public_key() const { return key_.public_key(); }
  SealedRow seal(const Entry& entry) const { return audit::seal(entry, id_, key_); }

 private:
  explicit SigningKey(crypto::Ed25519PrivateKey key)
      : key_(std::move(key)), id_(signing_key_id(key_.public_key())) {}
  crypto::Ed25519PrivateKey key_;
  SigningKeyId id_;
};

}  // namespace openavail::audit
