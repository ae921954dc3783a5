#include "audit/receipt.h"

#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "rows.h"

using namespace openavail;
using namespace openavail::audit;
using namespace openavail::audit::testing;
using openavail::testing::TemporaryFolder;

namespace {

// A log of `size` rows and the receipt of one of them.
std::string receipt_of(const SigningKey& key, std::int64_t seq, std::int64_t size) {
  std::vector<SealedRow> rows;
  for (std::int64_t each = 1; each <= size; ++each) rows.push_back(sealed_row(key, each));
  const NodeReader read = [&](const NodeId& id) -> Result<Hash> {
    CompactRange range;
    for (std::int64_t i = id.first(); i < id.end(); ++i) {
      range.append_leaf(rows[static_cast<std::size_t>(i)].leaf_hash);
    }
    return range.root();
  };
  const auto tree = read_range(0, size, read).value();
  return write_receipt(rows[static_cast<std::size_t>(seq - 1)],
                       {seq - 1, prove_inclusion(seq - 1, size, read).value(), size,
                        sign_checkpoint({origin_of(key.id()), {size, tree.root()}}, key.key())});
}

}  // namespace

TEST_CASE("A receipt proves its row with the public key alone") {
  const SigningKey key = make_signing_key();
  for (const std::int64_t seq : {1, 4, 6, 7}) {
    const std::string receipt = receipt_of(key, seq, 7);
    INFO(receipt);
    const auto checked = check_receipt(receipt + "\n", trusting(key));
    REQUIRE(checked);
    CHECK(checked->row.seq == seq);
    CHECK(checked->row.is_signed == (seq % 3 != 0));  // access rows have no signature
    CHECK(checked->checkpoint.head.size == 7);
    CHECK(nlohmann::json::parse(checked->canonical).at("seq") == seq);
    CHECK_FALSE(check_receipt(receipt, trusting(make_signing_key(99))));
  }
}

TEST_CASE("Any one byte of a receipt changed is refused") {
  const SigningKey key = make_signing_key();
  for (const std::int64_t seq : {1, 3}) {
    const std::string receipt = receipt_of(key, seq, 5);
    for (std::size_t i = 0; i < receipt.size(); ++i) {
      for (const int flip : {1, 4, 32, 128}) {
        std::string changed = receipt;
        changed[i] = static_cast<char>(changed[i] ^ flip);
        INFO("byte " << i << ": " << changed);
        REQUIRE_FALSE(check_receipt(changed, trusting(key)));
      }
      REQUIRE_FALSE(check_receipt(receipt.substr(0, i), trusting(key)));
    }
  }
}

TEST_CASE("Parts of two receipts don't make a third") {
  const SigningKey key = make_signing_key();
  const auto one = nlohmann::json::parse(receipt_of(key, 3, 5));
  const auto other = nlohmann::json::parse(receipt_of(key, 6, 7));
  for (const char* name : {"checkpoint", "inclusion_proof", "leaf_index", "row"}) {
    auto mixed = one;
    mixed[name] = other.at(name);
    INFO(name);
    CHECK_FALSE(check_receipt(mixed.dump(), trusting(key)));
  }
  CHECK(check_receipt(one.dump(), trusting(key)));
  auto signed_one = one;
  signed_one["row_signature"] = "AAAA";
  CHECK_FALSE(check_receipt(signed_one.dump(), trusting(key)));
  auto newer = one;
  newer["receipt_version"] = 2;
  CHECK(check_receipt(newer.dump(), trusting(key)).error().message().find("receipt_version") !=
        std::string::npos);
}

TEST_CASE("The second verifier agrees on receipts") {
  const SigningKey key = make_signing_key();
  const TemporaryFolder folder;
  openavail::testing::write_file(folder.file("key.pem"), key.public_key().pem());
  const auto python = [&](const std::string& receipt) {
    openavail::testing::write_file(folder.file("receipt.json"), receipt);
    return second_verifier("check '" + folder.file("receipt.json") + "'", folder.file("key.pem"));
  };
  CHECK(python(receipt_of(key, 3, 5) + "\n") == 0);
  CHECK(python(receipt_of(key, 4, 7)) == 0);
  std::string changed = receipt_of(key, 4, 7);
  changed.replace(changed.find("\"leaf_index\":3"), 14, "\"leaf_index\":2");
  CHECK(python(changed) == 20);
}
