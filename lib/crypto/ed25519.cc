#include "crypto/ed25519.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "base/check.h"
#include "crypto/openssl_start.h"
#include "crypto/secret_bytes.h"

namespace openavail::crypto {
namespace {

constexpr std::size_t kSeedBytes = 32;
constexpr std::size_t kPublicBytes = 32;
constexpr std::size_t kSignatureBytes = 64;
constexpr std::size_t kPemBytesMax = 16 * 1024;

struct BioFree {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using Bio = std::unique_ptr<BIO, BioFree>;

struct DigestContextFree {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using DigestContext = std::unique_ptr<EVP_MD_CTX, DigestContextFree>;

EVP_PKEY* evp(const std::shared_ptr<void>& key) { return static_cast<EVP_PKEY*>(key.get()); }

std::shared_ptr<void> owned(EVP_PKEY* key) {
  return {key, [](void* p) { EVP_PKEY_free(static_cast<EVP_PKEY*>(p)); }};
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// Without this OpenSSL asks for the passphrase of an encrypted file on the terminal.
int no_passphrase(char*, int, int, void*) { return -1; }

Bio reading(std::string_view text) {
  start_openssl();
  Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  OA_CHECK(bio != nullptr);
  return bio;
}

std::string contents(BIO* bio) {
  const char* data = nullptr;
  const long size = BIO_ctrl(bio, BIO_CTRL_INFO, 0, &data);
  OA_CHECK(size > 0 && data != nullptr);
  return {data, static_cast<std::size_t>(size)};
}

bool is_ed25519(const EVP_PKEY* key) {
  return key != nullptr && EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519;
}

}  // namespace

Result<Ed25519PublicKey> Ed25519PublicKey::from_pem(std::string_view pem) {
  std::shared_ptr<void> key;
  if (pem.size() <= kPemBytesMax) {
    const Bio bio = reading(pem);
    key = owned(PEM_read_bio_PUBKEY(bio.get(), nullptr, no_passphrase, nullptr));
    ERR_clear_error();
  }
  if (!is_ed25519(evp(key))) {
    return fail(ErrorCode::validation_failed, "This is not an Ed25519 public key in PEM form.",
                "Export the key with: openavail audit public-key");
  }
  return Ed25519PublicKey(std::move(key));
}

Result<Ed25519PublicKey> Ed25519PublicKey::from_raw(std::string_view raw32) {
  start_openssl();
  if (raw32.size() != kPublicBytes) {
    return fail(ErrorCode::validation_failed, "A raw Ed25519 public key has 32 bytes.");
  }
  auto key =
      owned(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(raw32), raw32.size()));
  OA_CHECK(key != nullptr);
  return Ed25519PublicKey(std::move(key));
}

std::string Ed25519PublicKey::pem() const {
  const Bio bio(BIO_new(BIO_s_mem()));
  OA_CHECK(bio != nullptr && PEM_write_bio_PUBKEY(bio.get(), evp(key_)) == 1);
  return contents(bio.get());
}

std::string Ed25519PublicKey::raw() const {
  std::string out(kPublicBytes, '\0');
  std::size_t size = out.size();
  const int done =
      EVP_PKEY_get_raw_public_key(evp(key_), reinterpret_cast<unsigned char*>(out.data()), &size);
  OA_CHECK(done == 1 && size == kPublicBytes);
  return out;
}

bool Ed25519PublicKey::verify(std::string_view message, std::string_view signature64) const {
  if (signature64.size() != kSignatureBytes) return false;
  const DigestContext context(EVP_MD_CTX_new());
  OA_CHECK(context != nullptr);
  OA_CHECK(EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, evp(key_)) == 1);
  const int outcome = EVP_DigestVerify(context.get(), bytes_of(signature64), signature64.size(),
                                       bytes_of(message), message.size());
  ERR_clear_error();
  return outcome == 1;
}

Ed25519PrivateKey Ed25519PrivateKey::generate(Entropy& entropy) {
  start_openssl();
  SecretBytes seed(kSeedBytes);
  entropy.fill(seed.mutable_view());
  auto key = owned(
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.view().data(), kSeedBytes));
  OA_CHECK(key != nullptr);
  return Ed25519PrivateKey(std::move(key));
}

Result<Ed25519PrivateKey> Ed25519PrivateKey::from_pem(std::string_view pem) {
  std::shared_ptr<void> key;
  if (pem.size() <= kPemBytesMax) {
    const Bio bio = reading(pem);
    key = owned(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
    ERR_clear_error();
  }
  if (!is_ed25519(evp(key))) {
    return fail(ErrorCode::validation_failed,
                "This is not an unencrypted Ed25519 private key in PEM form.");
  }
  return Ed25519PrivateKey(std::move(key));
}

std::string Ed25519PrivateKey::pem() const {
  // OpenSSL wipes this kind of buffer when it frees it.
  const Bio bio(BIO_new(BIO_s_secmem()));
  OA_CHECK(bio != nullptr && PEM_write_bio_PKCS8PrivateKey(bio.get(), evp(key_), nullptr, nullptr,
                                                           0, nullptr, nullptr) == 1);
  return contents(bio.get());
}

Ed25519PublicKey Ed25519PrivateKey::public_key() const {
  std::string raw(kPublicBytes, '\0');
  std::size_t size = raw.size();
  const int done =
      EVP_PKEY_get_raw_public_key(evp(key_), reinterpret_cast<unsigned char*>(raw.data()), &size);
  OA_CHECK(done == 1 && size == kPublicBytes);
  auto key = Ed25519PublicKey::from_raw(raw);
  OA_CHECK(key.has_value());
  return std::move(*key);
}

std::string Ed25519PrivateKey::sign(std::string_view message) const {
  const DigestContext context(EVP_MD_CTX_new());
  OA_CHECK(context != nullptr);
  OA_CHECK(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, evp(key_)) == 1);
  std::string signature(kSignatureBytes, '\0');
  std::size_t size = signature.size();
  const int done = EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()),
                                  &size, bytes_of(message), message.size());
  OA_CHECK(done == 1 && size == kSignatureBytes);
  return signature;
}

}  // namespace openavail::crypto
