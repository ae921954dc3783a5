#include "audit/proof.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace openavail::audit {
namespace {

// RFC 6962's k: the largest power of two that is smaller than n; n > 1.
std::int64_t split_of(std::int64_t n) {
  std::int64_t k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

// MTH(D[begin:end]) of a subtree that RFC 6962's splitting makes: it begins at a multiple of the
// power of two that is not smaller than it.
Result<Hash> subtree_hash(std::int64_t begin, std::int64_t end, const NodeReader& read) {
  const auto ids = nodes_of_range(begin, end);
  OA_TRY(Hash hash, read(ids.back()));
  for (std::size_t i = ids.size() - 1; i > 0; --i) {
    OA_TRY(const Hash left, read(ids[i - 1]));
    hash = hash_node(left, hash);
  }
  return hash;
}

tl::unexpected<Error> wrong(const char* what) { return fail(ErrorCode::verification_failed, what); }

bool is_odd(std::int64_t n) { return (n & 1) == 1; }

}  // namespace

Result<CompactRange> read_range(std::int64_t begin, std::int64_t end, const NodeReader& read) {
  std::vector<Hash> hashes;
  for (const NodeId& id : nodes_of_range(begin, end)) {
    OA_TRY(Hash hash, read(id));
    hashes.push_back(std::move(hash));
  }
  return CompactRange::of(begin, end, std::move(hashes));
}

Result<std::vector<Hash>> prove_inclusion(std::int64_t index, std::int64_t size,
                                          const NodeReader& read) {
  OA_CHECK(0 <= index && index < size);
  std::vector<Hash> proof;  // from the root down, until the end
  std::int64_t begin = 0;
  std::int64_t end = size;
  while (end - begin > 1) {
    const std::int64_t middle = begin + split_of(end - begin);
    const bool goes_left = index < middle;
    OA_TRY(Hash sibling,
           goes_left ? subtree_hash(middle, end, read) : subtree_hash(begin, middle, read));
    proof.push_back(std::move(sibling));
    (goes_left ? end : begin) = middle;
  }
  std::reverse(proof.begin(), proof.end());
  return proof;
}

Status verify_inclusion(const Hash& leaf, std::int64_t index, std::int64_t size,
                        const std::vector<Hash>& proof, const Hash& root) {
  if (index < 0 || index >= size) return wrong("the row's place is not in the tree");
  std::int64_t place = index;
  std::int64_t last = size - 1;
  Hash hash = leaf;
  for (const Hash& sibling : proof) {
    if (last == 0) return wrong("the inclusion proof is too long");
    if (is_odd(place) || place == last) {
      hash = hash_node(sibling, hash);
      while (!is_odd(place) && place != 0) {
        place >>= 1;
        last >>= 1;
      }
    } else {
      hash = hash_node(hash, sibling);
    }
    place >>= 1;
    last >>= 1;
  }
  if (last != 0) return wrong("the inclusion proof is too short");
  if (hash != root) return wrong("the inclusion proof does not lead to the checkpoint's root");
  return {};
}

Result<std::vector<Hash>> prove_consistency(std::int64_t old_size, std::int64_t size,
                                            const NodeReader& read) {
  OA_CHECK(0 <= old_size && old_size <= size);
  std::vector<Hash> proof;  // from the root down, until the end
  if (old_size == 0 || old_size == size) return proof;
  std::int64_t begin = 0;
  std::int64_t end = size;
  while (end != old_size) {
    const std::int64_t middle = begin + split_of(end - begin);
    const bool goes_left = old_size <= middle;
    OA_TRY(Hash sibling,
           goes_left ? subtree_hash(middle, end, read) : subtree_hash(begin, middle, read));
    proof.push_back(std::move(sibling));
    (goes_left ? end : begin) = middle;
  }
  // The verifier has this one as the older root when it is the whole of that tree.
  if (begin != 0) {
    OA_TRY(Hash rest, subtree_hash(begin, end, read));
    proof.push_back(std::move(rest));
  }
  std::reverse(proof.begin(), proof.end());
  return proof;
}

Status verify_consistency(const TreeHead& older, const TreeHead& newer,
                          const std::vector<Hash>& proof) {
  if (older.size < 0 || older.size > newer.size) return wrong("the older tree is the larger one");
  if (older.size == 0 || older.size == newer.size) {
    if (!proof.empty()) return wrong("the consistency proof is too long");
    const Hash& expected = older.size == 0 ? empty_root() : newer.root;
    if (older.root == expected) return {};
    return wrong("two trees of the same size have different roots");
  }
  std::vector<Hash> path = proof;
  const bool is_complete = (older.size & (older.size - 1)) == 0;
  if (is_complete) path.insert(path.begin(), older.root);
  if (path.empty()) return wrong("the consistency proof is too short");
  std::int64_t place = older.size - 1;
  std::int64_t last = newer.size - 1;
  while (is_odd(place)) {
    place >>= 1;
    last >>= 1;
  }
  Hash old_root = path.front();
  Hash new_root = path.front();
  for (std::size_t i = 1; i < path.size(); ++i) {
    if (last == 0) return wrong("the consistency proof is too long");
    if (is_odd(place) || place == last) {
      old_root = hash_node(path[i], old_root);
      new_root = hash_node(path[i], new_root);
      while (!is_odd(place) && place != 0) {
        place >>= 1;
        last >>= 1;
      }
    } else {
      new_root = hash_node(new_root, path[i]);
    }
    place >>= 1;
    last >>= 1;
  }
  if (last != 0) return wrong("the consistency proof is too short");
  if (old_root != older.root || new_root != newer.root) {
    return wrong("the newer tree does not begin with the older one");
  }
  return {};
}

}  // namespace openavail::audit
