// The embedded store: one SQLite database in the data directory, shared by many processes (WAL,
// synchronous FULL, foreign keys; all set and read back at every opening).
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/entropy.h"
#include "base/limits.h"
#include "base/result.h"
#include "ports/store.h"

namespace openavail::store {

struct SqliteStoreOptions {
  std::string data_directory;
  bool create = false;  // make the database (0600) where there is none
  std::chrono::milliseconds busy_wait = limits::kDatabaseBusyWait;
};

// Opens nothing yet (start-up time counts): the database is opened, and migrated where it is older,
// at the first begin(), which answers not_found when there is none and none is to be created; then
// nothing is made in the directory. `entropy` must outlive the store. The directory must be there.
//
// Nobody may open openavail.db but through SQLite while a store of this process is in use: closing
// such a descriptor ends the process's fcntl locks. A child that was forked opens a store of its
// own.
Result<std::unique_ptr<ports::Store>> open_sqlite_store(const SqliteStoreOptions& options,
                                                        Entropy& entropy);

// The schema version that this binary brings a database to.
int schema_version();

}  // namespace openavail::store
