#include "crypto/argon2id.h"

#include <argon2.h>

#include <charconv>
#include <optional>

#include "base/check.h"
#include "crypto/digest.h"
#include "crypto/secret_bytes.h"

namespace openavail::crypto {
namespace {

constexpr std::size_t kTagBytes = 32;
constexpr std::size_t kTagBytesMin = 16;
constexpr std::size_t kTagBytesMax = 64;
constexpr std::size_t kSaltBytesMin = 8;
constexpr std::size_t kSaltBytesMax = 64;
constexpr std::size_t kPhcBytesMax = 512;

struct Phc {
  Argon2Cost cost;
  std::string salt;
  std::string tag;
};

bool within_bounds(const Argon2Cost& cost) {
  return cost.lanes >= 1 && cost.lanes <= kArgon2LanesMax && cost.passes >= 1 &&
         cost.passes <= kArgon2PassesMax && cost.memory_kib >= 8 * cost.lanes &&
         cost.memory_kib <= kArgon2MemoryKibMax;
}

bool take(std::string_view& rest, std::string_view expected) {
  if (!rest.starts_with(expected)) return false;
  rest.remove_prefix(expected.size());
  return true;
}

// A decimal number without sign or leading zeros.
bool take_number(std::string_view& rest, std::uint32_t& value) {
  if (rest.empty() || rest.front() == '0') return false;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
  if (error != std::errc{}) return false;
  rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
  return true;
}

std::string unpadded_base64(std::string_view bytes) {
  std::string text = to_base64(bytes);
  while (!text.empty() && text.back() == '=') text.pop_back();
  return text;
}

std::optional<std::string> from_unpadded_base64(std::string_view text) {
  if (text.empty() || text.back() == '=') return std::nullopt;
  std::string padded(text);
  while (padded.size() % 4 != 0) padded += '=';
  return from_base64(padded);
}

std::optional<Phc> parse_phc(std::string_view text) {
  if (text.size() > kPhcBytesMax) return std::nullopt;
  Phc phc;
  if (!take(text, "$argon2id$v=19$m=") || !take_number(text, phc.cost.memory_kib) ||
      !take(text, ",t=") || !take_number(text, phc.cost.passes) || !take(text, ",p=") ||
      !take_number(text, phc.cost.lanes) || !take(text, "$") || !within_bounds(phc.cost)) {
    return std::nullopt;
  }
  const std::size_t divider = text.find('$');
  if (divider == std::string_view::npos) return std::nullopt;
  auto salt = from_unpadded_base64(text.substr(0, divider));
  auto tag = from_unpadded_base64(text.substr(divider + 1));
  if (!salt || salt->size() < kSaltBytesMin || salt->size() > kSaltBytesMax) return std::nullopt;
  if (!tag || tag->size() < kTagBytesMin || tag->size() > kTagBytesMax) return std::nullopt;
  phc.salt = std::move(*salt);
  phc.tag = std::move(*tag);
  return phc;
}

std::span<const std::uint8_t> as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string_view as_text(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Result<SecretBytes> tag_of(std::span<const std::uint8_t> secret, std::span<const std::uint8_t> salt,
                           const Argon2Cost& cost, std::size_t tag_bytes) {
  SecretBytes tag(tag_bytes);
  const int outcome =
      argon2id_hash_raw(cost.passes, cost.memory_kib, cost.lanes, secret.data(), secret.size(),
                        salt.data(), salt.size(), tag.mutable_view().data(), tag_bytes);
  if (outcome == ARGON2_MEMORY_ALLOCATION_ERROR || outcome == ARGON2_THREAD_FAIL) {
    return fail(ErrorCode::internal, "There is not enough memory to check a secret.",
                "Try again later.");
  }
  OA_CHECK(outcome == ARGON2_OK);
  return tag;
}

}  // namespace

Result<std::string> argon2id_phc(std::span<const std::uint8_t> secret,
                                 std::span<const std::uint8_t> salt, const Argon2Cost& cost) {
  OA_CHECK(within_bounds(cost));
  OA_CHECK(salt.size() >= kSaltBytesMin && salt.size() <= kSaltBytesMax);
  OA_TRY(const SecretBytes tag, tag_of(secret, salt, cost, kTagBytes));
  return "$argon2id$v=19$m=" + std::to_string(cost.memory_kib) +
         ",t=" + std::to_string(cost.passes) + ",p=" + std::to_string(cost.lanes) + "$" +
         unpadded_base64(as_text(salt)) + "$" + unpadded_base64(as_text(tag.view()));
}

Result<bool> argon2id_matches(std::span<const std::uint8_t> secret, std::string_view phc) {
  const std::optional<Phc> stored = parse_phc(phc);
  if (!stored) {
    return fail(ErrorCode::internal, "A stored secret can't be read.",
                "Ask the administrator to issue a new one.");
  }
  OA_TRY(const SecretBytes tag,
         tag_of(secret, as_bytes(stored->salt), stored->cost, stored->tag.size()));
  return equal_in_constant_time(tag.view(), as_bytes(stored->tag));
}

}  // namespace openavail::crypto
