#include "audit/merkle.h"

#include <catch2/catch.hpp>

#include "audit/proof.h"
#include "crypto/digest.h"
#include "vectors/support.h"

using namespace openavail;
using namespace openavail::audit;

namespace {

// RFC 6962, 2.1, as it is written there.
Hash root_by_definition(const std::vector<Hash>& leaves) {
  if (leaves.empty()) return crypto::sha256("");
  if (leaves.size() == 1) return leaves.front();
  std::size_t k = 1;
  while (k * 2 < leaves.size()) k *= 2;
  const auto middle = leaves.begin() + static_cast<std::ptrdiff_t>(k);
  return hash_node(root_by_definition({leaves.begin(), middle}),
                   root_by_definition({middle, leaves.end()}));
}

std::vector<Hash> some_leaves(int count) {
  std::vector<Hash> leaves;
  for (int i = 0; i < count; ++i) leaves.push_back(hash_leaf("leaf " + std::to_string(i)));
  return leaves;
}

NodeReader reader_of(const std::vector<Hash>& leaves) {
  return [&leaves](const NodeId& id) -> Result<Hash> {
    REQUIRE(id.end() <= static_cast<std::int64_t>(leaves.size()));
    return root_by_definition({leaves.begin() + id.first(), leaves.begin() + id.end()});
  };
}

Hash root_of(const std::vector<Hash>& leaves, std::int64_t size) {
  return root_by_definition({leaves.begin(), leaves.begin() + size});
}

// Every proof that differs from a right one in one hash, or by one hash.
template <class Check>
void none_of_its_neighbours(const std::vector<Hash>& proof, const Check& check) {
  for (std::size_t i = 0; i < proof.size(); ++i) {
    auto changed = proof;
    changed[i][0] = static_cast<char>(changed[i][0] ^ 1);
    CHECK_FALSE(check(changed));
    changed = proof;
    changed.erase(changed.begin() + static_cast<std::ptrdiff_t>(i));
    CHECK_FALSE(check(changed));
  }
  auto longer = proof;
  longer.push_back(hash_leaf("more"));
  CHECK_FALSE(check(longer));
}

constexpr int kSmall = 40;

}  // namespace

TEST_CASE("The roots of RFC 6962's usual leaves are the published ones") {
  const auto v = openavail::testing::vectors("rfc6962_roots.json");
  CompactRange range;
  CHECK(crypto::to_hex(range.root()) == v.at("roots").at(0).get<std::string>());
  for (std::size_t i = 0; i < v.at("leaves").size(); ++i) {
    const auto hex = v.at("leaves").at(i).get<std::string>();
    range.append_leaf(hash_leaf(openavail::testing::from_hex(hex)));
    INFO(i + 1 << " leaves");
    CHECK(crypto::to_hex(range.root()) == v.at("roots").at(i + 1).get<std::string>());
  }
}

TEST_CASE("A compact range has the root of the definition, and tells the subtrees it completes") {
  const auto leaves = some_leaves(300);
  const auto read = reader_of(leaves);
  CompactRange range;
  std::size_t made = 0;
  for (std::int64_t size = 1; size <= 300; ++size) {
    for (const Node& node : range.append_leaf(leaves[static_cast<std::size_t>(size - 1)])) {
      ++made;
      CHECK(node.id.end() == size);
      CHECK(node.hash == read(node.id).value());
    }
    REQUIRE(range.root() == root_of(leaves, size));
    CHECK(range.hashes().size() == nodes_of_range(0, size).size());
  }
  CHECK(made < 600);  // two for each leaf on average
}

TEST_CASE("Ranges put behind one another are the whole, wherever they are cut") {
  const auto leaves = some_leaves(kSmall);
  const auto read = reader_of(leaves);
  for (std::int64_t a = 0; a <= kSmall; ++a) {
    for (std::int64_t b = a; b <= kSmall; ++b) {
      auto whole = read_range(0, a, read).value();
      whole.append(read_range(a, b, read).value());
      whole.append(read_range(b, kSmall, read).value());
      REQUIRE(whole.root() == root_of(leaves, kSmall));
      CHECK(nodes_of_range(a, b).size() <= 2 * 6);
    }
  }
}

TEST_CASE("A range that does not fit its hashes is none") {
  CHECK(CompactRange::of(0, 0, {}));
  CHECK_FALSE(CompactRange::of(0, 2, {}));
  CHECK_FALSE(CompactRange::of(0, 1, {"short"}));
  CHECK_FALSE(CompactRange::of(2, 1, {}));
  CHECK_FALSE(CompactRange::of(-1, 0, {empty_root()}));
  CHECK_FALSE(CompactRange::of(0, kTreeSizeMax + 1, {}));
  CHECK(CompactRange::of(0, kTreeSizeMax, std::vector<Hash>(53, empty_root())));
}

TEST_CASE("Every leaf of every tree has an inclusion proof, and nothing beside it passes") {
  const auto leaves = some_leaves(kSmall);
  const auto read = reader_of(leaves);
  for (std::int64_t size = 1; size <= kSmall; ++size) {
    const Hash root = root_of(leaves, size);
    for (std::int64_t i = 0; i < size; ++i) {
      const Hash& leaf = leaves[static_cast<std::size_t>(i)];
      const auto proof = prove_inclusion(i, size, read).value();
      REQUIRE(verify_inclusion(leaf, i, size, proof, root));
      CHECK_FALSE(verify_inclusion(hash_leaf("other"), i, size, proof, root));
      CHECK_FALSE(verify_inclusion(leaf, size, size, proof, root));
      CHECK_FALSE(verify_inclusion(leaf, -1, size, proof, root));
      if (size > 1) CHECK_FALSE(verify_inclusion(leaf, (i + 1) % size, size, proof, root));
      none_of_its_neighbours(proof, [&](const std::vector<Hash>& other) {
        return verify_inclusion(leaf, i, size, other, root).has_value();
      });
    }
  }
}

TEST_CASE("Every tree begins with every smaller one, and nothing beside it passes") {
  const auto leaves = some_leaves(kSmall);
  const auto read = reader_of(leaves);
  for (std::int64_t size = 0; size <= kSmall; ++size) {
    const TreeHead newer{size, root_of(leaves, size)};
    for (std::int64_t old_size = 0; old_size <= size; ++old_size) {
      const TreeHead older{old_size, root_of(leaves, old_size)};
      const auto proof = prove_consistency(old_size, size, read).value();
      REQUIRE(verify_consistency(older, newer, proof));
      CHECK_FALSE(verify_consistency({old_size, hash_leaf("other")}, newer, proof));
      if (old_size > 0) CHECK_FALSE(verify_consistency(older, {size, hash_leaf("other")}, proof));
      if (old_size < size) CHECK_FALSE(verify_consistency(newer, older, proof));
      none_of_its_neighbours(proof, [&](const std::vector<Hash>& other) {
        return verify_consistency(older, newer, other).has_value();
      });
    }
  }
}
