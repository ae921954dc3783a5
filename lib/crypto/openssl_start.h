// Internal to this room: the one way OpenSSL is started, at the first use and never before, because
// an agent's client starts a process each time.
#pragma once

namespace openavail::crypto {

// Idempotent; any thread. Reads no openssl.cnf: neither a file nor OPENSSL_CONF in the environment
// may load code into this process or change an algorithm.
void start_openssl();

}  // namespace openavail::crypto
