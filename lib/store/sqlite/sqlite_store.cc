#include "store/sqlite/sqlite_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <utility>

#include "base/identifiers.h"
#include "store/sqlite/connection.h"
#include "store/sqlite/file_lock.h"
#include "store/sqlite/migrations.h"
#include "store/sqlite/transaction.h"

namespace openavail::store {
namespace {

// Connections kept for the next transaction; more are closed.
constexpr std::size_t kIdleConnectionsMax = 8;
// When that many are at work, a further one would cost more (opening, reading the schema, preparing
// every statement) than waiting this long for one to come back.
constexpr std::chrono::milliseconds kConnectionPatience{20};
constexpr std::size_t kWriterIdCharacters = 22;

class OwnerFileLock final : public ports::OwnerLock {
 public:
  explicit OwnerFileLock(FileLock lock) : lock_(std::move(lock)) {}

 private:
  FileLock lock_;
};

class SqliteStore final : public ports::Store, public std::enable_shared_from_this<SqliteStore> {
 public:
  SqliteStore(SqliteStoreOptions options, Entropy& entropy)
      : options_(std::move(options)), entropy_(entropy) {}

  Result<std::unique_ptr<ports::Transaction>> begin(ports::Access access) override {
    OA_TRY_STATUS(find_database());
    std::optional<FileLock> lock;
    if (access == ports::Access::write) {
      OA_TRY(lock, FileLock::take(path("write.lock"), options_.busy_wait));
    }
    OA_TRY(auto connection, take_connection(lock.has_value()));
    const std::weak_ptr<SqliteStore> self = weak_from_this();
    return SqliteTransaction::begin(std::move(connection), std::move(lock),
                                    [self, access](std::unique_ptr<Connection> returned) {
                                      if (const auto store = self.lock())
                                        store->keep(std::move(returned), access);
                                    });
  }

  Result<std::unique_ptr<ports::OwnerLock>> lock_owner(const OwnerId& owner) override {
    OA_TRY_STATUS(find_database());
    make_folder("owners");
    OA_TRY(FileLock lock,
           FileLock::take(path("owners/") + owner.text() + ".lock", options_.busy_wait));
    return std::unique_ptr<ports::OwnerLock>(std::make_unique<OwnerFileLock>(std::move(lock)));
  }

  Result<WriterId> writer() override {
    const std::lock_guard guard(writer_mutex_);
    if (!writer_id_.empty() && writer_process_ == getpid()) return writer_id_;
    make_folder("writers");
    const WriterId id(random_base62(kWriterIdCharacters, entropy_));
    OA_TRY(writer_lock_, FileLock::take(writer_path(id), options_.busy_wait));
    writer_id_ = id;
    writer_process_ = getpid();
    sweep_dead_writers();
    return writer_id_;
  }

  Result<bool> writer_is_alive(const WriterId& id) override {
    {
      const std::lock_guard guard(writer_mutex_);
      if (id == writer_id_ && writer_process_ == getpid()) return true;
    }
    return FileLock::is_taken(writer_path(id));
  }

  Result<std::vector<std::pair<std::string, std::string>>> pragmas() override {
    OA_TRY(auto connection, take_connection(false));
    return guarded([&]() -> Result<std::vector<std::pair<std::string, std::string>>> {
      return connection->pragmas();
    });
  }

  Result<std::vector<std::string>> integrity_problems() override {
    OA_TRY(auto connection, take_connection(false));
    return guarded([&]() -> Result<std::vector<std::string>> {
      std::vector<std::string> problems;
      SQLite::Statement check(connection->database(), "PRAGMA integrity_check");
      while (check.executeStep()) {
        const std::string line = check.getColumn(0).getString();
        if (line != "ok") problems.push_back(line);
      }
      SQLite::Statement keys(connection->database(), "PRAGMA foreign_key_check");
      while (keys.executeStep()) {
        problems.push_back("foreign key broken in table " + keys.getColumn(0).getString());
      }
      return problems;
    });
  }

