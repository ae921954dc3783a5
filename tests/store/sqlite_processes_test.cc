// Several processes, full disks and sudden ends. What a child finds, it tells by its exit code.
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <functional>
#include <thread>
#include <vector>

#include "store/sqlite/sqlite_store.h"
#include "store/store_suite.h"
#include "vectors/support.h"

namespace openavail::store::testing {
namespace {

using openavail::testing::TemporaryFolder;

// No assertions in here: children use it too.
std::unique_ptr<ports::Store> open(const std::string& directory) {
  static SystemEntropy entropy;
  SqliteStoreOptions options;
  options.data_directory = directory;
  options.create = true;
  auto store = open_sqlite_store(options, entropy);
  return store ? std::move(*store) : nullptr;
}

pid_t in_child(const std::function<int()>& work) {
  const pid_t child = fork();
  if (child == 0) _exit(work());
  REQUIRE(child > 0);
  return child;
}

int exit_code(pid_t child) {
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 100 + WTERMSIG(status);
}

bool wait_for(const std::string& path) {
  for (int i = 0; i < 2'000; ++i) {
    if (std::filesystem::exists(path)) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  return false;
}

void leave(const std::string& path) { close(::open(path.c_str(), O_CREAT | O_WRONLY, 0600)); }

constexpr int kProcesses = 8;
constexpr int kRounds = 25;

TEST_CASE("eight processes make one database together and count without a loss") {
  const TemporaryFolder folder;
  std::vector<pid_t> children;
  for (int i = 0; i < kProcesses; ++i) {
    children.push_back(in_child([&folder] {
      const auto store = open(folder.path());
      for (int round = 0; round < kRounds; ++round) {
        auto tx = store->begin(ports::Access::write);
        if (!tx) return 1;
        const auto before = (*tx)->meta("count");
        if (!before) return 2;
        const int count = before->has_value() ? std::stoi(**before) : 0;
        if (!(*tx)->set_meta("count", std::to_string(count + 1))) return 3;
        if (!(*tx)->commit()) return 4;
      }
      return 0;
    }));
  }
  for (const pid_t child : children) CHECK(exit_code(child) == 0);
  const auto store = open(folder.path());
  CHECK(read(*store)->meta("count").value().value_or("none") ==
        std::to_string(kProcesses * kRounds));
  CHECK(store->integrity_problems().value().empty());
}

TEST_CASE("threads of one process share the store and count without a loss") {
  const TemporaryFolder folder;
  const auto store = open(folder.path());
  std::atomic<int> failures{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kProcesses; ++i) {
    threads.emplace_back([&store, &failures] {
      for (int round = 0; round < kRounds; ++round) {
        auto tx = store->begin(ports::Access::write);
        if (!tx) {
          ++failures;
          continue;
        }
        const auto before = (*tx)->meta("count");
        const int count = before && before->has_value() ? std::stoi(**before) : 0;
        if (!(*tx)->set_meta("count", std::to_string(count + 1)) || !(*tx)->commit()) ++failures;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(failures.load() == 0);
  CHECK(read(*store)->meta("count").value().value_or("none") ==
        std::to_string(kProcesses * kRounds));
}

TEST_CASE("of two processes that book the same time the guard lets one in") {
  const TemporaryFolder folder;
  {
    const auto store = open(folder.path());
    populate(*store);
  }
  std::vector<pid_t> children;
  for (int i = 0; i < 2; ++i) {
    children.push_back(in_child([&folder, i] {
      const auto store = open(folder.path());
      auto tx = store->begin(ports::Access::write);
      if (!tx) return 9;
      const auto done = (*tx)->insert_booking(make_booking("b" + std::to_string(i), hours(10, 11)));
      if (!done) return done.error().code() == ErrorCode::state_conflict ? 1 : 8;
      return (*tx)->commit() ? 0 : 7;
    }));
  }
  CHECK(exit_code(children[0]) + exit_code(children[1]) == 1);
}

TEST_CASE("a process killed in the middle of a transaction leaves nothing and blocks no one") {
  const TemporaryFolder folder;
  {
    const auto store = open(folder.path());
    populate(*store);
  }
  const pid_t child = in_child([&folder] {
    const auto store = open(folder.path());
    auto tx = store->begin(ports::Access::write);
    if (!tx || !(*tx)->insert_booking(make_booking("b1", hours(10, 11)))) return 1;
    leave(folder.file("ready"));
    pause();
    return 2;
  });
  REQUIRE(wait_for(folder.file("ready")));
  REQUIRE(kill(child, SIGKILL) == 0);
  REQUIRE(exit_code(child) == 100 + SIGKILL);
  const auto store = open(folder.path());
  auto tx = write(*store);
  CHECK_FALSE(tx->find_booking(BookingId("b1")).value());
  CHECK(tx->insert_booking(make_booking("b2", hours(10, 11))));
  CHECK(tx->commit());
  CHECK(store->integrity_problems().value().empty());
}

TEST_CASE("a writer is alive in the eyes of others until it is killed") {
  const TemporaryFolder folder;
  const pid_t child = in_child([&folder] {
    const auto store = open(folder.path());
    const auto id = store->writer();
    auto tx = store->begin(ports::Access::write);
    if (!id || !tx || !(*tx)->set_meta("writer", id->text()) || !(*tx)->commit()) return 1;
    leave(folder.file("ready"));
    pause();
    return 2;
  });
  REQUIRE(wait_for(folder.file("ready")));
  const auto store = open(folder.path());
  const WriterId other(read(*store)->meta("writer").value().value());
  CHECK(store->writer_is_alive(other).value());
  CHECK(store->writer().value() != other);
  CHECK(store->writer_is_alive(other).value());
  REQUIRE(kill(child, SIGKILL) == 0);
  REQUIRE(exit_code(child) == 100 + SIGKILL);
  CHECK_FALSE(store->writer_is_alive(other).value());
}

TEST_CASE("a forked child is a writer of its own, and its end does not end the parent's") {
  const TemporaryFolder folder;
  const auto store = open(folder.path());
  const auto mine = store->writer().value();
  const pid_t child = in_child([&store, &mine] {
    const auto its = store->writer();
    return its && *its != mine ? 0 : 1;
  });
  CHECK(exit_code(child) == 0);
  const auto other = open(folder.path());
  CHECK(other->writer_is_alive(mine).value());
}

TEST_CASE("files of dead writers go when they are old, those of the living stay") {
  const TemporaryFolder folder;
  const auto living = open(folder.path());
  const auto id = living->writer().value();
  leave(folder.file("writers/dead.lock"));
  const auto lock_of = [&](const std::string& name) {
    return folder.file("writers/" + name + ".lock");
  };
  const auto long_ago = std::filesystem::file_time_type::clock::now() - std::chrono::hours{2};
  std::filesystem::last_write_time(lock_of("dead"), long_ago);
  std::filesystem::last_write_time(lock_of(id.text()), long_ago);
  REQUIRE(open(folder.path())->writer());
  CHECK_FALSE(std::filesystem::exists(lock_of("dead")));
  CHECK(std::filesystem::exists(lock_of(id.text())));
}

TEST_CASE("a full disk rolls the transaction back whole, and work goes on when space is back") {
  const TemporaryFolder folder;
  {
    const auto store = open(folder.path());
    populate(*store);
  }
  const pid_t child = in_child([&folder] {
    signal(SIGXFSZ, SIG_IGN);
    const auto store = open(folder.path());
    if (!store->begin(ports::Access::read)) return 1;
    // The log already holds the first pages; from now on it can't grow past this.
    struct rlimit before {};
    getrlimit(RLIMIT_FSIZE, &before);
    struct rlimit small = before;
    small.rlim_cur = 200'000;
    setrlimit(RLIMIT_FSIZE, &small);
    {
      auto tx = store->begin(ports::Access::write);
      if (!tx) return 2;
      if (!(*tx)->set_meta("first", "1")) return 3;
      bool is_refused = false;
      for (int i = 0; i < 3'000 && !is_refused; ++i) {
        const auto put = (*tx)->set_meta("big" + std::to_string(i), std::string(2'000, 'x'));
        if (!put) {
          if (put.error().code() != ErrorCode::internal || put.error().next().empty()) return 4;
          is_refused = true;
        }
      }
      // What is written now must not stand alone, outside the transaction that failed.
      static_cast<void>((*tx)->set_meta("after", "1"));
      const auto done = (*tx)->commit();
      if (done) return 5;
      if (done.error().code() != ErrorCode::internal) return 6;
    }
    setrlimit(RLIMIT_FSIZE, &before);
    auto again = store->begin(ports::Access::write);
    if (!again) return 7;
    if (!(*again)->set_meta("second", "1") || !(*again)->commit()) return 8;
    return 0;
  });
  REQUIRE(exit_code(child) == 0);
  const auto store = open(folder.path());
  auto tx = read(*store);
  CHECK_FALSE(tx->meta("first").value());
  CHECK_FALSE(tx->meta("big0").value());
  CHECK_FALSE(tx->meta("after").value());
  CHECK(tx->meta("second").value() == "1");
  CHECK(store->integrity_problems().value().empty());
}

TEST_CASE("in a data directory that can't be written a write says so") {
  const TemporaryFolder folder;
  {
    const auto store = open(folder.path());
    populate(*store);
  }
  namespace fs = std::filesystem;
  for (const auto& entry : fs::directory_iterator(folder.path())) {
    if (entry.is_regular_file()) fs::permissions(entry.path(), fs::perms{0444});
  }
  fs::permissions(folder.path(), fs::perms{0555});
  const pid_t child = in_child([&folder] {
    if (geteuid() == 0 && setuid(65'534) != 0) return 1;  // root may write everywhere
    const auto store = open(folder.path());
    const auto begun = store->begin(ports::Access::write);
    if (begun) return 2;
    if (begun.error().code() != ErrorCode::internal) return 3;
    if (begun.error().message().find("can't be written") == std::string::npos) return 4;
    return begun.error().next().empty() ? 5 : 0;
  });
  CHECK(exit_code(child) == 0);
  fs::permissions(folder.path(), fs::perms{0755});
}

}  // namespace
}  // namespace openavail::store::testing
