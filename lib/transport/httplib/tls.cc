#include "transport/httplib/tls.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include "transport/httplib/descriptor.h"

namespace openavail::transport {
namespace {

constexpr std::size_t kKeyFileBytesMax = 64 * 1024;

tl::unexpected<Error> refuse(const std::string& what, const std::string& path,
                             const std::string& why, std::string next = {}) {
  return fail(ErrorCode::validation_failed,
              "the " + what + " in " + path + " can't be used: " + why, std::move(next));
}

struct BioFree {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
struct PkeyFree {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};

// Wipes itself: for the text of a key.
struct WipedText {
  std::string text;
  ~WipedText() { OPENSSL_cleanse(text.data(), text.size()); }
};

// Without a callback OpenSSL would ask for the pass phrase at the terminal.
int no_pass_phrase(char*, int, int, void*) { return -1; }

// Checked and read through one descriptor, so that it can't be another file in between.
Status read_key_file(const std::string& path, WipedText& into) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  struct stat info {};
  if (!file || fstat(file.get(), &info) != 0) {
    return refuse("private key", path, std::strerror(errno));
  }
  if (!S_ISREG(info.st_mode)) return refuse("private key", path, "it is not a file");
  if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return refuse("private key", path, "its group or others have access to it",
                  "chmod 600 " + path);
  }
  if (info.st_size < 0 || static_cast<std::size_t>(info.st_size) > kKeyFileBytesMax) {
    return refuse("private key", path, "it is too large for a key");
  }
  into.text.resize(static_cast<std::size_t>(info.st_size));
  std::size_t have = 0;
  while (have < into.text.size()) {
    const ssize_t got = read(file.get(), into.text.data() + have, into.text.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return refuse("private key", path, "it changed while it was read");
    have += static_cast<std::size_t>(got);
  }
  return {};
}

Status use_key(SSL_CTX* context, const TlsFiles& files) {
  WipedText pem;
  OA_TRY_STATUS(read_key_file(files.key_path, pem));
  const std::unique_ptr<BIO, BioFree> bio(
      BIO_new_mem_buf(pem.text.data(), static_cast<int>(pem.text.size())));
  const std::unique_ptr<EVP_PKEY, PkeyFree> key(
      bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, no_pass_phrase, nullptr) : nullptr);
  if (!key) {
    ERR_clear_error();
    return refuse("private key", files.key_path, "it is not a PEM key without a pass phrase");
  }
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
    ERR_clear_error();
    return refuse("private key", files.key_path,
                  "it is not the key of the certificate in " + files.certificate_path);
  }
  return {};
}

// A client that offers protocols gets HTTP/1.1 or nothing: what is meant for another protocol can't
// be replayed here.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* offered, unsigned int offered_size, void*) {
  static const unsigned char kOurs[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* chosen = nullptr;
  const int found =
      SSL_select_next_proto(&chosen, out_size, kOurs, sizeof kOurs, offered, offered_size);
  if (found != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_ALERT_FATAL;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

bool restrict_protocol(SSL_CTX* context) {
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  // Idle connections keep no buffers. What a client sends that is no data (a key update) gives the
  // thread back, instead of being read on and on.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_clear_mode(context, SSL_MODE_AUTO_RETRY);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  return SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1 &&
         SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) == 1 &&
         SSL_CTX_set_ciphersuites(context,
                                  "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:"
                                  "TLS_CHACHA20_POLY1305_SHA256") == 1 &&
         SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384") == 1 &&
         SSL_CTX_set_num_tickets(context, 0) == 1 && SSL_CTX_set_max_early_data(context, 0) == 1;
}

}  // namespace

std::string openssl_reason() {
  const unsigned long code = ERR_peek_last_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  std::string text = reason == nullptr ? "no reason given" : reason;
  ERR_clear_error();
  return text;
}

Result<TlsContext> load_tls(const TlsFiles& files) {
  ERR_clear_error();
  TlsContext context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (!context || !restrict_protocol(context.get())) {
    return fail(ErrorCode::internal, "TLS can't be set up: " + openssl_reason());
  }
  if (SSL_CTX_use_certificate_chain_file(context.get(), files.certificate_path.c_str()) != 1) {
    return refuse("certificate", files.certificate_path, openssl_reason());
  }
  OA_TRY_STATUS(use_key(context.get(), files));
  return context;
}

}  // namespace openavail::transport
