// The text of an agent key (security design, A): ak_<12 base62 reference>_<43 base62 secret><6
// base62 CRC-32 of all before>. 65 characters.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/entropy.h"
#include "base/id.h"
#include "crypto/secret_bytes.h"

namespace openavail::keys {

inline constexpr std::size_t kReferenceCharacters = 12;
inline constexpr std::size_t kSecretCharacters = 43;
inline constexpr std::size_t kChecksumCharacters = 6;
// What secret scanners look for; published in SECURITY.md.
inline constexpr std::string_view kScannerPattern = R"(\bak_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}\b)";

struct NewKey {
  KeyRef ref;
  crypto::SecretText text;  // shown once
};

// A fresh key with 256 random bits.
NewKey make_key(Entropy& entropy);

// The same text without what looks like a key or the beginning of one: for what is told of input
// that was not understood, where a key may have got to by mistake. Of a key "ak_…" is left.
std::string without_keys(std::string_view text);

// The reference, if form and checksum are right; nothing otherwise. No hash, no store.
std::optional<KeyRef> parse_key(std::string_view text);

}  // namespace openavail::keys
