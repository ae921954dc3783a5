#include "store/sqlite/connection.h"

#include <sqlite3.h>

#include "store/sqlite/file_lock.h"

namespace openavail::store {
namespace {

struct Pragma {
  const char* name;
  const char* set;
  const char* expected;
};
// What must hold on every connection; SQLite answers numbers for most of them.
constexpr Pragma kPragmas[] = {
    {"journal_mode", "PRAGMA journal_mode = WAL", "wal"},
    {"synchronous", "PRAGMA synchronous = FULL", "2"},
    {"foreign_keys", "PRAGMA foreign_keys = ON", "1"},
    {"secure_delete", "PRAGMA secure_delete = ON", "1"},
    {"trusted_schema", "PRAGMA trusted_schema = OFF", "0"},
    // What a savepoint may have to undo is kept in memory, not written to a file: parts of a round
    // are savepoints.
    {"temp_store", "PRAGMA temp_store = MEMORY", "2"},
};

constexpr int kErasureWaitMs = 500;

std::string read_pragma(SQLite::Database& database, const char* name) {
  SQLite::Statement query(database, std::string("PRAGMA ") + name);
  return query.executeStep() ? query.getColumn(0).getString() : "";
}

// Counting its memory, SQLite takes one lock of the process for every allocation of every thread.
void count_no_memory() {
  static const int done = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(done);  // refused when SQLite has begun to work: then it goes on counting
}

}  // namespace

Error damaged(const std::string& what) {
  return Error(ErrorCode::internal, "the database is damaged; nothing was changed",
               "an administrator should run openavail doctor and restore a backup")
      .with_operator_detail("sqlite: " + what);
}

Error to_error(const SQLite::Exception& exception) {
  const std::string what = exception.what();
  const int code = exception.getErrorCode() & 0xff;
  if (what.rfind("guard: ", 0) == 0) {
    return Error(ErrorCode::state_conflict, "the store refused: " + what.substr(7));
  }
  if (code == SQLITE_CONSTRAINT) {
    const int kind = exception.getExtendedErrorCode();
    const bool is_duplicate =
        kind == SQLITE_CONSTRAINT_UNIQUE || kind == SQLITE_CONSTRAINT_PRIMARYKEY;
    if (is_duplicate || kind == SQLITE_CONSTRAINT_FOREIGNKEY) {
      return Error(ErrorCode::state_conflict,
                   is_duplicate ? "something of that name or kind is there already"
                                : "this belongs to something that is not there, or is still needed")
          .with_operator_detail("constraint: " + what);
    }
  }
  std::string message = "the data directory's database failed";
  std::string next = "an administrator should run openavail doctor";
  if (code == SQLITE_FULL || code == SQLITE_IOERR) {
    message = "the database could not be written; nothing was changed";
    next = "an administrator should free disk space and try again";
  } else if (code == SQLITE_READONLY || code == SQLITE_CANTOPEN || code == SQLITE_PERM) {
    return cannot_write("sqlite: " + what);
  } else if (code == SQLITE_BUSY || code == SQLITE_LOCKED) {
    message = "the database is busy for too long; nothing was changed";
    next = "try again in a few seconds";
  } else if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB) {
    return damaged(what);
  }
  return Error(ErrorCode::internal, std::move(message), std::move(next))
      .with_operator_detail("sqlite: " + what + " (" +
                            std::to_string(exception.getExtendedErrorCode()) + ")");
}

Connection::Connection(const std::string& path, int flags, int busy_wait_ms)
    : database_(path, flags, busy_wait_ms), busy_wait_ms_(busy_wait_ms) {}

Result<std::unique_ptr<Connection>> Connection::open(const std::string& path, bool create,
                                                     int busy_wait_ms) {
  return guarded([&]() -> Result<std::unique_ptr<Connection>> {
    count_no_memory();
    // One thread at a time has a connection, so it needs no lock of its own.
    const int flags =
        SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX | (create ? SQLite::OPEN_CREATE : 0);
    std::unique_ptr<Connection> made(new Connection(path, flags, busy_wait_ms));
    for (const Pragma& pragma : kPragmas) {
      made->database_.exec(pragma.set);
      const std::string value = read_pragma(made->database_, pragma.name);
      if (value == pragma.expected) continue;
      return fail(Error(ErrorCode::internal, "the database can't keep its promises here",
                        "put the data directory on a local file system")
                      .with_operator_detail(std::string("sqlite: ") + pragma.name + " is " + value +
                                            " instead of " + pragma.expected));
    }
    // SQLiteCpp set it; without it a neighbour's recovery of the log would fail our transactions.
    if (read_pragma(made->database_, "busy_timeout") != std::to_string(busy_wait_ms)) {
      return fail(ErrorCode::internal, "the database does not wait for others");
    }
    return made;
  });
}

SQLite::Statement& Connection::statement(const char* sql) {
  if (sqlite3_get_autocommit(database_.getHandle()) != 0) {
    throw SQLite::Exception("the transaction has ended", SQLITE_ABORT);
  }
  return prepared(sql);
}

void Connection::begin(bool to_write) { prepared(to_write ? "BEGIN IMMEDIATE" : "BEGIN").exec(); }

int Connection::version() {
  SQLite::Statement& query = prepared("PRAGMA user_version");
  const int present = query.executeStep() ? query.getColumn(0).getInt() : 0;
  query.reset();
  return present;
}

SQLite::Statement& Connection::prepared(const char* sql) {
  auto& slot = statements_[sql];
  if (!slot) slot = std::make_unique<SQLite::Statement>(database_, sql);
  // sqlite3_reset() repeats the last failure of the statement; it was reported when it happened.
  slot->tryReset();
  slot->clearBindings();
  return *slot;
}

void Connection::erase_owed() {
  if (!owes_erasure_) return;
  sqlite3* const handle = database_.getHandle();
  // Whoever waits here holds up all writers: a long reader is not waited for again and again.
  sqlite3_busy_timeout(handle, has_waited_ ? 0 : kErasureWaitMs);
  owes_erasure_ = sqlite3_wal_checkpoint_v2(handle, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr,
                                            nullptr) != SQLITE_OK;
  has_waited_ = owes_erasure_;
  sqlite3_busy_timeout(handle, busy_wait_ms_);
}

std::vector<std::pair<std::string, std::string>> Connection::pragmas() {
  std::vector<std::pair<std::string, std::string>> all;
  for (const Pragma& pragma : kPragmas)
    all.emplace_back(pragma.name, read_pragma(database_, pragma.name));
  return all;
}

}  // namespace openavail::store
