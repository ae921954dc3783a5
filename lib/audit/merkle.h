// The tree over the rows' canonical bytes: RFC 6962, section 2.1. A row of number seq is the leaf
// at index seq - 1.
//
// Thread rule: plain values and free functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace openavail::audit {

using Hash = std::string;  // 32 raw bytes

inline constexpr std::size_t kHashBytes = 32;
// No tree is larger: sizes stay exact in JSON.
inline constexpr std::int64_t kTreeSizeMax = (std::int64_t{1} << 53) - 1;

Hash hash_leaf(std::string_view bytes);               // SHA-256(0x00 || bytes)
Hash hash_node(const Hash& left, const Hash& right);  // SHA-256(0x01 || left || right)
Hash empty_root();                                    // of a tree without leaves

// A complete subtree: the leaves [index << level, (index + 1) << level).
struct NodeId {
  int level = 0;
  std::int64_t index = 0;
  std::int64_t first() const { return index << level; }
  std::int64_t end() const { return (index + 1) << level; }
  bool operator==(const NodeId&) const = default;
};

// The complete subtrees that the leaves [begin, end) consist of, from left to right: the largest
// that fit, so at most two of each size. Needs 0 <= begin <= end <= kTreeSizeMax.
std::vector<NodeId> nodes_of_range(std::int64_t begin, std::int64_t end);

struct Node {
  NodeId id;
  Hash hash;
};

// The leaves [begin, end) as the hashes of nodes_of_range(begin, end). What begins at 0 has a root;
// what begins elsewhere can be put behind what ends there. So a reader needs O(log n) memory, and a
// row that it is not given counts as its hash alone.
class CompactRange {
 public:
  // No leaves, at `begin`.
  explicit CompactRange(std::int64_t begin = 0) : begin_(begin), end_(begin) {}
  // Errors: verification_failed when the range is none or has another number of hashes.
  static Result<CompactRange> of(std::int64_t begin, std::int64_t end, std::vector<Hash> hashes);

  std::int64_t begin() const { return begin_; }
  std::int64_t end() const { return end_; }
  const std::vector<Hash>& hashes() const { return hashes_; }

  // One leaf behind the last. Answers the complete subtrees that it makes, the smallest first, the
  // leaf itself included: two on average.
  std::vector<Node> append_leaf(Hash leaf);
  // `next` begins where this ends.
  void append(const CompactRange& next);

  // Of the tree whose leaves these are; begin() must be 0.
  Hash root() const;

 private:
  std::vector<Node> push(NodeId id, Hash hash);

  std::int64_t begin_;
  std::int64_t end_;
  std::vector<Hash> hashes_;
};

}  // namespace openavail::audit
