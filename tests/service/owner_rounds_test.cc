// Rounds of one owner's requests: who waits together is decided by tier, then by arrival, in one
// transaction, whatever order they came or read in.
#include "service/owner_rounds.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <functional>
#include <mutex>
#include <thread>

#include "store/sqlite/sqlite_store.h"
#include "store/watched_store.h"
#include "vectors/support.h"

namespace openavail::service::testing {
namespace {

using policy::Tier;
using std::chrono::milliseconds;

void until(const std::function<bool()>& holds) {
  for (int i = 0; i < 20'000 && !holds(); ++i) std::this_thread::sleep_for(milliseconds{1});
  REQUIRE(holds());
}

struct House {
  explicit House(OwnerRoundsOptions options = {}) : rounds(std::move(options)) {}

  std::unique_ptr<ports::Store> open(milliseconds wait = milliseconds{2'000}) {
    return std::move(*store::open_sqlite_store({folder.path(), true, wait}, entropy));
  }

  // What a request does between entering and beginning.
  using Reads = std::function<void()>;
  // A request of `tier`, told apart by its name; "undone…" changes its mind, "leaves…" goes before
  // it begins. Returns when it is in a round, or waits.
  void start(const std::string& name, Tier tier, Reads reads = {},
             const OwnerId& owner = OwnerId("own_1")) {
    const std::size_t before = rounds.waiting(owner);
    const auto is_inside = std::make_shared<std::atomic<bool>>(false);
    threads.emplace_back([=, this] {
      OwnerRounds::Place place(rounds, store, owner);
      if (!place.enter(tier)) {
        if (const Status waited = place.wait(); !waited) return note(name, waited.error());
      }
      *is_inside = true;
      ++inside;
      if (reads) reads();
      if (name.rfind("leaves", 0) == 0) return;
      auto tx = place.begin();
      if (!tx) return note(name, tx.error());
      {
        const std::lock_guard guard(mutex);
        std::string seen;
        for (const std::string& earlier : order) {
          const auto found = (*tx)->meta(earlier);
          if (found && *found) seen += earlier + " ";
        }
        sees[name] = seen;
        order.push_back(name);
      }
      static_cast<void>((*tx)->set_meta(name, "1"));
      if (name.rfind("undone", 0) == 0) return;
      const Status done = (*tx)->commit();
      if (!done) return note(name, done.error());
      const auto found = (*store.begin(ports::Access::read))->meta(name);
      if (!found || !*found) note(name, Error(ErrorCode::internal, "answered too early"));
    });
    until([&] { return rounds.waiting(owner) > before || *is_inside; });
  }
  void note(const std::string& name, const Error& error) {
    const std::lock_guard guard(mutex);
    errors.emplace(name, error);
  }
  void join() {
    for (auto& thread : threads) thread.join();
    threads.clear();
  }

  openavail::testing::TemporaryFolder folder;
  SystemEntropy entropy;
  store::testing::WatchedStore::Watch watch;
  store::testing::WatchedStore store{open(), watch};
  OwnerRounds rounds;
  std::mutex mutex;
  std::vector<std::string> order;
  std::map<std::string, std::string> sees;
  std::map<std::string, Error> errors;
  std::atomic<int> inside{0};
  std::vector<std::thread> threads;
};

// Holds up a round until it is let go.
struct Hold {
  std::atomic<bool> is_over{false};
  House::Reads reads() {
    return [this] {
      while (!is_over) std::this_thread::sleep_for(milliseconds{1});
    };
  }
};

using Names = std::vector<std::string>;

TEST_CASE("of those who wait together the higher tier is decided first, however they came") {
  const std::vector<std::pair<std::string, Tier>> all = {
      {"low", Tier::low}, {"normal", Tier::normal}, {"high", Tier::high}, {"top", Tier::critical}};
  std::vector<std::size_t> arrival = {0, 1, 2, 3};
  do {
    House house;
    Hold hold;
    house.start("first", Tier::low, hold.reads());
    for (const std::size_t i : arrival) house.start(all[i].first, all[i].second);
    CHECK(house.rounds.waiting(OwnerId("own_1")) == 4);
    hold.is_over = true;
    house.join();
    CHECK(house.order == Names{"first", "top", "high", "normal", "low"});
    CHECK(house.errors.empty());
    CHECK(house.watch.rounds == 2);
  } while (std::next_permutation(arrival.begin(), arrival.end()));
}

TEST_CASE("of one tier the first to come is decided first, though it was the last to read") {
  House house;
  Hold hold, slow;
  house.start("first", Tier::low, hold.reads());
  house.start("a", Tier::normal, slow.reads());
  house.start("b", Tier::normal);
  house.start("c", Tier::normal);
  hold.is_over = true;
  until([&] { return house.inside == 4; });
  std::this_thread::sleep_for(milliseconds{20});  // b and c have read, and wait for a
  {
    const std::lock_guard guard(house.mutex);
    CHECK(house.order == Names{"first"});
  }
  slow.is_over = true;
  house.join();
  CHECK(house.order == Names{"first", "a", "b", "c"});
}

TEST_CASE("later ones see what earlier ones of the round kept, and nothing of what was undone") {
  House house;
  Hold hold;
  house.start("first", Tier::low, hold.reads());
  house.start("last", Tier::low);
  house.start("undone", Tier::high);
  house.start("middle", Tier::normal);
  house.start("leaves", Tier::critical);
  house.start("top", Tier::critical);
  hold.is_over = true;
  house.join();
  CHECK(house.order == Names{"first", "top", "undone", "middle", "last"});
  CHECK(house.sees["last"] == "first top middle ");
  CHECK(house.sees["undone"] == "first top ");
  CHECK(house.errors.empty());
  CHECK(house.watch.rounds == 2);
  CHECK_FALSE((*house.store.begin(ports::Access::read))->meta("undone").value());
}

TEST_CASE("who comes while a round reads or decides is in the next one") {
  House house;
  Hold hold, second;
  house.start("first", Tier::low, hold.reads());
  house.start("low", Tier::low, second.reads());
  hold.is_over = true;
  until([&] { return house.inside == 2; });
  house.start("top", Tier::critical);
  CHECK(house.rounds.waiting(OwnerId("own_1")) == 1);
  second.is_over = true;
  house.join();
  CHECK(house.order == Names{"first", "low", "top"});
  CHECK(house.watch.rounds == 3);
  CHECK(house.rounds.waiting(OwnerId("own_1")) == 0);
}

TEST_CASE("owners do not wait for each other") {
  House house;
  Hold hold;
  house.start("first", Tier::low, hold.reads());
  house.start("other", Tier::low, {}, OwnerId("own_2"));
  until([&] {
    const std::lock_guard guard(house.mutex);
    return house.order == Names{"other"};
  });
  hold.is_over = true;
  house.join();
  CHECK(house.errors.empty());
}

TEST_CASE("a round has a size; the rest, in order of arrival, is the next one") {
  OwnerRoundsOptions options;
  options.together_max = 2;
  House house(options);
  Hold hold;
  house.start("first", Tier::low, hold.reads());
  house.start("a", Tier::low);
  house.start("b", Tier::high);
  house.start("c", Tier::critical);
  hold.is_over = true;
  house.join();
  CHECK(house.order == Names{"first", "b", "a", "c"});
}

TEST_CASE("waiting has limits: of number and of time") {
  OwnerRoundsOptions options;
  options.waiting_max = 1;
  House house(options);
  Hold hold;
  house.start("first", Tier::low, hold.reads());
  house.start("a", Tier::low);
  OwnerRounds::Place place(house.rounds, house.store, OwnerId("own_1"));
  REQUIRE_FALSE(place.enter(Tier::critical));
  const Status refused = place.wait();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code() == ErrorCode::rate_limited);
  CHECK_FALSE(place.is_inside());
  hold.is_over = true;
  house.join();
  CHECK(house.errors.empty());

  options.wait_max = milliseconds{20};
  House hurried(options);
  Hold held;
  hurried.start("first", Tier::low, held.reads());
  OwnerRounds::Place late(hurried.rounds, hurried.store, OwnerId("own_1"));
  REQUIRE_FALSE(late.enter(Tier::low));
  CHECK(late.wait().error().code() == ErrorCode::internal);
  CHECK(hurried.rounds.waiting(OwnerId("own_1")) == 0);
  held.is_over = true;
  hurried.join();
  CHECK(hurried.order == Names{"first"});
}

TEST_CASE("one who reads for too long is not waited for; its round goes on when it is back") {
  OwnerRoundsOptions options;
  options.wait_max = milliseconds{1'000};  // all three start within it, on a slow machine too
  House house(options);
  Hold hold, slow;
  house.start("first", Tier::low, hold.reads());
  house.start("slow", Tier::low, slow.reads());
  house.start("quick", Tier::low);
  hold.is_over = true;
  until([&] {
    const std::lock_guard guard(house.mutex);
    return house.errors.count("quick") == 1;
  });
  slow.is_over = true;
  house.join();
  CHECK(house.order == Names{"first", "slow"});
}

TEST_CASE("a widened round waits for more, where none is under way") {
  std::atomic<bool> goes_on{false};
  std::vector<milliseconds> pauses;
  OwnerRoundsOptions options;
  options.widened_by = milliseconds{7};
  options.pause = [&](milliseconds time) {
    pauses.push_back(time);
    while (!goes_on) std::this_thread::sleep_for(milliseconds{1});
  };
  House house(options);
  house.start("low", Tier::low);
  house.start("top", Tier::critical);
  CHECK(house.rounds.waiting(OwnerId("own_1")) == 2);
  goes_on = true;
  house.join();
  CHECK(house.order == Names{"top", "low"});
  CHECK(house.watch.rounds == 1);
  CHECK(pauses == std::vector<milliseconds>{milliseconds{7}});
}

TEST_CASE("when no transaction can be begun all of the round hear it, after one try") {
  House house;
  Hold hold;
  house.start("first", Tier::low, hold.reads());
  for (const char* name : {"a", "b", "c"}) house.start(name, Tier::low);
  house.watch.refuses = true;
  hold.is_over = true;
  house.join();
  CHECK(house.errors.size() == 4);
  CHECK(house.watch.rounds == 2);
  house.watch.refuses = false;
  house.start("after", Tier::low);
  house.join();
  CHECK(house.errors.count("after") == 0);
}

TEST_CASE("the owner is locked while its round decides, or from the moment a member asks for it") {
  House house;
  const auto neighbour = house.open(milliseconds{10});
  const OwnerId owner("own_1");
  {
    OwnerRounds::Place place(house.rounds, house.store, owner);
    REQUIRE(place.enter(Tier::low));
    CHECK(neighbour->lock_owner(owner));
    auto tx = place.begin();
    REQUIRE(tx);
    CHECK_FALSE(neighbour->lock_owner(owner));
    REQUIRE((*tx)->commit());
    CHECK(neighbour->lock_owner(owner));
  }
  {
    OwnerRounds::Place place(house.rounds, house.store, owner);
    REQUIRE(place.enter(Tier::low));
    REQUIRE(place.lock_owner());
    REQUIRE(place.lock_owner());
    CHECK_FALSE(neighbour->lock_owner(owner));
    CHECK(neighbour->begin(ports::Access::write));
    REQUIRE(place.begin());  // and lets it go
    CHECK(neighbour->lock_owner(owner));
  }
}

}  // namespace
}  // namespace openavail::service::testing
