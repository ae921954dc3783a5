// Making new ids. Everything random comes from the Entropy that is passed in.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/entropy.h"

namespace openavail {

// RFC 9562, section 5.7: 48 bits of Unix milliseconds, then random bits. Lower case, with dashes.
// unix_ms must lie in [0, 2^48).
std::string new_uuid_v7(std::int64_t unix_ms, Entropy& entropy);

// True for the lower- or upper-case 8-4-4-4-12 text of any UUID.
bool is_uuid(std::string_view text);

// The form of an e-mail address: one @ with something before and behind it, no blank or control
// character, nothing that ends an address in a header; at most limits::kEmailBytesMax bytes.
bool is_email_address(std::string_view text);

// `prefix` followed by 22 base62 characters that carry 128 random bits: "own_…", "agt_…".
std::string new_opaque_id(std::string_view prefix, Entropy& entropy);

// Uniform base62 text (0-9 A-Z a-z) of the given length; bias-free by rejection.
std::string random_base62(std::size_t length, Entropy& entropy);

}  // namespace openavail
