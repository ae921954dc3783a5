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

}  // namespace openavail::store::testing
