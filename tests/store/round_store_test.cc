// Rounds: one commit for all that wait together, and each gets the answer that is true for it.
// Rounds are counted by the write transactions that the store behind is asked for.
#include "store/rounds/round_store.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <functional>
#include <mutex>
#include <thread>

#include "store/sqlite/sqlite_store.h"
#include "store/store_suite.h"
#include "store/watched_store.h"
#include "vectors/support.h"

namespace openavail::store::testing {
namespace {

using openavail::testing::TemporaryFolder;
using std::chrono::milliseconds;

struct SetClock final : Clock {
  std::atomic<std::int64_t> ns{0};
  std::int64_t wall_ms() const override { return ns / 1'000'000; }
  std::int64_t monotonic_ns() const override { return ns; }
};

std::unique_ptr<ports::Store> open_behind(const std::string& directory) {
  static SystemEntropy entropy;
  SqliteStoreOptions options;
  options.data_directory = directory;
  options.create = true;
  auto store = open_sqlite_store(options, entropy);
  return store ? std::move(*store) : nullptr;
}

struct House {
  explicit House(RoundLimits limits = {})
      : store(std::make_unique<WatchedStore>(open_behind(folder.path()), watch), clock, limits) {
    populate(store);
    watch.rounds = 0;
  }

  // A thread that puts one name and commits; its answer is kept by name.
  void start_writer(const std::string& name) {
    const std::size_t already = store.waiting();
    threads.emplace_back([this, name] {
      auto tx = store.begin(ports::Access::write);
      if (!tx) return keep(name, tx.error().message());
      {
        const std::lock_guard lock(mutex);
        order.push_back(name);
      }
      clock.ns += step_ns;
      const Status put = (*tx)->set_meta(name, "1");
      if (name.rfind("undone", 0) == 0) return keep(name, "undone");
      const Status done = put ? (*tx)->commit() : put;
      if (!done) return keep(name, done.error().message());
      // Committed means: there for everyone.
      auto reader = store.begin(ports::Access::read);
      const auto seen = (*reader)->meta(name);
      keep(name, seen && *seen ? "committed" : "answered too early");
    });
    wait_until([&] { return store.waiting() > already || answered(name); });
  }
  void keep(const std::string& name, const std::string& answer) {
    const std::lock_guard lock(mutex);
    answers[name] = answer;
  }
  bool answered(const std::string& name) {
    const std::lock_guard lock(mutex);
    return answers.count(name) != 0;
  }
  void join() {
    for (auto& thread : threads) thread.join();
    threads.clear();
  }
  static void wait_until(const std::function<bool()>& holds) {
    for (int i = 0; i < 20'000 && !holds(); ++i) std::this_thread::sleep_for(milliseconds{1});
    REQUIRE(holds());
  }

  TemporaryFolder folder;
  SetClock clock;
  WatchedStore::Watch watch;
  RoundStore store;
  std::int64_t step_ns = 0;
  std::mutex mutex;
  std::map<std::string, std::string> answers;
  std::vector<std::string> order;
  std::vector<std::thread> threads;
};

TEST_CASE("a store with rounds does what every store must") {
  static SetClock clock;
  std::vector<std::unique_ptr<TemporaryFolder>> folders;
  run_store_suite([&folders] {
    folders.push_back(std::make_unique<TemporaryFolder>());
    return std::make_unique<RoundStore>(open_behind(folders.back()->path()), clock);
  });
}

TEST_CASE("what waits together is one round, in order of arrival, and nobody is told too early") {
  House house;
  {
    auto first = write(house.store);
    for (const char* name : {"a", "b", "undone", "c", "d"}) house.start_writer(name);
    CHECK(house.store.waiting() == 5);
    REQUIRE(first->set_meta("first", "1"));
    REQUIRE(first->commit());
  }
  house.join();
  CHECK(house.watch.rounds == 1);
  CHECK(house.order == std::vector<std::string>{"a", "b", "undone", "c", "d"});
  for (const char* name : {"a", "b", "c", "d"}) CHECK(house.answers[name] == "committed");
  CHECK_FALSE(read(house.store)->meta("undone").value());
  CHECK(read(house.store)->meta("first").value() == "1");
}

TEST_CASE("a round that nobody committed anything in is over, and the next one begins") {
  House house;
  {
    auto first = write(house.store);
    house.start_writer("undone");
    REQUIRE(first->set_meta("first", "1"));
  }
  house.join();
  CHECK_FALSE(read(house.store)->meta("first").value());
  house.start_writer("after");
  house.join();
  CHECK(house.answers["after"] == "committed");
  CHECK(house.watch.rounds == 2);
}

TEST_CASE("a round has at most so many parts; who is left over is first in the next") {
  RoundLimits limits;
  limits.parts_max = 2;
  House house(limits);
  {
    auto first = write(house.store);
    for (const char* name : {"a", "b", "c", "d"}) house.start_writer(name);
    REQUIRE(first->commit());
  }
  house.join();
  CHECK(house.watch.rounds == 3);  // first a, b c, d
  CHECK(house.order == std::vector<std::string>{"a", "b", "c", "d"});
}

TEST_CASE("no part begins in a round that has lasted its time") {
  RoundLimits limits;
  limits.time_max = milliseconds{50};
  House house(limits);
  house.step_ns = 30'000'000;
  {
    auto first = write(house.store);
    for (const char* name : {"a", "b", "c", "d"}) house.start_writer(name);
    REQUIRE(first->commit());
  }
  house.join();
  CHECK(house.watch.rounds == 2);  // first a b at 60 ms, c d
}

TEST_CASE("when the store behind can't be begun, all that wait hear it, and later ones try anew") {
  House house;
  house.watch.refuses = true;
  std::atomic<bool> goes_on{false};
  house.watch.before_begin = [&] {
    while (!goes_on) std::this_thread::sleep_for(milliseconds{1});
  };
  std::thread opener(
      [&] { house.keep("opener", house.store.begin(ports::Access::write).error().message()); });
  House::wait_until([&] { return house.watch.rounds == 1; });
  house.start_writer("during");  // came while the round was being opened
  goes_on = true;
  opener.join();
  house.join();
  CHECK(house.answers["opener"] == "the lock is another's");
  CHECK(house.answers["during"] == "the lock is another's");
  CHECK(house.watch.rounds == 2);
  house.watch.refuses = false;
  house.start_writer("after");
  house.join();
  CHECK(house.answers["after"] == "committed");
}

TEST_CASE("waiting has limits: of number and of time") {
  RoundLimits limits;
  limits.waiting_max = 1;
  limits.wait_max = milliseconds{20};
  House house(limits);
  auto first = write(house.store);
  const auto too_long = house.store.begin(ports::Access::write);
  REQUIRE_FALSE(too_long);
  CHECK(too_long.error().code() == ErrorCode::internal);
  CHECK(house.store.waiting() == 0);
  REQUIRE(first->commit());
  CHECK(house.store.begin(ports::Access::write));

  limits.wait_max = milliseconds{20'000};
  House crowded(limits);
  auto holder = write(crowded.store);
  crowded.start_writer("waits");
  CHECK_FALSE(crowded.store.begin(ports::Access::write));
  REQUIRE(holder->commit());
  crowded.join();
  CHECK(crowded.answers["waits"] == "committed");
}

TEST_CASE("many threads and a neighbour without rounds count without a loss") {
  House house;
  constexpr int kThreads = 16, kTimes = 40;
  std::atomic<int> failures{0};
  const auto count_once = [&failures](ports::Store& store, bool changes_its_mind) {
    auto tx = store.begin(ports::Access::write);
    const auto before = tx ? (*tx)->meta("count") : Result<std::optional<std::string>>{};
    const int count = before && *before ? std::stoi(**before) : 0;
    if (!tx || !(*tx)->set_meta("count", std::to_string(count + 1))) ++failures;
    if (tx && !changes_its_mind && !(*tx)->commit()) ++failures;
  };
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kTimes; ++i) {
        count_once(house.store, false);
        if ((t + i) % 5 == 0) count_once(house.store, true);
      }
    });
  }
  // As another process would: it takes the file lock for itself.
  threads.emplace_back([&] {
    const auto neighbour = open_behind(house.folder.path());
    for (int i = 0; i < kTimes; ++i) count_once(*neighbour, false);
  });
  for (auto& thread : threads) thread.join();
  CHECK(failures == 0);
  CHECK(read(house.store)->meta("count").value() == std::to_string((kThreads + 1) * kTimes));
  CHECK(house.watch.rounds < kThreads * kTimes);
  CHECK(house.store.integrity_problems().value().empty());
}

