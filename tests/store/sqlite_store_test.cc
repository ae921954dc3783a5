// What is particular to the SQLite store: its files, its pragmas, its guards against raw SQL.
#include "store/sqlite/sqlite_store.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <map>

#include "base/embedded.h"
#include "store/store_suite.h"
#include "vectors/support.h"

namespace openavail::store::testing {
namespace {

using openavail::testing::TemporaryFolder;

std::unique_ptr<ports::Store> open(const std::string& directory, bool create = true) {
  static SystemEntropy entropy;
  SqliteStoreOptions options;
  options.data_directory = directory;
  options.create = create;
  options.busy_wait = std::chrono::milliseconds{2'000};
  auto store = open_sqlite_store(options, entropy);
  REQUIRE(store);
  return std::move(*store);
}

unsigned mode_of(const std::string& path) {
  struct stat info {};
  REQUIRE(stat(path.c_str(), &info) == 0);
  return info.st_mode & 0777u;
}

// Runs raw SQL as someone with the file at hand would; the error's text, or "" when it went well.
std::string raw(const TemporaryFolder& folder, const std::string& sql) {
  SQLite::Database database(folder.file("openavail.db"), SQLite::OPEN_READWRITE, 2'000);
  try {
    database.exec("PRAGMA foreign_keys = ON");
    database.exec(sql);
  } catch (const SQLite::Exception& exception) {
    return exception.what();
  }
  return "";
}

TEST_CASE("the SQLite store does what every store must") {
  std::vector<std::unique_ptr<TemporaryFolder>> folders;
  run_store_suite([&folders] {
    folders.push_back(std::make_unique<TemporaryFolder>());
    return open(folders.back()->path());
  });
}

TEST_CASE("opening touches nothing; the first transaction makes files that only we can read") {
  const TemporaryFolder folder;
  const auto store = open(folder.path());
  REQUIRE(std::filesystem::is_empty(folder.path()));
  auto tx = write(*store);
  REQUIRE(tx->set_meta("a", "b"));
  REQUIRE(tx->commit());
  REQUIRE(store->writer());
  for (const char* name : {"openavail.db", "openavail.db-wal", "openavail.db-shm", "write.lock"}) {
    CAPTURE(name);
    CHECK(mode_of(folder.file(name)) == 0600u);
  }
  CHECK(mode_of(folder.file("writers")) == 0700u);
  for (const auto& entry : std::filesystem::directory_iterator(folder.file("writers"))) {
    CHECK(mode_of(entry.path().string()) == 0600u);
  }
}

TEST_CASE("a directory without a database is not_found and stays as it is") {
  const TemporaryFolder folder;
  const auto store = open(folder.path(), false);
  for (const auto access : {ports::Access::read, ports::Access::write}) {
    const auto begun = store->begin(access);
    REQUIRE_FALSE(begun);
    CHECK(begun.error().code() == ErrorCode::not_found);
    CHECK_FALSE(begun.error().next().empty());
  }
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("durability and safety settings hold on every connection") {
  const TemporaryFolder folder;
  const auto store = open(folder.path());
  const auto all = store->pragmas().value();
  const std::map<std::string, std::string> pragmas(all.begin(), all.end());
  CHECK(pragmas.at("journal_mode") == "wal");
  CHECK(pragmas.at("synchronous") == "2");
  CHECK(pragmas.at("foreign_keys") == "1");
  CHECK(pragmas.at("secure_delete") == "1");
  CHECK(pragmas.at("trusted_schema") == "0");
}

TEST_CASE("a database of a newer binary is refused, by a new process and by one that runs") {
  const TemporaryFolder folder;
  const auto running = open(folder.path());
  populate(*running);
  REQUIRE(raw(folder, "PRAGMA user_version = " + std::to_string(schema_version() + 1)).empty());
  for (const auto access : {ports::Access::read, ports::Access::write}) {
    const auto old_process = running->begin(access);
    REQUIRE_FALSE(old_process);
    CHECK(old_process.error().code() == ErrorCode::internal);
    CHECK(old_process.error().message().find("newer") != std::string::npos);
    CHECK_FALSE(old_process.error().next().empty());
    const auto fresh = open(folder.path(), false)->begin(access);
    REQUIRE_FALSE(fresh);
    CHECK(fresh.error().message().find("newer") != std::string::npos);
  }
  REQUIRE(raw(folder, "PRAGMA user_version = " + std::to_string(schema_version())).empty());
  CHECK(running->begin(ports::Access::write));
}

TEST_CASE("a migration that fails half-way leaves the database as it was") {
  const TemporaryFolder folder;
  // A table of the same name as one in the middle of the script: the script fails there.
  {
    SQLite::Database database(folder.file("openavail.db"),
                              SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    database.exec("CREATE TABLE bookings (x)");
  }
  REQUIRE_FALSE(open(folder.path(), false)->begin(ports::Access::read));
  SQLite::Database database(folder.file("openavail.db"));
  CHECK(database.execAndGet("SELECT count(*) FROM sqlite_schema").getInt() == 1);
  CHECK(database.execAndGet("PRAGMA user_version").getInt() == 0);
}

TEST_CASE("a file that is no database is named as damage") {
  const TemporaryFolder folder;
  openavail::testing::write_file(folder.file("openavail.db"), std::string(8'192, 'x'));
  const auto begun = open(folder.path(), false)->begin(ports::Access::read);
  REQUIRE_FALSE(begun);
  CHECK(begun.error().code() == ErrorCode::internal);
  CHECK(begun.error().message().find("damaged") != std::string::npos);
  CHECK(begun.error().message().find("sqlite") == std::string::npos);
}

TEST_CASE("raw SQL can't make two live holds or two bookings overlap") {
  const TemporaryFolder folder;
  const auto store = open(folder.path());
  populate(*store);
  auto tx = write(*store);
  REQUIRE(tx->insert_booking(make_booking("b1", hours(10, 11))));
  REQUIRE(tx->insert_hold(make_hold("h1", hours(10, 11), hour(1))));
  REQUIRE(tx->commit());
  tx.reset();
  const std::string copy_booking =
      "CREATE TEMP TABLE t AS SELECT * FROM bookings; UPDATE t SET id = 'b2', state = '";
  const std::string insert_booking = "'; INSERT INTO bookings SELECT * FROM t";
  CHECK(raw(folder, copy_booking + "writing" + insert_booking).find("guard: a booking") == 0);
  CHECK(raw(folder, copy_booking + "committed" + insert_booking).find("guard: a booking") == 0);
  CHECK(raw(folder, copy_booking + "displacing" + insert_booking).empty());
  CHECK(raw(folder, "UPDATE bookings SET state = 'committed' WHERE id = 'b2'")
            .find("guard: a booking") == 0);
  CHECK(raw(folder, "UPDATE bookings SET state = 'anything' WHERE id = 'b2'").find("CHECK") !=
        std::string::npos);
  CHECK(raw(folder,
            "CREATE TEMP TABLE t AS SELECT * FROM holds; UPDATE t SET id = 'h2'; "
            "INSERT INTO holds SELECT * FROM t")
            .find("guard: a live hold") == 0);
}

TEST_CASE("raw SQL can't change or delete audit leaves, nor change contents") {
  const TemporaryFolder folder;
  const auto store = open(folder.path());
  populate(*store);
  auto tx = write(*store);
  for (std::int64_t seq = 1; seq <= 256; ++seq) {
    REQUIRE(tx->append_audit(make_entry(seq), make_row(seq)));
  }
  const auto tree = tx->audit_tree().value();
  REQUIRE(tx->insert_checkpoint({{tree.end(), tree.root()}, hour(1), "note"}));
  REQUIRE(tx->commit());
  tx.reset();
  for (const char* sql : {
           "UPDATE audit_leaves SET signing_key_id = 'sig_1'",
           "UPDATE audit_leaves SET seq = 9 WHERE seq = 2",
           "DELETE FROM audit_leaves WHERE seq = 2",
           "INSERT OR REPLACE INTO audit_leaves SELECT 2, leaf_hash, signature, row_signature, "
           "signing_key_id FROM audit_leaves WHERE seq = 1",
           "INSERT INTO audit_leaves SELECT 258, leaf_hash, signature, row_signature, "
           "signing_key_id FROM audit_leaves WHERE seq = 1",
           "INSERT INTO audit_leaves SELECT 257, leaf_hash, NULL, row_signature, "
           "signing_key_id FROM audit_leaves WHERE seq = 1",
           "UPDATE audit_tree SET hashes = x''",
           "UPDATE audit_tree SET size = 3",
           "DELETE FROM audit_tree",
           "INSERT INTO audit_checkpoints SELECT 1, leaf_hash, 0, '' FROM audit_leaves",
           "UPDATE audit_checkpoints SET note = ''",
           "DELETE FROM audit_checkpoints",
           "UPDATE audit_nodes SET hash = zeroblob(32)",
           "DELETE FROM audit_nodes",
           "INSERT OR REPLACE INTO audit_nodes VALUES (8, 0, zeroblob(32))",
           "UPDATE audit_contents SET canonical = '{}'",
           "INSERT OR REPLACE INTO audit_contents SELECT seq, decision_id, kind, action, agent_id, "
           "owner_id, timestamp_ms, '{}' FROM audit_contents",
       }) {
    CAPTURE(sql);
    const std::string refused = raw(folder, sql);
    CHECK((refused.find("guard: ") == 0 || refused.find("CHECK constraint") == 0));
  }
  CHECK(read(*store)->find_audit(DecisionId("dec_2")).value()->canonical == make_row(2).canonical);
}

// A database as a version before the tree left it.
void make_old_database(const TemporaryFolder& folder, std::int64_t rows) {
  SQLite::Database database(folder.file("openavail.db"),
                            SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  int version = 0;
  for (const EmbeddedFile& file : embedded_files()) {
    if (file.path.rfind("sql/", 0) != 0 || file.path.find("audit_tree") != file.path.npos) continue;
    if (file.path > "sql/0003") break;
    database.exec(std::string(file.text));
    ++version;
  }
  database.exec("PRAGMA user_version = " + std::to_string(version));
  database.exec("INSERT INTO signing_keys VALUES ('sig_1', 'PEM', 0, NULL)");
  SQLite::Transaction all(database);
  for (std::int64_t seq = 1; seq <= rows; ++seq) {
    const audit::SealedRow row = make_row(seq);
    SQLite::Statement leaf(database, "INSERT INTO audit_leaves VALUES (?, ?, ?, ?, 'sig_1')");
    leaf.bind(1, seq);
    leaf.bind(2, row.leaf_hash.data(), 32);
    leaf.bind(3, row.signature.data(), 64);
    leaf.bind(4, row.row_signature.data(), 64);
    leaf.exec();
    SQLite::Statement content(database,
                              "INSERT INTO audit_contents VALUES (?, ?, 'access', 'a', NULL, NULL, "
                              "0, ?)");
    content.bind(1, seq);
    content.bind(2, "dec_" + std::to_string(seq));
    content.bind(3, row.canonical);
    content.exec();
  }
  all.commit();
}

TEST_CASE("rows of a database from before the tree are taken into it") {
  for (const std::int64_t rows : {0, 1, 255, 700}) {
    CAPTURE(rows);
    const TemporaryFolder folder;
    make_old_database(folder, rows);
    const auto store = open(folder.path(), false);
    audit::CompactRange expected;
    for (std::int64_t seq = 1; seq <= rows; ++seq) expected.append_leaf(make_row(seq).leaf_hash);
    auto tx = write(*store);
    CHECK(tx->audit_tree().value().end() == rows);
    CHECK(tx->audit_tree().value().root() == expected.root());
    if (rows >= 256) CHECK(tx->audit_node({8, 0}));
    if (rows > 0) {
      const auto row = tx->find_audit(DecisionId("dec_" + std::to_string(rows))).value().value();
      CHECK(row.signature == make_row(rows).signature);
      CHECK(row.leaf_hash == make_row(rows).leaf_hash);
    }
    // It goes on from there, and contents still belong to leaves.
    REQUIRE(tx->append_audit(make_entry(rows + 1), make_row(rows + 1)));
    REQUIRE(tx->commit());
    tx.reset();
    CHECK(read(*store)->audit_tree().value().end() == rows + 1);
    CHECK(store->integrity_problems().value().empty());
    CHECK(raw(folder,
              "INSERT INTO audit_contents VALUES (9999, 'd', 'access', 'a', NULL, NULL, 0, "
              "'')")
              .find("FOREIGN KEY") == 0);
    CHECK(raw(folder, "DELETE FROM audit_leaves").find("guard: ") == 0);
  }
}

TEST_CASE("a database from before the tree that lacks rows is not taken over, and stays as it is") {
  const TemporaryFolder folder;
  make_old_database(folder, 5);
  REQUIRE(raw(folder,
              "DROP TRIGGER audit_leaves_stay; DELETE FROM audit_contents WHERE seq = 3; "
              "DELETE FROM audit_leaves WHERE seq = 3")
              .empty());
  const auto begun = open(folder.path(), false)->begin(ports::Access::read);
  REQUIRE_FALSE(begun);
  INFO(begun.error().message());
  CHECK(begun.error().operator_detail().find("audit rows are missing") != std::string::npos);
  SQLite::Database database(folder.file("openavail.db"));
  CHECK(database.execAndGet("SELECT count(*) FROM sqlite_schema WHERE name = 'audit_tree'")
            .getInt() == 0);
}

}  // namespace
}  // namespace openavail::store::testing
