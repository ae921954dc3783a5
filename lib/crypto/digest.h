// SHA-256, HMAC-SHA-256, and the encodings of bytes that go with them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace openavail::crypto {

std::string sha256(std::string_view data);      // 32 raw bytes
std::string sha256_hex(std::string_view data);  // 64 lower-case hex characters
std::string hmac_sha256(std::span<const std::uint8_t> key, std::string_view data);  // 32 raw bytes

std::string to_hex(std::string_view bytes);
std::string to_base64(std::string_view bytes);                  // RFC 4648, padded
std::optional<std::string> from_base64(std::string_view text);  // nothing on any irregularity

}  // namespace openavail::crypto
