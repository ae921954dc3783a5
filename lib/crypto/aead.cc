#include "crypto/aead.h"

#include <openssl/evp.h>

#include <memory>

#include "base/check.h"
#include "crypto/openssl_start.h"

namespace openavail::crypto {
namespace {

struct ContextFree {
  void operator()(EVP_CIPHER_CTX* c) const { EVP_CIPHER_CTX_free(c); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, ContextFree>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

}  // namespace

std::string aes256gcm_seal(const SecretBytes& key, const AeadNonce& nonce,
                           std::string_view associated, std::string_view plain) {
  OA_CHECK(key.view().size() == kAeadKeyBytes);
  start_openssl();
  const Context context(EVP_CIPHER_CTX_new());
  std::string sealed(plain.size() + kAeadTagBytes, '\0');
  int length = 0;
  OA_CHECK(context != nullptr);
  OA_CHECK(EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.view().data(),
                              nonce.data()) == 1);
  OA_CHECK(EVP_EncryptUpdate(context.get(), nullptr, &length, bytes_of(associated),
                             static_cast<int>(associated.size())) == 1);
  OA_CHECK(EVP_EncryptUpdate(context.get(), bytes_of(sealed), &length, bytes_of(plain),
                             static_cast<int>(plain.size())) == 1);
  OA_CHECK(EVP_EncryptFinal_ex(context.get(), bytes_of(sealed) + length, &length) == 1);
  OA_CHECK(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kAeadTagBytes,
                               bytes_of(sealed) + plain.size()) == 1);
  return sealed;
}

std::optional<std::string> aes256gcm_open(const SecretBytes& key, const AeadNonce& nonce,
                                          std::string_view associated, std::string_view sealed) {
  OA_CHECK(key.view().size() == kAeadKeyBytes);
  if (sealed.size() < kAeadTagBytes) return std::nullopt;
  start_openssl();
  const std::size_t size = sealed.size() - kAeadTagBytes;
  std::string tag(sealed.substr(size));
  const Context context(EVP_CIPHER_CTX_new());
  std::string plain(size, '\0');
  int length = 0;
  OA_CHECK(context != nullptr);
  OA_CHECK(EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.view().data(),
                              nonce.data()) == 1);
  OA_CHECK(EVP_DecryptUpdate(context.get(), nullptr, &length, bytes_of(associated),
                             static_cast<int>(associated.size())) == 1);
  OA_CHECK(EVP_DecryptUpdate(context.get(), bytes_of(plain), &length, bytes_of(sealed),
                             static_cast<int>(size)) == 1);
  OA_CHECK(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kAeadTagBytes, bytes_of(tag)) ==
           1);
  unsigned char rest[kAeadTagBytes];
  if (EVP_DecryptFinal_ex(context.get(), rest, &length) != 1) return std::nullopt;
  return plain;
}

}  // namespace openavail::crypto
