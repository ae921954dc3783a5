#include "audit/receipt.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "audit/canonical.h"
#include "base/limits.h"
#include "crypto/digest.h"

namespace openavail::audit {
namespace {

using Json = nlohmann::json;

tl::unexpected<Error> wrong(const char* what) { return fail(ErrorCode::verification_failed, what); }

std::string quoted_or_null(const std::string& bytes) {
  return bytes.empty() ? "null" : '"' + crypto::to_base64(bytes) + '"';
}

std::string bytes_in(const Json& value) {
  if (!value.is_string()) return {};
  return crypto::from_base64(value.get_ref<const std::string&>()).value_or("");
}

bool has_the_members(const Json& receipt) {
  constexpr const char* kNames[] = {
      "checkpoint", "inclusion_proof", "leaf_index", "receipt_version",
      "row",        "row_signature",   "signature"};
  return receipt.is_object() && receipt.size() == std::size(kNames) &&
         std::all_of(std::begin(kNames), std::end(kNames),
                     [&](const char* name) { return receipt.contains(name); }) &&
         receipt.at("checkpoint").is_string() && receipt.at("inclusion_proof").is_array() &&
         receipt.at("leaf_index").is_number_integer();
}

}  // namespace

std::string write_receipt(const SealedRow& row, const Inclusion& inclusion) {
  Json proof = Json::array();
  for (const Hash& hash : inclusion.proof) proof.push_back(crypto::to_base64(hash));
  return R"({"checkpoint":)" + canonical_json(inclusion.checkpoint) + R"(,"inclusion_proof":)" +
         canonical_json(proof) + R"(,"leaf_index":)" + std::to_string(inclusion.leaf_index) +
         R"(,"receipt_version":)" + std::to_string(kReceiptVersion) + R"(,"row":)" + row.canonical +
         R"(,"row_signature":)" + quoted_or_null(row.row_signature) + R"(,"signature":)" +
         quoted_or_null(row.signature) + '}';
}

Result<CheckedReceipt> check_receipt(std::string_view text, const std::vector<TrustedKey>& keys) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  if (text.size() > limits::kJsonLineBytesMax) return wrong("the receipt is too long");
  if (!is_shallow(text)) return wrong("the receipt is too deeply nested");
  const Json receipt = Json::parse(text, nullptr, false);
  if (!has_the_members(receipt)) return wrong("this is not a receipt");
  if (receipt.at("receipt_version") != kReceiptVersion) {
    return wrong("the receipt has a receipt_version that this program does not know");
  }
  const Json& row = receipt.at("row");
  if (!can_be_canonical(row)) return wrong("the row is not in canonical form");

  SealedRow sealed;
  sealed.canonical = canonical_json(row);
  sealed.leaf_hash = hash_leaf(sealed.canonical);
  sealed.signature = bytes_in(receipt.at("signature"));
  sealed.row_signature = bytes_in(receipt.at("row_signature"));
  Inclusion inclusion;
  inclusion.checkpoint = receipt.at("checkpoint").get<std::string>();
  inclusion.leaf_index = receipt.at("leaf_index").get<std::int64_t>();
  for (const Json& hash : receipt.at("inclusion_proof")) {
    inclusion.proof.push_back(bytes_in(hash));
    if (inclusion.proof.back().size() != kHashBytes) return wrong("a hash is not 32 bytes");
  }
  // One way to write it, so that every reader reads the same.
  if (write_receipt(sealed, inclusion) != text)
    return wrong("the receipt is not in canonical form");

  OA_TRY(CheckedRow checked, check_row(export_line(sealed, std::nullopt), keys));
  OA_TRY(Checkpoint checkpoint, open_checkpoint(inclusion.checkpoint, keys));
  if (inclusion.leaf_index != checked.seq - 1) {
    return wrong("leaf_index is not that of the row's seq");
  }
  OA_TRY_STATUS(verify_inclusion(checked.leaf_hash, inclusion.leaf_index, checkpoint.head.size,
                                 inclusion.proof, checkpoint.head.root));
  return CheckedReceipt{std::move(checked), std::move(sealed.canonical), std::move(checkpoint)};
}

}  // namespace openavail::audit
