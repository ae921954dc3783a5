#include "store/sqlite/transaction.h"

#include <sqlite3.h>

#include <algorithm>
#include <utility>

#include "store/sqlite/migrations.h"
#include "store/sqlite/statements.h"

namespace openavail::store {

SqliteTransaction::SqliteTransaction(std::unique_ptr<Connection> connection,
                                     std::optional<FileLock> lock, Return give_back)
    : owned_(std::move(connection)),
      lock_(std::move(lock)),
      give_back_(std::move(give_back)),
      is_write_(lock_.has_value()),
      connection_(owned_.get()) {}

SqliteTransaction::SqliteTransaction(Connection& connection, PartEnded ended)
    : ended_(std::move(ended)), is_write_(true), connection_(&connection) {}

Result<std::unique_ptr<ports::Transaction>> SqliteTransaction::begin(
    std::unique_ptr<Connection> connection, std::optional<FileLock> lock, Return give_back) {
  return guarded([&]() -> Result<std::unique_ptr<ports::Transaction>> {
    connection->begin(lock.has_value());
    // Inside, so that it pins the snapshot and no migration can come in between. A connection that
    // fails here is closed, not kept.
    OA_TRY_STATUS(check_schema(*connection));
    return std::unique_ptr<ports::Transaction>(
        new SqliteTransaction(std::move(connection), std::move(lock), std::move(give_back)));
  });
}

SqliteTransaction::~SqliteTransaction() {
  if (connection_ != nullptr) {
    try {
      connection_->statement(owned_ ? "ROLLBACK" : "ROLLBACK TO part").exec();
      if (!owned_) connection_->statement("RELEASE part").exec();
    } catch (const SQLite::Exception&) {
      // SQLite has rolled back by itself (full disk, I/O error); nothing is left open.
    }
  }
  lock_.reset();
  if (owned_) give_back_(std::move(owned_));
  if (ended_) static_cast<void>(ended_(false));
}

Status SqliteTransaction::commit() {
  OA_TRY_STATUS(run(owned_ ? "COMMIT" : "RELEASE part"));
  if (owned_) owned_->erase_owed();
  connection_ = nullptr;
  lock_.reset();
  return owned_ ? Status{} : std::exchange(ended_, nullptr)(true);
}

Result<std::unique_ptr<ports::Transaction>> SqliteTransaction::begin_part(PartEnded ended) {
  // Not outside of a transaction, as after a full disk: there it would begin one of its own.
  OA_TRY_STATUS(run("SAVEPOINT part"));
  return std::unique_ptr<ports::Transaction>(new SqliteTransaction(connection(), std::move(ended)));
}

Connection& SqliteTransaction::connection() {
  if (connection_ == nullptr) throw SQLite::Exception("the transaction has ended", SQLITE_ABORT);
  return *connection_;
}

Result<Instant> SqliteTransaction::now(Instant wall) {
  OA_TRY(const auto last, row<Instant>("SELECT now_ms FROM clock",
                                       [](SQLite::Statement& s) { return instant_at(s, 0); }));
  const Instant present = std::max(wall, last.value_or(Instant{}));
  if (is_write_ && last != present) OA_TRY_STATUS(run("UPDATE clock SET now_ms = ?", present));
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