// In a child: the limit is the process's.
int a_full_disk() {
  signal(SIGXFSZ, SIG_IGN);
  SetClock clock;
  char pattern[] = "/tmp/openavail-XXXXXX";
  const std::string directory = mkdtemp(pattern);
  int result = 0;
  {
    RoundStore store(open_behind(directory), clock);
    if (!(*store.begin(ports::Access::write))->set_meta("x", "1")) return 1;
    struct rlimit before {};
    getrlimit(RLIMIT_FSIZE, &before);
    std::atomic<int> refused{0};
    std::vector<std::thread> threads;
    {
      auto first = store.begin(ports::Access::write);
      if (!first) return 2;
      for (std::size_t i = 0; i < 3; ++i) {
        threads.emplace_back([&store, &refused, i] {
          auto tx = store.begin(ports::Access::write);
          if (!tx || !(*tx)->set_meta("other" + std::to_string(i), "1") || !(*tx)->commit()) {
            ++refused;
          }
        });
        while (store.waiting() <= i) std::this_thread::sleep_for(milliseconds{1});
      }
      struct rlimit small = before;
      small.rlim_cur = 1;
      setrlimit(RLIMIT_FSIZE, &small);
      const auto put = (*first)->set_meta("first", "1");
      const auto done = (*first)->commit();
      if (!put) result = 3;
      if (done || done.error().code() != ErrorCode::internal) result = 4;
    }
    for (auto& thread : threads) thread.join();
    setrlimit(RLIMIT_FSIZE, &before);
    if (refused != 3) result = 5;
    auto again = store.begin(ports::Access::write);
    if (!again || (*again)->meta("first").value() || (*again)->meta("other0").value()) result = 6;
    if (!(*again)->set_meta("again", "1") || !(*again)->commit()) result = 7;
    again->reset();
    if (!(*store.begin(ports::Access::read))->meta("again").value()) result = 8;
  }
  std::filesystem::remove_all(directory);
  return result;
}

TEST_CASE("when a round can't be committed, all of it hears so and none of it happened") {
  const pid_t child = fork();
  if (child == 0) _exit(a_full_disk());
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

}  // namespace
}  // namespace openavail::store::testing
