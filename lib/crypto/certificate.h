// A self-signed certificate for a first try of TLS.
//
// Thread rule: a free function without state.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/entropy.h"
#include "base/result.h"
#include "crypto/secret_bytes.h"

namespace openavail::crypto {

struct SelfSigned {
  std::string certificate_pem;
  SecretText key_pem;  // PKCS#8
};

// ECDSA P-256, valid from `now_ms` (milliseconds since 1970) for `life`. Each of `names` is a host
// name or a numeric address and becomes a subject alternative name (RFC 5280, 4.2.1.6). Errors:
// validation_failed for a name that is neither.
Result<SelfSigned> make_self_signed(const std::vector<std::string>& names, std::int64_t now_ms,
                                    std::chrono::hours life, Entropy& entropy);

// When a certificate (PEM, the first one) ends, in milliseconds since 1970. Errors:
// validation_failed.
Result<std::int64_t> certificate_end_ms(const std::string& pem);

}  // namespace openavail::crypto
