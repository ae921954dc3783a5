#include "crypto/certificate.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <memory>

#include "base/check.h"
#include "crypto/openssl_start.h"

namespace openavail::crypto {
namespace {

constexpr std::size_t kSerialBytes = 16;

template <auto Free>
struct Freeing {
  template <class T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freeing<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freeing<X509_free>>;
using Bio = std::unique_ptr<BIO, Freeing<BIO_free_all>>;
using Number = std::unique_ptr<BIGNUM, Freeing<BN_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freeing<X509_EXTENSION_free>>;
using Address = std::unique_ptr<ASN1_OCTET_STRING, Freeing<ASN1_OCTET_STRING_free>>;

bool is_host_name(const std::string& name) {
  return !name.empty() && name.size() <= 253 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '.' || c == '*';
  });
}

Result<std::string> alternative_names(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) {
    const Address address(a2i_IPADDRESS(name.c_str()));
    if (!address && !is_host_name(name)) {
      return fail(ErrorCode::validation_failed, "not a host name or address: " + name,
                  "name hosts like calendar.example.org or 127.0.0.1");
    }
    list += (list.empty() ? "" : ",") + std::string(address ? "IP:" : "DNS:") + name;
  }
  if (!list.empty()) return list;
  return fail(ErrorCode::validation_failed, "a certificate needs a name", "name a host");
}

void add_extension(X509* certificate, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  OA_CHECK(extension != nullptr);
  OA_CHECK(X509_add_ext(certificate, extension.get(), -1) == 1);
}

void set_serial(X509* certificate, Entropy& entropy) {
  std::array<std::uint8_t, kSerialBytes> bytes{};
  entropy.fill(bytes);
  bytes[0] &= 0x7f;  // positive
  const Number serial(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
  OA_CHECK(serial != nullptr);
  OA_CHECK(BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate)) != nullptr);
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<std::size_t>(size));
}

}  // namespace

Result<SelfSigned> make_self_signed(const std::vector<std::string>& names, std::int64_t now_ms,
                                    std::chrono::hours life, Entropy& entropy) {
  start_openssl();
  OA_TRY(const std::string alternatives, alternative_names(names));
  const Key key(EVP_EC_gen("P-256"));
  const Certificate certificate(X509_new());
  OA_CHECK(key != nullptr && certificate != nullptr);
  OA_CHECK(X509_set_version(certificate.get(), X509_VERSION_3) == 1);
  set_serial(certificate.get(), entropy);
  const auto now = static_cast<time_t>(now_ms / 1000);
  const auto end = now + static_cast<time_t>(std::chrono::seconds(life).count());
  OA_CHECK(ASN1_TIME_set(X509_getm_notBefore(certificate.get()), now) != nullptr);
  OA_CHECK(ASN1_TIME_set(X509_getm_notAfter(certificate.get()), end) != nullptr);
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  const std::string& common = names.front();
  OA_CHECK(X509_NAME_add_entry_by_txt(
               subject, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(common.data()),
               static_cast<int>(std::min<std::size_t>(common.size(), 64)), -1, 0) == 1);
  OA_CHECK(X509_set_issuer_name(certificate.get(), subject) == 1);
  OA_CHECK(X509_set_pubkey(certificate.get(), key.get()) == 1);
  add_extension(certificate.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  add_extension(certificate.get(), NID_key_usage, "critical,digitalSignature,keyCertSign");
  add_extension(certificate.get(), NID_ext_key_usage, "serverAuth");
  add_extension(certificate.get(), NID_subject_alt_name, alternatives.c_str());
  OA_CHECK(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0);

  const Bio certificate_text(BIO_new(BIO_s_mem()));
  const Bio key_text(BIO_new(BIO_s_secmem()));
  OA_CHECK(PEM_write_bio_X509(certificate_text.get(), certificate.get()) == 1);
  OA_CHECK(PEM_write_bio_PKCS8PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                         nullptr) == 1);
  return SelfSigned{text_of(certificate_text.get()), SecretText(text_of(key_text.get()))};
}

Result<std::int64_t> certificate_end_ms(const std::string& pem) {
  start_openssl();
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const Certificate certificate(bio ? PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)
                                    : nullptr);
  tm end{};
  if (!certificate || ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &end) != 1) {
    return fail(ErrorCode::validation_failed, "not a certificate in PEM", "check the file");
  }
  return static_cast<std::int64_t>(timegm(&end)) * 1000;
}

}  // namespace openavail::crypto
