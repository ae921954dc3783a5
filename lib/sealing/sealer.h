// Secrets at rest: AES-256-GCM under a key that lies in a 0600 file of its own. A sealed value is
// bound to the place it stands in, so that a moved or copied one does not open (security design,
// M).
//
//   version (1 byte) || key id (8) || nonce (12) || ciphertext || tag (16)
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "base/entropy.h"
#include "base/result.h"
#include "crypto/secret_bytes.h"

namespace openavail::sealing {

// Where a sealed value stands.
struct Place {
  std::string_view table;
  std::string_view row;
  std::string_view column;
  std::string_view owner;
};

// Thread rule: safe from any thread.
class Sealer {
 public:
  // The key is read from `key_path` at the first use, and made there where there is none yet.
  Sealer(std::string key_path, Entropy& entropy);

  // Errors: internal (the key can't be read or made).
  Result<std::string> seal(const Place& place, std::string_view plain);
  // Errors: internal; no plaintext then. A value under another key says so to the operator.
  Result<std::string> open(const Place& place, std::string_view sealed);

 private:
  Status need_key();

  const std::string key_path_;
  Entropy& entropy_;
  std::mutex mutex_;
  crypto::SecretBytes key_;
  std::string key_id_;
};

}  // namespace openavail::sealing
