#include "crypto/openssl_start.h"

#include <openssl/crypto.h>

#include "base/check.h"

namespace openavail::crypto {

void start_openssl() {
  // No atexit handler: worker threads may still be signing while the process ends.
  static const bool started =
      OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, nullptr) == 1;
  OA_CHECK(started);
}

}  // namespace openavail::crypto
