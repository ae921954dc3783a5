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
  bool create = false;  // make the database where there is none; otherwise that is an error
  std::chrono::milliseconds busy_wait = limits::kDatabaseBusyWait;
};

// Opens nothing yet (start-up time counts): the database is opened, and migrated where it is older,
// at the first begin(). `entropy` must outlive the store. Errors: not_found when there is no
// database and none is to be created.
Result<std::unique_ptr<ports::Store>> open_sqlite_store(const SqliteStoreOptions& options,
                                                        Entropy& entropy);

// The schema version that this binary brings a database to.
int schema_version();

}  // namespace openavail::store
