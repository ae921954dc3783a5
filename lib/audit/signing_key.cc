#include "audit/signing_key.h"

#include "crypto/digest.h"
#include "crypto/private_file.h"
#include "crypto/secret_bytes.h"

namespace openavail::audit {
namespace {

constexpr std::size_t kIdHexCharacters = 16;
constexpr std::string_view kPemEnd = "-----END PUBLIC KEY-----";

}  // namespace

SigningKeyId signing_key_id(const crypto::Ed25519PublicKey& key) {
  return SigningKeyId("sig_" + crypto::sha256_hex(key.raw()).substr(0, kIdHexCharacters));
}

TrustedKey trusted_key(crypto::Ed25519PublicKey key) {
  SigningKeyId id = signing_key_id(key);
  return {std::move(id), std::move(key)};
}

Result<std::vector<TrustedKey>> trusted_keys_from_pem(std::string_view pem) {
  std::vector<TrustedKey> keys;
  do {
    const std::size_t end = pem.find(kPemEnd);
    const std::size_t size = end == std::string_view::npos ? pem.size() : end + kPemEnd.size();
    OA_TRY(auto key, crypto::Ed25519PublicKey::from_pem(pem.substr(0, size)));
    keys.push_back(trusted_key(std::move(key)));
    pem.remove_prefix(size);
  } while (pem.find_first_not_of(" \t\r\n") != std::string_view::npos);
  return keys;
}

Result<SigningKey> SigningKey::make(const std::string& path, Entropy& entropy) {
  SigningKey made(crypto::Ed25519PrivateKey::generate(entropy));
  const crypto::SecretText pem(made.key_.pem());
  OA_TRY_STATUS(crypto::create_private_file(path, pem.reveal(), entropy));
  return made;
}

Result<SigningKey> SigningKey::load(const std::string& path) {
  OA_TRY(const crypto::SecretText pem, crypto::load_private_file(path));
  auto key = crypto::Ed25519PrivateKey::from_pem(pem.reveal());
  if (!key) {
    Error error(ErrorCode::internal, "A secret file can't be used.",
                "Ask the administrator to run: openavail doctor");
    error.with_operator_detail(path + ": not an Ed25519 private key; restore it from a backup");
    return fail(std::move(error));
  }
  return SigningKey(std::move(*key));
}

}  // namespace openavail::audit
