#include "keys/key_text.h"

#include <algorithm>
#include <utility>

#include "base/identifiers.h"
#include "keys/checksum.h"

namespace openavail::keys {
namespace {

constexpr std::string_view kPrefix = "ak_";
constexpr std::string_view kBase62 =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::size_t kDividerAt = kPrefix.size() + kReferenceCharacters;
constexpr std::size_t kChecksumAt = kDividerAt + 1 + kSecretCharacters;
constexpr std::size_t kKeyCharacters = kChecksumAt + kChecksumCharacters;

}  // namespace

std::uint32_t crc32(std::string_view data) {
  // Bit by bit: a key has 65 characters, a table would only be more to read.
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char c : data) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
  }
  return ~crc;
}

std::string checksum_text(std::uint32_t checksum) {
  std::string text(kChecksumCharacters, '0');
  for (std::size_t i = kChecksumCharacters; i > 0; --i) {
    text[i - 1] = kBase62[checksum % 62];
    checksum /= 62;
  }
  return text;
}

NewKey make_key(Entropy& entropy) {
  std::string reference = random_base62(kReferenceCharacters, entropy);
  // 43 base62 characters carry 256.03 bits.
  const crypto::SecretText secret(random_base62(kSecretCharacters, entropy));
  std::string text;
  text.reserve(kKeyCharacters);  // so that no copy of the secret is left behind by growing
  text += kPrefix;
  text += reference;
  text += '_';
  text += secret.reveal();
  text += checksum_text(crc32(text));
  return {KeyRef(std::move(reference)), crypto::SecretText(std::move(text))};
}

std::string without_keys(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t found = text.find(kPrefix, at);
    if (found == std::string_view::npos) return out + std::string(text.substr(at));
    const auto end_of_letters = [&text](std::size_t from) {
      return std::min(text.find_first_not_of(kBase62, from), text.size());
    };
    const std::size_t reference = found + kPrefix.size();
    const std::size_t divider = end_of_letters(reference);
    const bool is_key = divider - reference == kReferenceCharacters && divider < text.size() &&
                        text[divider] == '_';
    const std::size_t end = is_key ? end_of_letters(divider + 1) : reference;
    out += text.substr(at, found - at);
    out += is_key ? "ak_…" : std::string(kPrefix);
    at = end;
  }
  return out;
}

std::optional<KeyRef> parse_key(std::string_view text) {
  if (text.size() != kKeyCharacters || !text.starts_with(kPrefix)) return std::nullopt;
  for (std::size_t i = kPrefix.size(); i < text.size(); ++i) {
    const bool in_place =
        i == kDividerAt ? text[i] == '_' : kBase62.find(text[i]) != std::string_view::npos;
    if (!in_place) return std::nullopt;
  }
  if (checksum_text(crc32(text.substr(0, kChecksumAt))) != text.substr(kChecksumAt)) {
    return std::nullopt;
  }
  return KeyRef(std::string(text.substr(kPrefix.size(), kReferenceCharacters)));
}

}  // namespace openavail::keys
