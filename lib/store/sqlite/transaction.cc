#include "store/sqlite/transaction.h"

#include <algorithm>

#include "store/sqlite/migrations.h"
#include "store/sqlite/statements.h"

namespace openavail::store {

SqliteTransaction::SqliteTransaction(std::unique_ptr<Connection> connection,
                                     std::optional<FileLock> lock, Return give_back)
    : connection_(std::move(connection)),
      lock_(std::move(lock)),
      give_back_(std::move(give_back)) {}

Result<std::unique_ptr<ports::Transaction>> SqliteTransaction::begin(
    std::unique_ptr<Connection> connection, std::optional<FileLock> lock, Return give_back) {
  return guarded([&]() -> Result<std::unique_ptr<ports::Transaction>> {
    connection->database().exec(lock ? "BEGIN IMMEDIATE" : "BEGIN");
    // Inside, so that it pins the snapshot and no migration can come in between. A connection that
    // fails here is closed, not kept.
    OA_TRY_STATUS(check_schema(*connection));
    return std::unique_ptr<ports::Transaction>(
        new SqliteTransaction(std::move(connection), std::move(lock), std::move(give_back)));
  });
}

SqliteTransaction::~SqliteTransaction() {
  if (is_open_) {
    try {
      connection_->database().exec("ROLLBACK");
    } catch (const SQLite::Exception&) {
      // SQLite has rolled back by itself (full disk, I/O error); nothing is left open.
    }
  }
  lock_.reset();
  give_back_(std::move(connection_));
}

Status SqliteTransaction::commit() {
  return guarded([&]() -> Status {
    connection_->database().exec("COMMIT");
    is_open_ = false;
    lock_.reset();
    return {};
  });
}

Result<Instant> SqliteTransaction::now(Instant wall) {
  OA_TRY(const auto last, row<Instant>("SELECT now_ms FROM clock",
                                       [](SQLite::Statement& s) { return instant_at(s, 0); }));
  const Instant present = std::max(wall, last.value_or(Instant{}));
  if (lock_ && last != present) OA_TRY_STATUS(run("UPDATE clock SET now_ms = ?", present));
  return present;
}

Result<std::optional<std::string>> SqliteTransaction::meta(const std::string& name) {
  return row<std::string>(
      "SELECT value FROM meta WHERE name = ?", [](SQLite::Statement& s) { return text_at(s, 0); },
      name);
}

Status SqliteTransaction::set_meta(const std::string& name, const std::string& value) {
  return run(
      "INSERT INTO meta VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      name, value);
}

std::string without_case(const std::string& text) {
  std::string lower = text;
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower;
}

}  // namespace openavail::store
