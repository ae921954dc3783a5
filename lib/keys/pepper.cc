#include <utility>

#include "base/identifiers.h"
#include "crypto/digest.h"
#include "crypto/private_file.h"
#include "keys/verifier.h"

namespace openavail::keys {
namespace {

// The file: three lines, each with its newline.
constexpr std::string_view kFirstLine = "openavail pepper 1\n";
constexpr std::string_view kIdLine = "id ";
constexpr std::string_view kSecretLine = "\nsecret ";
constexpr std::string_view kIdPrefix = "pep_";
constexpr std::size_t kIdCharacters = 26;
constexpr std::size_t kPepperBytes = 32;

bool take(std::string_view& rest, std::string_view expected) {
  if (!rest.starts_with(expected)) return false;
  rest.remove_prefix(expected.size());
  return true;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// 64 lower-case characters into 32 bytes.
bool read_hex(std::string_view text, std::span<std::uint8_t> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int high = hex_value(text[2 * i]);
    const int low = hex_value(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    out[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return true;
}

}  // namespace

Result<Pepper> Pepper::make(const std::string& path, Entropy& entropy) {
  Pepper pepper;
  pepper.id_ = new_opaque_id(kIdPrefix, entropy);
  pepper.bytes_ = crypto::SecretBytes(kPepperBytes);
  entropy.fill(pepper.bytes_.mutable_view());
  const auto raw = pepper.bytes_.view();
  const crypto::SecretText hex(
      crypto::to_hex({reinterpret_cast<const char*>(raw.data()), raw.size()}));
  std::string contents;
  contents.reserve(256);
  contents += kFirstLine;
  contents += kIdLine;
  contents += pepper.id_;
  contents += kSecretLine;
  contents += hex.reveal();
  contents += '\n';
  const crypto::SecretText file(std::move(contents));
  OA_TRY_STATUS(crypto::create_private_file(path, file.reveal(), entropy));
  return pepper;
}

Result<Pepper> Pepper::load(const std::string& path) {
  OA_TRY(const crypto::SecretText file, crypto::load_private_file(path));
  std::string_view rest = file.reveal();
  Pepper pepper;
  pepper.bytes_ = crypto::SecretBytes(kPepperBytes);
  bool good = take(rest, kFirstLine) && take(rest, kIdLine) && rest.starts_with(kIdPrefix) &&
              rest.size() == kIdCharacters + kSecretLine.size() + 2 * kPepperBytes + 1;
  if (good) {
    pepper.id_ = std::string(rest.substr(0, kIdCharacters));
    rest.remove_prefix(kIdCharacters);
    good = take(rest, kSecretLine) && rest.back() == '\n' &&
           read_hex(rest.substr(0, 2 * kPepperBytes), pepper.bytes_.mutable_view());
  }
  if (!good) {
    Error error(ErrorCode::internal, "A secret file can't be used.",
                "Ask the administrator to run: openavail doctor");
    error.with_operator_detail(path + ": not a pepper file; restore it from a backup");
    return fail(std::move(error));
  }
  return pepper;
}

}  // namespace openavail::keys
