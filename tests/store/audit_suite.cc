#include <catch2/catch.hpp>
#include <vector>

#include "store/store_suite.h"

namespace openavail::store::testing {
namespace {

std::vector<std::int64_t> found(ports::Transaction& tx, const ports::AuditFilter& filter) {
  std::vector<std::int64_t> seqs;
  REQUIRE(tx.each_audit(filter, [&](const audit::SealedRow& row) {
    seqs.push_back(row.seq);
    return true;
  }));
  return seqs;
}

}  // namespace

void audit_suite(const StoreFactory& factory) {
  SECTION("audit rows") {
    const auto store = factory();
    populate(*store);
    auto tx = write(*store);
    for (std::int64_t seq = 1; seq <= 8; ++seq) {
      REQUIRE(tx->next_audit_seq().value() == seq);
      REQUIRE(tx->append_audit(make_entry(seq), make_row(seq)));
    }
    using Seqs = std::vector<std::int64_t>;

    SECTION("come back byte for byte") {
      const auto row = tx->find_audit(DecisionId("dec_3")).value().value();
      CHECK(row.canonical == make_row(3).canonical);
      CHECK(row.leaf_hash == make_row(3).leaf_hash);
      CHECK(row.signature == make_row(3).signature);
      CHECK(row.row_signature == make_row(3).row_signature);
      CHECK(row.signing_key_id == SigningKeyId("sig_1"));
      CHECK_FALSE(tx->find_audit(DecisionId("dec_99")).value());
      const auto keys = tx->signing_keys().value();
      REQUIRE(keys.size() == 1);
      CHECK(keys[0].public_key_pem == "PEM");
    }
    SECTION("are filtered by every field, alone and together") {
      ports::AuditFilter filter;
      CHECK(found(*tx, filter) == Seqs{1, 2, 3, 4, 5, 6, 7, 8});
      filter.agent_id = AgentId("agt_2");
      CHECK(found(*tx, filter) == Seqs{3, 6});
      filter.kind = audit::Kind::decision;
      CHECK(found(*tx, filter) == Seqs{6});
      filter = {};
      filter.owner_id = OwnerId("own_1");
      filter.action = "accept";
      CHECK(found(*tx, filter) == Seqs{2, 6});
      filter = {};
      filter.since = hour(3);
      filter.until = hour(6);
      CHECK(found(*tx, filter) == Seqs{3, 4, 5});
      filter.since = hour(30);
      CHECK(found(*tx, filter).empty());
      filter = {};
      filter.after_seq = 2;
      filter.before_seq = 7;
      filter.newest_first = true;
      filter.limit = 2;
      CHECK(found(*tx, filter) == Seqs{6, 5});
    }
    SECTION("stop coming when the reader has enough") {
      int seen = 0;
      REQUIRE(tx->each_audit({}, [&](const audit::SealedRow&) { return ++seen < 3; }));
      CHECK(seen == 3);
    }
    SECTION("have no gaps and no second row of a number or a decision") {
      CHECK_FALSE(tx->append_audit(make_entry(10), make_row(10)));
      CHECK_FALSE(tx->append_audit(make_entry(8), make_row(8)));
      CHECK_FALSE(tx->append_audit(make_entry(8), make_row(9)));
    }
    SECTION("give their numbers back when the transaction is rolled back") {
      tx.reset();
      CHECK(write(*store)->next_audit_seq().value() == 1);
    }
    SECTION("of kind access are kept without signatures") {
      auto bare = make_row(9);
      bare.signature.clear();
      bare.row_signature.clear();
      REQUIRE(tx->append_audit(make_entry(9), bare));
      const auto row = tx->find_audit(DecisionId("dec_9")).value().value();
      CHECK_FALSE(row.is_signed());
      CHECK(row.signature.empty());
      CHECK(row.leaf_hash == bare.leaf_hash);
    }
    SECTION("can be streamed while others write") {
      REQUIRE(tx->commit());
      tx.reset();
      auto reader = read(*store);
      int seen = 0;
      REQUIRE(reader->each_audit({}, [&](const audit::SealedRow&) {
        if (++seen == 1) {
          auto writer = write(*store);
          REQUIRE(writer->append_audit(make_entry(9), make_row(9)));
          REQUIRE(writer->commit());
        }
        return true;
      }));
      CHECK(seen == 8);
    }
  }
}

void audit_tree_suite(const StoreFactory& factory) {
  SECTION("the audit tree") {
    const auto store = factory();
    populate(*store);
    constexpr std::int64_t kSize = 1'100;  // four subtrees of 256 and some
    audit::CompactRange whole;
    auto tx = write(*store);
    CHECK(tx->audit_tree().value().end() == 0);
    for (std::int64_t seq = 1; seq <= kSize; ++seq) {
      REQUIRE(tx->append_audit(make_entry(seq), make_row(seq)));
      whole.append_leaf(make_row(seq).leaf_hash);
    }
    SECTION("is that of the leaves, at once and later") {
      CHECK(tx->audit_tree().value().root() == whole.root());
      REQUIRE(tx->commit());
      tx = read(*store);
      CHECK(tx->audit_tree().value().end() == kSize);
      CHECK(tx->audit_tree().value().root() == whole.root());
    }
    SECTION("has every node of it") {
      for (int level = 0; std::int64_t{1} << level <= kSize; ++level) {
        for (std::int64_t index = 0; (index + 1) << level <= kSize; ++index) {
          audit::CompactRange part((index << level));
          for (std::int64_t i = part.end(); i < (index + 1) << level; ++i) {
            part.append_leaf(make_row(i + 1).leaf_hash);
          }
          const auto node = tx->audit_node({level, index});
          INFO(level << " " << index);
          REQUIRE(node);
          REQUIRE(*node == part.hashes().at(0));
        }
      }
      CHECK_FALSE(tx->audit_node({0, kSize}));
      CHECK_FALSE(tx->audit_node({8, 4}));
    }
    SECTION("is as it was when the transaction is rolled back") {
      REQUIRE(tx->commit());
      tx.reset();
      tx = write(*store);
      REQUIRE(tx->append_audit(make_entry(kSize + 1), make_row(kSize + 1)));
      tx.reset();
      tx = write(*store);
      CHECK(tx->audit_tree().value().end() == kSize);
    }
    SECTION("has checkpoints, each of the tree as it is and larger than the last") {
      const auto of_now = [&] {
        const auto tree = tx->audit_tree().value();
        return ports::CheckpointRecord{{tree.end(), tree.root()}, hour(1), "note"};
      };
      CHECK_FALSE(tx->last_checkpoint().value());
      CHECK_FALSE(tx->find_checkpoint(0).value());
      auto other = of_now();
      other.head.size = kSize - 1;
      CHECK(tx->insert_checkpoint(other).error().code() == ErrorCode::state_conflict);
      other.head.size = kSize + 1;
      CHECK(tx->insert_checkpoint(other).error().code() == ErrorCode::state_conflict);
      REQUIRE(tx->insert_checkpoint(of_now()));
      CHECK(tx->insert_checkpoint(of_now()).error().code() == ErrorCode::state_conflict);
      REQUIRE(tx->append_audit(make_entry(kSize + 1), make_row(kSize + 1)));
      REQUIRE(tx->insert_checkpoint(of_now()));
      const auto last = tx->last_checkpoint().value().value();
      CHECK(last.head == of_now().head);
      CHECK(last.created_at == hour(1));
      CHECK(last.note == "note");
      CHECK(tx->find_checkpoint(1).value()->head.size == kSize);
      CHECK(tx->find_checkpoint(kSize + 1).value()->head.size == kSize + 1);
      CHECK_FALSE(tx->find_checkpoint(kSize + 2).value());
    }
  }
}

}  // namespace openavail::store::testing