 private:
  std::string path(const char* name) const { return options_.data_directory + "/" + name; }
  std::string writer_path(const WriterId& id) const {
    return path("writers/") + id.text() + ".lock";
  }

  // Where it is missing; what then can't be written in it says so.
  void make_folder(const char* name) const { ::mkdir(path(name).c_str(), 0700); }

  // Migrating needs the write lock; a caller that has it already must not take it twice.
  Result<std::unique_ptr<Connection>> take_connection(bool has_write_lock) {
    if (auto kept = take_kept(has_write_lock)) return kept;
    OA_TRY_STATUS(find_database());
    const std::string file = path("openavail.db");
    const int busy_wait_ms = static_cast<int>(options_.busy_wait.count());
    if (is_migrated_.load()) return counted(Connection::open(file, false, busy_wait_ms));
    // A new file: turning it to WAL does not wait for another process that does the same, so both
    // the turning and the migration happen under the write lock. The lock is always taken before
    // the connection, here and in begin(), so that two threads can't wait for each other.
    std::optional<FileLock> lock;
    if (!has_write_lock && is_new(file)) {
      OA_TRY(lock, FileLock::take(path("write.lock"), options_.busy_wait));
    }
    OA_TRY(auto connection, counted(Connection::open(file, false, busy_wait_ms)));
    const bool is_current =
        guarded([&]() -> Status { return check_schema(*connection); }).has_value();
    // Whatever stands there, an empty database is no installation: only init makes it one.
    if (!is_current && !options_.create && is_empty(*connection)) {
      return fail(Error(ErrorCode::not_found, "the data directory is not set up whole",
                        "run openavail init again, or restore a backup")
                      .with_operator_detail(file + ": holds no tables"));
    }
    if (!is_current) {
      if (!has_write_lock && !lock) {
        OA_TRY(lock, FileLock::take(path("write.lock"), options_.busy_wait));
      }
      OA_TRY_STATUS(migrate(*connection));
    }
    is_migrated_ = true;
    return connection;
  }

  // One that came back, or null: another has to be opened. In a crowd the writer, who is alone, has
  // one of its own: readers may be waiting for what it writes.
  std::unique_ptr<Connection> take_kept(bool to_write) {
    std::unique_lock guard(pool_mutex_);
    const auto is_crowded = [this] {
      return static_cast<std::size_t>(*open_) > kIdleConnectionsMax;
    };
    if (to_write && idle_writer_) return std::move(idle_writer_);
    if (!to_write && idle_.empty() && is_crowded()) {
      came_back_.wait_for(guard, kConnectionPatience, [this] { return !idle_.empty(); });
    }
    if (idle_.empty()) return is_crowded() ? nullptr : std::move(idle_writer_);
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    return connection;
  }

  Result<std::unique_ptr<Connection>> counted(Result<std::unique_ptr<Connection>> opened) {
    if (!opened) return opened;
    ++*open_;
    (*opened)->carry(
        std::shared_ptr<const void>(open_.get(), [open = open_](const void*) { --*open; }));
    return opened;
  }

  // Before anything else is made in a directory that may not be ours.
  Status find_database() const {
    const std::string file = path("openavail.db");
    if (access(file.c_str(), W_OK) == 0) return {};
    // Not even opened: SQLite would leave files beside it that can't be written either.
    if (errno != ENOENT) return fail(cannot_write(file + ": " + std::strerror(errno)));
    if (options_.create) return make_database(file);
    return fail(Error(ErrorCode::not_found, "there is no openavail data directory here",
                      "run openavail init, or name another with --data-dir")
                    .with_operator_detail(file + ": " + std::strerror(errno)));
  }

