// AES-256-GCM (NIST SP 800-38D) with 96-bit nonces and 128-bit tags.
//
// Thread rule: free functions without state.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/secret_bytes.h"

namespace openavail::crypto {

inline constexpr std::size_t kAeadKeyBytes = 32;
inline constexpr std::size_t kAeadNonceBytes = 12;
inline constexpr std::size_t kAeadTagBytes = 16;

using AeadNonce = std::array<std::uint8_t, kAeadNonceBytes>;

// Ciphertext followed by the tag. `key` has kAeadKeyBytes bytes; a nonce is used once with a key.
std::string aes256gcm_seal(const SecretBytes& key, const AeadNonce& nonce,
                           std::string_view associated, std::string_view plain);

// Nothing when the tag does not fit key, nonce, associated data and ciphertext.
std::optional<std::string> aes256gcm_open(const SecretBytes& key, const AeadNonce& nonce,
                                          std::string_view associated, std::string_view sealed);

}  // namespace openavail::crypto
