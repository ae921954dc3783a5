#include "audit/handover.h"

#include <nlohmann/json.hpp>

#include "audit/signing_key.h"
#include "crypto/digest.h"

namespace openavail::audit {
namespace {

constexpr const char* kKey = "new_public_key";  // raw, base64
constexpr const char* kSignature = "new_key_signature";

std::string handover_text(const std::string& old_key, const std::string& new_key) {
  return "openavail audit log: " + old_key + " hands over to " + new_key + "\n";
}

}  // namespace

std::vector<std::pair<std::string, std::string>> handover_subject(
    const SigningKeyId& old_key, const crypto::Ed25519PrivateKey& new_key) {
  const crypto::Ed25519PublicKey key = new_key.public_key();
  const std::string text = handover_text(old_key.text(), signing_key_id(key).text());
  return {{kKey, crypto::to_base64(key.raw())},
          {kSignature, crypto::to_base64(new_key.sign(text))}};
}

Result<std::optional<TrustedKey>> next_key_in(const nlohmann::json& row) {
  if (row.at("action") != kHandoverAction || row.at("kind") != to_text(Kind::admin)) {
    return std::optional<TrustedKey>{};
  }
  const auto& subject = row.at("subject");
  const auto raw = crypto::from_base64(subject.value(kKey, ""));
  const auto signature = crypto::from_base64(subject.value(kSignature, ""));
  auto key = crypto::Ed25519PublicKey::from_raw(raw.value_or(""));
  if (!key || !signature || signature->empty()) {
    return fail(ErrorCode::verification_failed, "the row names no new signing key");
  }
  TrustedKey next = trusted_key(std::move(*key));
  const std::string text =
      handover_text(row.at("signing_key_id").get<std::string>(), next.id.text());
  if (!next.key.verify(text, *signature)) {
    return fail(ErrorCode::verification_failed, "the new signing key has not signed the change");
  }
  return std::optional(std::move(next));
}

}  // namespace openavail::audit
