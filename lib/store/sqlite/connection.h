// One SQLite connection with its prepared statements. SQLiteCpp's exceptions end in this room: they
// become values in guarded().
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.h"

namespace openavail::store {

// Constraints of our guards become state_conflict, everything else internal.
Error to_error(const SQLite::Exception& exception);

// internal: the database is damaged.
Error damaged(const std::string& what);

// Runs `work` and turns SQLiteCpp's exceptions into errors.
template <class Work>
auto guarded(const Work& work) -> std::invoke_result_t<Work> {
  try {
    return work();
  } catch (const SQLite::Exception& exception) {
    return fail(to_error(exception));
  } catch (const std::exception& exception) {  // a value that no version of ours wrote
    return fail(damaged(exception.what()));
  }
}

class Connection {
 public:
  // Errors: internal. Sets and asserts the pragmas.
  static Result<std::unique_ptr<Connection>> open(const std::string& path, bool create,
                                                  int busy_wait_ms);

  // A prepared statement, reset and without bindings; kept for the next use of the same text. The
  // text must be a literal. Throws SQLite::Exception, also when SQLite has ended the transaction
  // by itself after a full disk: nothing may then be written outside of one.
  SQLite::Statement& statement(const char* sql);
  SQLite::Database& database() { return database_; }
  // Something was overwritten that must not stay in the log of writes either: the next
  // erase_owed() that finds no reader in its way empties the log.
  void owe_erasure() { owes_erasure_ = true; }
  // After a commit. Waits for readers a moment, the first time; where they stay it is still owed.
  // The last connection to close empties the log in any case.
  void erase_owed();
  // Throws SQLite::Exception. Only outside of a transaction.
  void begin(bool to_write);
  // PRAGMA user_version. Throws SQLite::Exception.
  int version();
  // Lives as long as this connection.
  void carry(std::shared_ptr<const void> token) { token_ = std::move(token); }
  // What was read back after setting, by name.
  std::vector<std::pair<std::string, std::string>> pragmas();

 private:
  Connection(const std::string& path, int flags, int busy_wait_ms);
  SQLite::Statement& prepared(const char* sql);

  std::shared_ptr<const void> token_;
  SQLite::Database database_;
  const int busy_wait_ms_;
  bool owes_erasure_ = false;
  bool has_waited_ = false;  // for readers, in vain
  std::unordered_map<const char*, std::unique_ptr<SQLite::Statement>> statements_;
};

}  // namespace openavail::store
