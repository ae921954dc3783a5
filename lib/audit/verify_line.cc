#include <charconv>
#include <nlohmann/json.hpp>

#include "audit/canonical.h"
#include "audit/entry.h"
#include "audit/handover.h"
#include "audit/merkle.h"
#include "audit/row_fields.h"
#include "base/limits.h"
#include "crypto/digest.h"

namespace openavail::audit {
namespace {

using Json = nlohmann::json;

tl::unexpected<Error> wrong(std::string what) {
  return fail(ErrorCode::verification_failed, std::move(what));
}

std::optional<std::string> bytes_of(const Json& line, const char* name) {
  const auto member = line.find(name);
  if (member == line.end() || !member->is_string()) return std::nullopt;
  return crypto::from_base64(member->get_ref<const std::string&>());
}

// The members beside the row, as far as they say how it is protected.
struct Beside {
  std::optional<std::string> leaf_hash, row_signature, signature;
  bool is_signed = true;
};

std::optional<Beside> beside_of(const Json& line) {
  const auto is_null = [&](const char* name) {
    return line.contains(name) && line.at(name).is_null();
  };
  Beside found;
  found.is_signed = !(is_null("row_signature") && is_null("signature"));
  if (!line.contains("row") || !line.contains("owner_email") || !line.contains("row_signature") ||
      !line.contains("signature") || line.size() != (found.is_signed ? 4u : 5u)) {
    return std::nullopt;
  }
  found.leaf_hash = bytes_of(line, "leaf_hash");
  found.row_signature = bytes_of(line, "row_signature");
  found.signature = bytes_of(line, "signature");
  return found;
}

std::int64_t retired_through(const Json& row) {
  if (row.at("action") != kRetireAction || row.at("kind") != to_text(Kind::admin)) return 0;
  const std::string text = row.at("subject").value("through", "");
  std::int64_t through = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), through);
  return error == std::errc() && end == text.data() + text.size() ? through : 0;
}

Status check_signatures(const Json& row, const SealedRow& sealed,
                        const std::vector<TrustedKey>& keys) {
  const SigningKeyId key_id(row.at("signing_key_id").get<std::string>());
  const auto key = std::find_if(keys.begin(), keys.end(),
                                [&](const TrustedKey& trusted) { return trusted.id == key_id; });
  if (key == keys.end()) {
    return wrong("the row names the signing key " + key_id.text() +
                 ", which is none of the public keys given");
  }
  if (!sealed.is_signed()) {
    if (row.at("kind") == to_text(Kind::access)) return {};
    return wrong("the row has no signature, and only rows of kind access may have none");
  }
  if (!key->key.verify(sealed.canonical, sealed.row_signature)) {
    return wrong("row_signature does not match the row");
  }
  if (!key->key.verify(signed_text_of(row), sealed.signature)) {
    return wrong("signature does not match the row");
  }
  return {};
}

}  // namespace

Result<CheckedRow> check_row(std::string_view line, const std::vector<TrustedKey>& keys) {
  if (line.size() > limits::kJsonLineBytesMax) return wrong("the line is too long");
  if (!is_shallow(line)) return wrong("the line is not an exported row: too deeply nested");
  const Json parsed = Json::parse(line, nullptr, false);
  if (!parsed.is_object()) return wrong("the line is not an exported row: not a JSON object");
  const auto beside = beside_of(parsed);
  if (!beside) {
    return wrong(
        "the line is not an exported row: it must hold owner_email, row, row_signature "
        "and signature");
  }
  const Json& row = parsed.at("row");
  const Json& email = parsed.at("owner_email");
  if (!email.is_null() && !email.is_string()) return wrong("owner_email has the wrong type");
  if (beside->is_signed && (!beside->row_signature || !beside->signature)) {
    return wrong("a signature is not base64");
  }
  if (!beside->is_signed && !beside->leaf_hash) return wrong("leaf_hash is not base64");
  if (row.is_object() && row.contains("row_version") && row.at("row_version") != kRowVersion) {
    return wrong("the row has a row_version that this program does not know");
  }
  if (auto problem = row_problem(row)) return wrong(std::move(*problem));
  if (!can_be_canonical(row)) return wrong("the row is not in canonical form");

  // Whatever a second reader could read differently (white space, escapes, the order of members,
  // a member twice) makes the line differ from the one that is written from what was read here.
  SealedRow sealed;
  sealed.canonical = canonical_json(row);
  sealed.leaf_hash = hash_leaf(sealed.canonical);
  sealed.signature = beside->signature.value_or("");
  sealed.row_signature = beside->row_signature.value_or("");
  if (!beside->is_signed && *beside->leaf_hash != sealed.leaf_hash) {
    return wrong("leaf_hash does not match the row");
  }
  const auto address =
      email.is_null() ? std::nullopt : std::optional<std::string>(email.get<std::string>());
  if (export_line(sealed, address) != line) return wrong("the row is not in canonical form");
  sealed.seq = row.at("seq").get<std::int64_t>();
  if (sealed.seq < 1) return wrong("seq is not a positive number");
  OA_TRY_STATUS(check_signatures(row, sealed, keys));
  OA_TRY(auto next_key, next_key_in(row));
  return CheckedRow{sealed.seq,          std::move(sealed.leaf_hash),
                    sealed.is_signed(),  row.at("action").get<std::string>(),
                    std::move(next_key), retired_through(row)};
}

Result<std::int64_t> verify_line(std::string_view line, const std::vector<TrustedKey>& keys) {
  OA_TRY(const CheckedRow row, check_row(line, keys));
  return row.seq;
}

}  // namespace openavail::audit
