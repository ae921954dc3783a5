// Argon2id (RFC 9106) with results as PHC strings:
// $argon2id$v=19$m=<KiB>,t=<passes>,p=<lanes>$<salt>$<tag>, base64 without padding.
//
// Each call takes memory_kib KiB and tens of milliseconds: callers bound how many run at once.
// Thread rule: any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace openavail::crypto {

struct Argon2Cost {
  std::uint32_t memory_kib = 0;  // 8 per lane to kArgon2MemoryKibMax
  std::uint32_t passes = 0;      // 1 to kArgon2PassesMax
  std::uint32_t lanes = 0;       // 1 to kArgon2LanesMax
};

// A stored string that asks for more than this is refused: whoever can write it could otherwise
// stop the process.
inline constexpr std::uint32_t kArgon2MemoryKibMax = 256 * 1024;
inline constexpr std::uint32_t kArgon2PassesMax = 16;
inline constexpr std::uint32_t kArgon2LanesMax = 16;

// A tag of 32 bytes over `secret`. The salt has 8 to 64 bytes. Errors: internal (out of memory).
Result<std::string> argon2id_phc(std::span<const std::uint8_t> secret,
                                 std::span<const std::uint8_t> salt, const Argon2Cost& cost);

// Whether `secret` gives the tag of `phc`, at the cost that `phc` names. Compares in constant time.
// Errors: internal when `phc` is not such a string, its cost is above the bounds, or out of memory.
Result<bool> argon2id_matches(std::span<const std::uint8_t> secret, std::string_view phc);

}  // namespace openavail::crypto
