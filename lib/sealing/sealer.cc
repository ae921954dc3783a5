#include "sealing/sealer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "crypto/aead.h"
#include "crypto/digest.h"
#include "crypto/private_file.h"

namespace openavail::sealing {
namespace {

constexpr char kVersion = '\x01';
constexpr std::size_t kKeyIdBytes = 8;
constexpr std::size_t kHeadBytes = 1 + kKeyIdBytes + crypto::kAeadNonceBytes;

// Each part with its length in front, so that no two places read the same.
std::string associated_data(const Place& place, std::string_view key_id) {
  std::string data(1, kVersion);
  for (const std::string_view part : {place.table, place.row, place.column, place.owner, key_id}) {
    data += std::to_string(part.size()) + ":";
    data += part;
  }
  return data;
}

Error unreadable(const std::string& why) {
  return Error(ErrorCode::internal, "a sealed value can't be opened",
               "an administrator should run openavail doctor")
      .with_operator_detail("sealing: " + why);
}

}  // namespace

Sealer::Sealer(std::string key_path, Entropy& entropy)
    : key_path_(std::move(key_path)), entropy_(entropy) {}

Status Sealer::need_key() {
  const std::lock_guard lock(mutex_);
  if (!key_.empty()) return {};
  std::array<std::uint8_t, crypto::kAeadKeyBytes> fresh{};
  entropy_.fill(fresh);
  const std::string_view fresh_text(reinterpret_cast<const char*>(fresh.data()), fresh.size());
  const Status made =
      crypto::create_private_file(key_path_, crypto::to_base64(fresh_text), entropy_);
  // Of two that make it at once one wins, and both read what it made.
  if (!made && made.error().code() != ErrorCode::state_conflict) return fail(made.error());
  OA_TRY(const auto text, crypto::load_private_file(key_path_));
  const auto bytes = crypto::from_base64(text.reveal());
  if (!bytes || bytes->size() != crypto::kAeadKeyBytes) {
    return fail(unreadable(key_path_ + " holds no key"));
  }
  crypto::SecretBytes key(bytes->size());
  std::copy(bytes->begin(), bytes->end(), key.mutable_view().begin());
  key_id_ = crypto::sha256("openavail sealing key id" + *bytes).substr(0, kKeyIdBytes);
  key_ = std::move(key);
  return {};
}

Result<std::string> Sealer::seal(const Place& place, std::string_view plain) {
  OA_TRY_STATUS(need_key());
  crypto::AeadNonce nonce{};
  entropy_.fill(nonce);
  std::string out(1, kVersion);
  out += key_id_;
  out.append(nonce.begin(), nonce.end());
  return out + crypto::aes256gcm_seal(key_, nonce, associated_data(place, key_id_), plain);
}

Result<std::string> Sealer::open(const Place& place, std::string_view sealed) {
  OA_TRY_STATUS(need_key());
  if (sealed.size() < kHeadBytes || sealed.front() != kVersion) {
    return fail(unreadable("it has no form of ours"));
  }
  if (sealed.substr(1, kKeyIdBytes) != key_id_) {
    return fail(unreadable("it was sealed under another key than " + key_path_ + " holds"));
  }
  crypto::AeadNonce nonce{};
  std::copy_n(sealed.begin() + 1 + kKeyIdBytes, nonce.size(), nonce.begin());
  auto plain = crypto::aes256gcm_open(key_, nonce, associated_data(place, key_id_),
                                      sealed.substr(kHeadBytes));
  if (!plain) return fail(unreadable("it was changed, or moved from another place"));
  return *std::move(plain);
}

}  // namespace openavail::sealing
