// Inclusion and consistency proofs (RFC 6962, 2.1.1 and 2.1.2; verified as RFC 9162, 2.1.3.2 and
// 2.1.4.2, says).
//
// Thread rule: free functions without state.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "audit/merkle.h"
#include "base/result.h"

namespace openavail::audit {

// The hash of a complete subtree; asked only for those that lie in the tree.
using NodeReader = std::function<Result<Hash>(const NodeId&)>;

// The leaves [begin, end) of a tree that has them all.
Result<CompactRange> read_range(std::int64_t begin, std::int64_t end, const NodeReader& read);

// That the leaf at `index` is in the tree of `size` leaves; 0 <= index < size. At most 53 hashes.
Result<std::vector<Hash>> prove_inclusion(std::int64_t index, std::int64_t size,
                                          const NodeReader& read);
// Errors: verification_failed.
Status verify_inclusion(const Hash& leaf, std::int64_t index, std::int64_t size,
                        const std::vector<Hash>& proof, const Hash& root);

struct TreeHead {
  std::int64_t size = 0;
  Hash root;
  bool operator==(const TreeHead&) const = default;
};

// That the tree of `size` leaves begins with the tree of `old_size`; 0 <= old_size <= size.
Result<std::vector<Hash>> prove_consistency(std::int64_t old_size, std::int64_t size,
                                            const NodeReader& read);
// Errors: verification_failed.
Status verify_consistency(const TreeHead& older, const TreeHead& newer,
                          const std::vector<Hash>& proof);

}  // namespace openavail::audit
