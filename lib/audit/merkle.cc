#include "audit/merkle.h"

#include <utility>

#include "base/check.h"
#include "crypto/digest.h"

namespace openavail::audit {

Hash hash_leaf(std::string_view bytes) {
  std::string prefixed(1, '\0');
  return crypto::sha256(prefixed.append(bytes));
}

Hash hash_node(const Hash& left, const Hash& right) {
  std::string prefixed(1, '\1');
  return crypto::sha256(prefixed.append(left).append(right));
}

Hash empty_root() { return crypto::sha256(""); }

std::vector<NodeId> nodes_of_range(std::int64_t begin, std::int64_t end) {
  OA_CHECK(0 <= begin && begin <= end && end <= kTreeSizeMax);
  std::vector<NodeId> nodes;
  while (begin < end) {
    int level = 0;
    // As large as where it begins and what is left allow.
    while ((begin & ((std::int64_t{2} << level) - 1)) == 0 &&
           begin + (std::int64_t{2} << level) <= end) {
      ++level;
    }
    nodes.push_back({level, begin >> level});
    begin = nodes.back().end();
  }
  return nodes;
}

Result<CompactRange> CompactRange::of(std::int64_t begin, std::int64_t end,
                                      std::vector<Hash> hashes) {
  const auto wrong = [](const char* what) { return fail(ErrorCode::verification_failed, what); };
  if (begin < 0 || begin > end || end > kTreeSizeMax)
    return wrong("there is no such range of rows");
  if (hashes.size() != nodes_of_range(begin, end).size()) {
    return wrong("that range of rows has another number of hashes");
  }
  for (const Hash& hash : hashes) {
    if (hash.size() != kHashBytes) return wrong("a hash is not 32 bytes");
  }
  CompactRange range(begin);
  range.end_ = end;
  range.hashes_ = std::move(hashes);
  return range;
}

std::vector<Node> CompactRange::push(NodeId id, Hash hash) {
  std::vector<Node> made{{id, std::move(hash)}};
  // A right sibling whose left one is in the range too: the two become their parent. The left one
  // is then the last hash.
  while ((id.index & 1) == 1 && ((id.index - 1) << id.level) >= begin_) {
    Hash parent = hash_node(hashes_.back(), made.back().hash);
    hashes_.pop_back();
    id = {id.level + 1, id.index >> 1};
    made.push_back({id, std::move(parent)});
  }
  hashes_.push_back(made.back().hash);
  end_ = id.end();
  return made;
}

std::vector<Node> CompactRange::append_leaf(Hash leaf) {
  OA_CHECK(leaf.size() == kHashBytes && end_ < kTreeSizeMax);
  return push({0, end_}, std::move(leaf));
}

void CompactRange::append(const CompactRange& next) {
  OA_CHECK(next.begin_ == end_);
  const auto ids = nodes_of_range(next.begin_, next.end_);
  for (std::size_t i = 0; i < ids.size(); ++i) push(ids[i], next.hashes_[i]);
}

Hash CompactRange::root() const {
  OA_CHECK(begin_ == 0);
  if (hashes_.empty()) return empty_root();
  Hash root = hashes_.back();
  for (std::size_t i = hashes_.size() - 1; i > 0; --i) root = hash_node(hashes_[i - 1], root);
  return root;
}

}  // namespace openavail::audit
