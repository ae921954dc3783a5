#include "crypto/libraries.h"

#include <openssl/crypto.h>

namespace openavail::crypto {

std::vector<Library> libraries() {
  // libargon2 can't be asked; the build asks its package.
  return {{"OpenSSL", OpenSSL_version(OPENSSL_VERSION_STRING)},
          {"argon2", OPENAVAIL_ARGON2_VERSION}};
}

}  // namespace openavail::crypto
