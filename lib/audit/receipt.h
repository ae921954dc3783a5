// A receipt: one row with all that proves it, so that whoever has the log's public key can check it
// without the log. It holds no personal data besides what the row holds.
//
// A JSON object: checkpoint, inclusion_proof, leaf_index, receipt_version, row, row_signature,
// signature (both null for a row of kind access).
//
// Thread rule: plain values and free functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "audit/checkpoint.h"
#include "audit/entry.h"
#include "audit/proof.h"
#include "base/result.h"

namespace openavail::audit {

inline constexpr int kReceiptVersion = 1;

// Where a row stands in the tree of a checkpoint.
struct Inclusion {
  std::int64_t leaf_index = 0;
  std::vector<Hash> proof;
  std::int64_t tree_size = 0;
  std::string checkpoint;  // the note
};

// One line, no newline. The row's canonical bytes stand in it unchanged.
std::string write_receipt(const SealedRow& row, const Inclusion& inclusion);

struct CheckedReceipt {
  CheckedRow row;
  std::string canonical;  // of the row
  Checkpoint checkpoint;
};
// Against the public keys that the caller trusts: signatures, proof, checkpoint. Errors:
// verification_failed, naming what is wrong.
Result<CheckedReceipt> check_receipt(std::string_view receipt, const std::vector<TrustedKey>& keys);

}  // namespace openavail::audit
