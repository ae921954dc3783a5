#include "base/identifiers.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/limits.h"
#include "base/utf8.h"

namespace openavail {
namespace {

constexpr std::string_view kBase62 =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::size_t kOpaqueIdCharacters = 22;
// The largest multiple of 62 that fits a byte: bytes at or above it would favour early letters.
constexpr unsigned kBase62Ceiling = 248;

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

}  // namespace

std::string new_uuid_v7(std::int64_t unix_ms, Entropy& entropy) {
  OA_CHECK(unix_ms >= 0 && unix_ms < (std::int64_t{1} << 48));
  std::array<std::uint8_t, 16> bytes{};
  entropy.fill(bytes);
  for (int i = 0; i < 6; ++i) {
    bytes[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(unix_ms >> (8 * (5 - i)));
  }
  bytes[6] = static_cast<std::uint8_t>(0x70 | (bytes[6] & 0x0f));
  bytes[8] = static_cast<std::uint8_t>(0x80 | (bytes[8] & 0x3f));
  std::string text;
  text.reserve(36);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += kHex[bytes[i] >> 4];
    text += kHex[bytes[i] & 0x0f];
  }
  return text;
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !is_hex(text[i])) return false;
  }
  return true;
}

std::string random_base62(std::size_t length, Entropy& entropy) {
  std::string text;
  text.reserve(length);
  std::array<std::uint8_t, 64> pool{};
  while (text.size() < length) {
    entropy.fill(pool);
    for (const std::uint8_t byte : pool) {
      if (text.size() == length) break;
      if (byte < kBase62Ceiling) text += kBase62[byte % 62];
    }
  }
  return text;
}

std::string new_opaque_id(std::string_view prefix, Entropy& entropy) {
  return std::string(prefix) + random_base62(kOpaqueIdCharacters, entropy);
}

bool is_email_address(std::string_view text) {
  const auto at = text.find('@');
  return is_utf8(text) && text.size() <= limits::kEmailBytesMax && at != std::string_view::npos &&
         at > 0 && at + 1 < text.size() && text.find('@', at + 1) == std::string_view::npos &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) > 0x20 && c != 0x7f && c != ',' && c != '<' &&
                  c != '>' && c != '"';
         });
}

}  // namespace openavail