  // Made by us, so that its mode is ours and not SQLite's: beside its place and then put there.
  // Never open the database's file but through SQLite: closing it would end all of SQLite's locks
  // that this process has on it (fcntl locks), and a neighbour would delete the log that we write.
  Status make_database(const std::string& file) const {
    std::string fresh = path(".openavail.db-XXXXXX");
    const int fd = ::mkstemp(fresh.data());
    if (fd < 0) {
      return fail(Error(ErrorCode::internal, "the data directory can't be written",
                        "an administrator should check that it is there, its owner and modes")
                      .with_operator_detail(fresh + ": " + std::strerror(errno)));
    }
    close(fd);
    const bool is_there = ::link(fresh.c_str(), file.c_str()) == 0 || errno == EEXIST;
    const std::string cause = std::strerror(errno);
    ::unlink(fresh.c_str());
    if (is_there) return {};
    return fail(Error(ErrorCode::internal, "the database can't be made",
                      "an administrator should put the data directory on a local file system")
                    .with_operator_detail(file + ": " + cause));
  }

  static bool is_empty(Connection& connection) {
    const auto tables = guarded([&]() -> Result<int> {
      return connection.database().execAndGet("SELECT count(*) FROM sqlite_schema").getInt();
    });
    return tables && *tables == 0;
  }

  static bool is_new(const std::string& file) {
    struct stat info {};
    return ::stat(file.c_str(), &info) == 0 && info.st_size == 0;
  }

  void keep(std::unique_ptr<Connection> connection, ports::Access access) {
    const std::lock_guard guard(pool_mutex_);
    if (access == ports::Access::write) {
      idle_writer_ = std::move(connection);
      return;
    }
    if (idle_.size() >= kIdleConnectionsMax) return;
    idle_.push_back(std::move(connection));
    came_back_.notify_one();
  }

  // Lock files of dead writers say no more than missing ones.
  void sweep_dead_writers() {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(path("writers"), error)) {
      const std::string name = entry.path().stem().string();
      if (WriterId(name) == writer_id_) continue;
      const auto taken = FileLock::is_taken(entry.path().string());
      if (taken && !*taken) {
        // A process between making its file and locking it would lose it; give it time.
        struct stat info {};
        if (::stat(entry.path().c_str(), &info) == 0 && ::time(nullptr) - info.st_mtime > 60) {
          ::unlink(entry.path().c_str());
        }
      }
    }
  }

  const SqliteStoreOptions options_;
  Entropy& entropy_;
  const std::shared_ptr<std::atomic<int>> open_ = std::make_shared<std::atomic<int>>(0);
  std::mutex pool_mutex_;
  std::condition_variable came_back_;
  std::vector<std::unique_ptr<Connection>> idle_;
  std::unique_ptr<Connection> idle_writer_;
  std::atomic<bool> is_migrated_{false};
  std::mutex writer_mutex_;
  WriterId writer_id_;
  pid_t writer_process_ = 0;
  FileLock writer_lock_;
};

// Keeps the store shared, so that a transaction that outlives it gives its connection to no one.
class SharedStore final : public ports::Store {
 public:
  explicit SharedStore(std::shared_ptr<SqliteStore> store) : store_(std::move(store)) {}
  Result<std::unique_ptr<ports::Transaction>> begin(ports::Access access) override {
    return store_->begin(access);
  }
  Result<std::unique_ptr<ports::OwnerLock>> lock_owner(const OwnerId& owner) override {
    return store_->lock_owner(owner);
  }
  Result<WriterId> writer() override { return store_->writer(); }
  Result<bool> writer_is_alive(const WriterId& id) override { return store_->writer_is_alive(id); }
  Result<std::vector<std::pair<std::string, std::string>>> pragmas() override {
    return store_->pragmas();
  }
  Result<std::vector<std::string>> integrity_problems() override {
    return store_->integrity_problems();
  }

 private:
  std::shared_ptr<SqliteStore> store_;
};

}  // namespace

Result<std::unique_ptr<ports::Store>> open_sqlite_store(const SqliteStoreOptions& options,
                                                        Entropy& entropy) {
  return std::unique_ptr<ports::Store>(
      std::make_unique<SharedStore>(std::make_shared<SqliteStore>(options, entropy)));
}

}  // namespace openavail::store
