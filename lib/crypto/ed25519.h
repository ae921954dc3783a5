// Ed25519 (RFC 8032, pure) over OpenSSL.
//
// Thread rule: const members are safe from any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/entropy.h"
#include "base/result.h"

namespace openavail::crypto {

class Ed25519PublicKey {
 public:
  // Errors: validation_failed.
  static Result<Ed25519PublicKey> from_pem(std::string_view pem);  // SubjectPublicKeyInfo
  static Result<Ed25519PublicKey> from_raw(std::string_view raw32);
  std::string pem() const;
  std::string raw() const;  // 32 bytes
  bool verify(std::string_view message, std::string_view signature64) const;

 private:
  friend class Ed25519PrivateKey;
  explicit Ed25519PublicKey(std::shared_ptr<void> key) : key_(std::move(key)) {}
  std::shared_ptr<void> key_;
};

class Ed25519PrivateKey {
 public:
  static Ed25519PrivateKey generate(Entropy& entropy);
  // PKCS#8 PEM. Errors: validation_failed.
  static Result<Ed25519PrivateKey> from_pem(std::string_view pem);
  std::string pem() const;
  Ed25519PublicKey public_key() const;
  std::string sign(std::string_view message) const;  // 64 raw bytes

 private:
  explicit Ed25519PrivateKey(std::shared_ptr<void> key) : key_(std::move(key)) {}
  std::shared_ptr<void> key_;
};

}  // namespace openavail::crypto
