// Checkpoints: when they come, that no two contradict each other, and what is proved under them.
#include "service/checkpoints.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <map>
#include <mutex>
#include <thread>

#include "audit/export_verifier.h"
#include "audit/signing_key.h"
#include "service/admin_house.h"
#include "service/checkpoint_keeper.h"
#include "service/journal.h"

namespace openavail::service::testing {
namespace {

using nlohmann::json;

struct Log : AdminHouse {
  std::vector<audit::TrustedKey> keys() const {
    return {audit::trusted_key(signing_key->public_key())};
  }
  void rows(int count) {
    auto tx = store->begin(ports::Access::write).value();
    for (int i = 0; i < count; ++i) {
      audit::Entry entry;
      entry.kind = i % 4 == 3 ? audit::Kind::access : audit::Kind::admin;
      entry.action = "classes.add";
      entry.actor = "admin";
      REQUIRE(append_entry(parts(), *tx, entry));
    }
    REQUIRE(tx->commit());
  }
  void row() { rows(1); }
  std::int64_t size() { return store->begin(ports::Access::read).value()->audit_tree()->end(); }
  std::int64_t covered() {
    const auto last = store->begin(ports::Access::read).value()->last_checkpoint().value();
    return last ? last->head.size : 0;
  }
  std::vector<std::string> exported(const AuditSelection& selection = {}) {
    std::vector<std::string> lines;
    REQUIRE(admin.export_audit(selection, [&](const std::string& line) {
      lines.push_back(line);
      return true;
    }));
    return lines;
  }
  // How many errors and warnings, with the first.
  std::string judged(const std::vector<std::string>& lines, audit::ExportVerifierOptions how) {
    audit::ExportVerifier checks(keys(), std::move(how));
    std::string first;
    const auto note = [&](const std::vector<audit::Finding>& found) {
      if (!found.empty() && first.empty()) first = found.front().what;
    };
    for (const std::string& line : lines) note(checks.feed(line));
    note(checks.finish());
    return first;
  }
  struct Read {
    std::string first;
    std::int64_t checkpoints = 0;
    std::vector<std::pair<std::int64_t, std::string>> problems;
  };
  Read read_log() {
    audit::ExportVerifier checks(keys(), {true, 0});
    Read read;
    const auto note = [&](const std::vector<audit::Finding>& found) {
      if (!found.empty() && read.first.empty()) read.first = found.front().what;
    };
    LogSink sink;
    sink.total = [&](std::int64_t rows) { CHECK(rows > 0); };
    sink.line = [&](const std::string& line) { note(checks.feed(line)); };
    sink.problem = [&](std::int64_t seq, const std::string& what) {
      read.problems.emplace_back(seq, what);
    };
    REQUIRE(admin.read_log(sink));
    note(checks.finish_log());
    read.checkpoints = checks.checkpoints();
    return read;
  }
  // As somebody could who has the file: no trigger is in the way.
  void tamper(const std::string& sql) {
    SQLite::Database database(folder.file("openavail.db"), SQLite::OPEN_READWRITE, 2'000);
    for (const char* guard :
         {"audit_leaves_unchanged", "audit_leaves_stay", "audit_contents_unchanged",
          "audit_nodes_unchanged", "audit_tree_grows", "audit_checkpoints_stay",
          "audit_checkpoints_unchanged", "audit_leaves_gapless", "audit_contents_stay"}) {
      database.exec(std::string("DROP TRIGGER IF EXISTS ") + guard);
    }
    database.exec(sql);
  }
};

TEST_CASE("a checkpoint comes with every 256th row") {
  Log log;
  log.rows(static_cast<int>(255 - log.size()));
  CHECK(log.covered() == 0);
  log.row();
  CHECK(log.size() == limits::kCheckpointRowsMax);
  CHECK(log.covered() == 256);
  log.rows(256);
  CHECK(log.covered() == 512);
  const auto read = log.read_log();
  CHECK(read.first.empty());
  CHECK(read.problems.empty());
  CHECK(read.checkpoints == 2);
}

TEST_CASE("a row waits for a checkpoint no longer than ten seconds, and one comes at the end") {
  Log log;
  {
    CheckpointKeeper keeper(log.parts());
    Parts parts = log.parts();
    parts.checkpoints = &keeper;
    Administration admin(parts);
    CHECK(keeper.look());
    CHECK(log.covered() == 0);
    REQUIRE(admin.add_class({ClassId(""), "One", {}, {}, ""}));
    log.clock.now_ms += 1'000;
    REQUIRE(admin.add_class({ClassId(""), "Two", {}, {}, ""}));
    CHECK(keeper.look());
    CHECK(log.covered() == 0);
    log.clock.now_ms += 7'999;  // with a look each half second it comes before ten are over
    CHECK(keeper.look());
    CHECK(log.covered() == 0);
    log.clock.now_ms += 1;
    CHECK(keeper.look());
    CHECK(log.covered() == log.size());
    log.clock.now_ms += 60'000;
    CHECK(keeper.look());
    REQUIRE(admin.add_class({ClassId(""), "Three", {}, {}, ""}));
    CHECK(log.covered() == log.size() - 1);
  }
  CHECK(log.covered() == log.size());
  CHECK(log.operator_lines.empty());
}

TEST_CASE("a checkpoint that can't be made is tried again, and said at the end") {
  Log log;
  {
    CheckpointKeeper keeper(log.parts());
    log.row();
    keeper.note_row();
    log.is_audit_lost = true;
    CHECK_FALSE(keeper.write_now());
    log.is_audit_lost = false;
    CHECK(keeper.write_now());
    CHECK(log.covered() == log.size());
    log.row();
    keeper.note_row();
    log.is_audit_lost = true;
  }
  REQUIRE(log.operator_lines.size() == 1);
  CHECK(log.operator_lines.front().find("no checkpoint yet") != std::string::npos);
}

TEST_CASE("the keeper's thread makes checkpoints by itself") {
  Log log;
  CheckpointKeeper keeper(log.parts());
  keeper.keep_looking();
  log.row();
  keeper.note_row();
  log.clock.now_ms += 10'000;
  for (int i = 0; i < 400 && log.covered() != log.size(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds{25});
  }
  CHECK(log.covered() == log.size());
}

TEST_CASE("many at once never sign two trees of one size") {
  Log log;
  std::vector<std::thread> threads;
  std::mutex mutex;
  std::map<std::int64_t, std::string> notes;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 25; ++i) {
        const bool is_done =
            log.admin
                .add_class({ClassId(""), std::to_string(t) + "-" + std::to_string(i), {}, {}, ""})
                .has_value();
        const auto made = log.admin.checkpoint();
        const std::lock_guard lock(mutex);
        CHECK(is_done);
        REQUIRE(made);
        const auto [at, is_new] = notes.emplace(made->head.size, made->note);
        CHECK((is_new || at->second == made->note));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto read = log.read_log();
  CHECK(read.first.empty());
  CHECK(read.checkpoints == static_cast<std::int64_t>(notes.size()));
}

TEST_CASE("an export verifies alone, and the next one goes on from it") {
  Log log;
  log.rows(600);
  const auto first = log.exported();
  CHECK(log.judged(first, {true, 0}).empty());
  const auto interim = std::count_if(first.begin(), first.end(), [](const std::string& line) {
    return line.rfind("{\"checkpoint\"", 0) == 0;
  });
  CHECK(interim == 3);  // two on the way, and the last line
  const std::int64_t last = log.size();
  log.rows(5);
  AuditSelection next;
  next.after_seq = last;
  const auto second = log.exported(next);
  CHECK(log.judged(second, {true, last}).empty());
  auto both = first;
  both.insert(both.end(), second.begin(), second.end());
  CHECK(log.judged(both, {true, 0}).empty());
  AuditSelection some;
  some.action = "init";
  CHECK(log.judged(log.exported(some), {false, {}}).find("left out by filters") !=
        std::string::npos);
}

TEST_CASE("receipts and continuations verify, whether a checkpoint was there or not") {
  Log log;
  log.rows(300);
  for (const char* name : {"1", "256", "257", "301"}) {
    const auto row = log.admin.audit_row_named(name);
    REQUIRE(row);
    const DecisionId id(json::parse(row->row.canonical).at("decision_id").get<std::string>());
    const auto receipt = log.admin.receipt(id);
    REQUIRE(receipt);
    const auto checked = audit::check_receipt(*receipt, log.keys());
    REQUIRE(checked);
    CHECK(std::to_string(checked->row.seq) == name);
  }
  CHECK(log.covered() == 301);
  CHECK_FALSE(log.admin.receipt(DecisionId("dec_none")));
  CHECK_FALSE(log.admin.audit_row_named("302"));
  const auto older = log.admin.checkpoint().value();
  log.rows(50);
  const auto found = log.admin.continuation(older.head.size);
  REQUIRE(found);
  CHECK(audit::verify_consistency(older.head, found->checkpoint.head, found->proof));
  CHECK(log.admin.continuation(352).error().code() == ErrorCode::verification_failed);
}

TEST_CASE("what was changed in the tables is found where it is") {
  Log log;
  log.rows(600);
  REQUIRE(log.admin.checkpoint());
  const auto found = [&](const std::string& sql) {
    log.tamper(sql);
    const auto read = log.read_log();
    std::string all = read.first;
    for (const auto& [seq, what] : read.problems) all += "|" + std::to_string(seq) + " " + what;
    INFO(all);
    CHECK_FALSE(all.empty());
    return all;
  };
  SECTION("a leaf") {
    const auto all = found("UPDATE audit_leaves SET leaf_hash = zeroblob(32) WHERE seq = 300");
    CHECK(all.find("|300 the leaf is not the hash of the row") != std::string::npos);
    CHECK(all.find("rows 257 to 512 is not that of their leaves") != std::string::npos);
  }
  SECTION("a row's content") {
    found(
        "UPDATE audit_contents SET canonical = replace(canonical, 'classes.add', 'classes.bad') "
        "WHERE seq = 300");
  }
  SECTION("what a row is filed under") {
    const auto all = found("UPDATE audit_contents SET action = 'other' WHERE seq = 300");
    CHECK(all.find("|300 the row is filed under") != std::string::npos);
    CHECK(found("UPDATE audit_contents SET timestamp_ms = timestamp_ms + 1 WHERE seq = 301")
              .find("|301 the row is filed under") != std::string::npos);
  }
  SECTION("a content that is gone") {
    CHECK(found("DELETE FROM audit_contents WHERE seq = 300")
              .find("|300 the row's content is gone") != std::string::npos);
  }
  SECTION("a node") {
    CHECK(found("UPDATE audit_nodes SET hash = zeroblob(32) WHERE level = 8 AND position = 1")
              .find("rows 257 to 512") != std::string::npos);
  }
  SECTION("the tree as it is now") {
    CHECK(found("UPDATE audit_tree SET hashes = zeroblob(length(hashes))")
              .find("the tree is of 601 rows") != std::string::npos);
  }
  SECTION("a checkpoint") {
    CHECK(found("UPDATE audit_checkpoints SET note = replace(note, '512', '511') WHERE size = 512")
              .find("signature is wrong") != std::string::npos);
  }
  SECTION("the tail, with what tells of it") {
    CHECK(found("DELETE FROM audit_contents WHERE seq > 590; DELETE FROM audit_leaves WHERE seq > "
                "590")
              .find("rows 591 to 601 are missing before this checkpoint") != std::string::npos);
  }
}

}  // namespace
}  // namespace openavail::service::testing
