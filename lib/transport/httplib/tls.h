// The server's side of TLS (security design, D): 1.3 alone, three suites, three groups, no tickets,
// no early data.
//
// Thread rule: contexts are shared by all threads; the rest are free functions.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "base/result.h"
#include "transport/server.h"

namespace openavail::transport {

using TlsContext = std::shared_ptr<SSL_CTX>;

struct SslFree {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
using Ssl = std::unique_ptr<SSL, SslFree>;

// Errors: validation_failed, naming the file and what is wrong with it; internal.
Result<TlsContext> load_tls(const TlsFiles& files);

// What OpenSSL has to say about the last failure of this thread, and forgets it.
std::string openssl_reason();

}  // namespace openavail::transport
