#include "keys/verifier.h"

#include <malloc.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <fstream>
#include <map>
#include <mutex>
#include <regex>
#include <set>
#include <thread>

#include "crypto/argon2id.h"
#include "keys/key_text.h"
#include "keys/result_cache.h"
#include "vectors/support.h"

using namespace openavail;
using namespace openavail::keys;
using openavail::testing::read_file;
using openavail::testing::SeededEntropy;
using openavail::testing::TemporaryFolder;
using openavail::testing::write_file;

namespace {

// A table of keys, and a count of what asks it.
struct Installation {
  SeededEntropy entropy{7};
  TemporaryFolder folder;
  std::string pepper_path = folder.file("pepper");
  Pepper pepper = std::move(*Pepper::make(pepper_path, entropy));
  std::map<KeyRef, StoredVerifier> rows;
  std::atomic<int> lookups = 0;
  std::atomic<int> pepper_loads = 0;

  NewKey mint() {
    NewKey key = make_key(entropy);
    auto phc = hash_for_storage(key.text.reveal(), pepper, entropy);
    REQUIRE(phc);
    rows[key.ref] = {key.ref, *phc, pepper.id(), 1};
    return key;
  }
  Verifier::Lookup lookup() {
    return [this](const KeyRef& ref) -> Result<std::optional<StoredVerifier>> {
      ++lookups;
      const auto row = rows.find(ref);
      if (row == rows.end()) return std::optional<StoredVerifier>();
      return std::optional(row->second);
    };
  }
  std::function<Result<Pepper>()> load_pepper() {
    return [this] {
      ++pepper_loads;
      return Pepper::load(pepper_path);
    };
  }
};

// The reference of one key with the secret of another, under a right checksum.
std::string wrong_secret_for(const KeyRef& ref, Entropy& entropy) {
  // make_key draws the reference first: the wanted one is handed out, the rest is random.
  class Prefixed final : public Entropy {
   public:
    Prefixed(std::string_view wanted, Entropy& rest) : wanted_(wanted), rest_(rest) {}
    void fill(std::span<std::uint8_t> out) override {
      rest_.fill(out);
      if (used_) return;
      used_ = true;
      constexpr std::string_view letters =
          "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
      for (std::size_t i = 0; i < wanted_.size(); ++i) {
        out[i] = static_cast<std::uint8_t>(letters.find(wanted_[i]));
      }
    }

   private:
    std::string wanted_;
    Entropy& rest_;
    bool used_ = false;
  };
  Prefixed prefixed(ref.text(), entropy);
  NewKey key = make_key(prefixed);
  REQUIRE(key.ref == ref);
  return std::string(key.text.reveal());
}

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define OPENAVAIL_SANITIZED  // sanitizers need the whole address space for themselves
#endif
#endif

#ifndef OPENAVAIL_SANITIZED
// While it lives there is no memory for an Argon2id run.
class ShortOfMemory {
 public:
  ShortOfMemory() {
    malloc_trim(0);  // what was freed before would be enough
    rlim_t pages = 0;
    REQUIRE(std::ifstream("/proc/self/statm") >> pages);
    REQUIRE(getrlimit(RLIMIT_AS, &before_) == 0);
    rlimit now = before_;
    now.rlim_cur = pages * static_cast<rlim_t>(sysconf(_SC_PAGESIZE)) + (4U << 20);
    REQUIRE(setrlimit(RLIMIT_AS, &now) == 0);
  }
  ~ShortOfMemory() { setrlimit(RLIMIT_AS, &before_); }
  ShortOfMemory(const ShortOfMemory&) = delete;
  ShortOfMemory& operator=(const ShortOfMemory&) = delete;

 private:
  rlimit before_{};
};
#endif

std::string body(const Error& error) {
  return error.wire_code() + "|" + error.message() + "|" + error.next() + "|" +
         error.operator_detail() + "|" + error.details().dump();
}

}  // namespace

TEST_CASE("What is stored of a key is Argon2id at the required cost with a salt of its own") {
  Installation here;
  const NewKey key = here.mint();
  const std::string first = here.rows.at(key.ref).phc;
  const auto second = hash_for_storage(key.text.reveal(), here.pepper, here.entropy);
  REQUIRE(second);
  CHECK(first.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
  CHECK(first != *second);
  CHECK(std::regex_match(
      first,
      std::regex(R"(\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43})")));
  CHECK(first.find(key.text.reveal().substr(16, 43)) == std::string::npos);
}

TEST_CASE(
    "The first check of a key costs one Argon2id run, later ones none, and each asks the row") {
  Installation here;
  const NewKey key = here.mint();
  Verifier verifier(here.load_pepper(), here.entropy);
  CHECK(here.pepper_loads == 0);
  for (int i = 1; i <= 5; ++i) {
    const auto verified = verifier.verify(key.text.reveal(), here.lookup());
    REQUIRE(verified);
    CHECK(verified->ref == key.ref);
    CHECK(verified->version == 1);
    CHECK(here.lookups == i);
  }
  CHECK(verifier.argon2_runs() == 1);
  CHECK(here.pepper_loads == 1);
}

TEST_CASE("A new version of the row makes the cached result worthless") {
  Installation here;
  const NewKey key = here.mint();
  Verifier verifier(here.load_pepper(), here.entropy);
  REQUIRE(verifier.verify(key.text.reveal(), here.lookup()));
  here.rows.at(key.ref).version = 2;
  const auto again = verifier.verify(key.text.reveal(), here.lookup());
  REQUIRE(again);
  CHECK(again->version == 2);
  CHECK(verifier.argon2_runs() == 2);
  // The secret is another one now: what was right before is wrong at once.
  here.rows.at(key.ref).version = 3;
  here.rows.at(key.ref).phc = here.rows.at(here.mint().ref).phc;
  CHECK_FALSE(verifier.verify(key.text.reveal(), here.lookup()));
  here.rows.erase(key.ref);
  CHECK_FALSE(verifier.verify(key.text.reveal(), here.lookup()));
}

TEST_CASE("A wrong form or checksum costs neither a lookup nor a run") {
  Installation here;
  const NewKey key = here.mint();
  Verifier verifier(here.load_pepper(), here.entropy);
  std::string changed(key.text.reveal());
  changed.back() = changed.back() == '0' ? '1' : '0';
  for (const std::string& text : {changed, std::string(), std::string("ak_x"), changed + "0"}) {
    const auto verified = verifier.verify(text, here.lookup());
    REQUIRE_FALSE(verified);
    CHECK(verified.error().code() == ErrorCode::unknown_api_key);
  }
  CHECK(here.lookups == 0);
  CHECK(verifier.argon2_runs() == 0);
  CHECK(here.pepper_loads == 0);
}

TEST_CASE("Unknown and wrong keys answer alike and cost alike: one run, then none") {
  Installation here;
  const NewKey key = here.mint();
  const std::string wrong = wrong_secret_for(key.ref, here.entropy);
  const std::string unknown(make_key(here.entropy).text.reveal());
  Verifier verifier(here.load_pepper(), here.entropy);
  std::set<std::string> bodies;
  std::uint64_t runs = 0;
  for (const std::string& text : {wrong, unknown}) {
    for (int i = 0; i < 3; ++i) {
      const auto verified = verifier.verify(text, here.lookup());
      REQUIRE_FALSE(verified);
      bodies.insert(body(verified.error()));
      CHECK(verifier.argon2_runs() == runs + 1);
    }
    ++runs;
  }
  bodies.insert(body(verifier.verify("rubbish", here.lookup()).error()));
  CHECK(bodies.size() == 1);
  CHECK(here.lookups == 6);
  // The right key still works beside its wrong twin.
  CHECK(verifier.verify(key.text.reveal(), here.lookup()));
}

TEST_CASE("Only a key that was found right is remembered as such, without a check of its own") {
  Installation here;
  const NewKey key = here.mint();
  const std::string wrong = wrong_secret_for(key.ref, here.entropy);
  Verifier verifier(here.load_pepper(), here.entropy);
  CHECK_FALSE(verifier.has_verified(key.text.reveal()));
  CHECK_FALSE(verifier.has_verified("rubbish"));
  CHECK(verifier.argon2_runs() == 0);
  REQUIRE(verifier.verify(key.text.reveal(), here.lookup()));
  REQUIRE_FALSE(verifier.verify(wrong, here.lookup()));
  CHECK(verifier.has_verified(key.text.reveal()));
  CHECK_FALSE(verifier.has_verified(wrong));
  here.rows.at(key.ref).version = 2;  // whether it is still right is for the check to say
  CHECK(verifier.has_verified(key.text.reveal()));
  CHECK(verifier.argon2_runs() == 2);
}

TEST_CASE("A key that was unknown is seen as soon as its row is there") {
  Installation here;
  NewKey key = make_key(here.entropy);
  Verifier verifier(here.load_pepper(), here.entropy);
  REQUIRE_FALSE(verifier.verify(key.text.reveal(), here.lookup()));
  const auto phc = hash_for_storage(key.text.reveal(), here.pepper, here.entropy);
  REQUIRE(phc);
  here.rows[key.ref] = {key.ref, *phc, here.pepper.id(), 0};
  CHECK(verifier.verify(key.text.reveal(), here.lookup()));
}

TEST_CASE("The error of a lookup is passed on and remembers nothing") {
  Installation here;
  const NewKey key = here.mint();
  Verifier verifier(here.load_pepper(), here.entropy);
  const auto broken = verifier.verify(
      key.text.reveal(), [](const KeyRef&) -> Result<std::optional<StoredVerifier>> {
        return fail(ErrorCode::internal, "The store can't be read.");
      });
  REQUIRE_FALSE(broken);
  CHECK(broken.error().code() == ErrorCode::internal);
  CHECK(verifier.argon2_runs() == 0);
  CHECK(verifier.verify(key.text.reveal(), here.lookup()));
}

TEST_CASE("A pepper that is missing or another one is an error of the installation, tried anew") {
  Installation here;
  const NewKey key = here.mint();
  SECTION("missing at first") {
    bool there = false;
    Verifier verifier(
        [&]() -> Result<Pepper> {
          return Pepper::load(there ? here.pepper_path : here.folder.file("absent"));
        },
        here.entropy);
    const auto first = verifier.verify(key.text.reveal(), here.lookup());
    REQUIRE_FALSE(first);
    CHECK(first.error().code() == ErrorCode::internal);
    there = true;
    CHECK(verifier.verify(key.text.reveal(), here.lookup()));
  }
  SECTION("another one") {
    REQUIRE(Pepper::make(here.folder.file("other"), here.entropy));
    Verifier verifier([&] { return Pepper::load(here.folder.file("other")); }, here.entropy);
    const auto verified = verifier.verify(key.text.reveal(), here.lookup());
    REQUIRE_FALSE(verified);
    CHECK(verified.error().code() == ErrorCode::internal);
    CHECK(verified.error().message().find("pep_") == std::string::npos);
  }
}

#ifndef OPENAVAIL_SANITIZED
TEST_CASE("Without memory a check fails as such, for known and unknown keys, and can be repeated") {
  Installation here;
  const NewKey known = here.mint();
  const NewKey unknown = make_key(here.entropy);
  Verifier verifier(here.load_pepper(), here.entropy);
  for (const NewKey* key : {&known, &unknown}) {
    const ShortOfMemory now;
    const auto verified = verifier.verify(key->text.reveal(), here.lookup());
    REQUIRE_FALSE(verified);
    CHECK(verified.error().code() == ErrorCode::internal);
  }
  CHECK(verifier.verify(known.text.reveal(), here.lookup()));
  CHECK(verifier.verify(unknown.text.reveal(), here.lookup()).error().code() ==
        ErrorCode::unknown_api_key);
}
#endif

TEST_CASE("The same pepper is needed: without it the stored string does not match") {
  Installation here;
  const NewKey key = here.mint();
  auto other = Pepper::make(here.folder.file("other"), here.entropy);
  REQUIRE(other);
  here.rows.at(key.ref).pepper_id = other->id();  // a row that lies about its pepper
  Verifier verifier([&] { return Pepper::load(here.folder.file("other")); }, here.entropy);
  const auto verified = verifier.verify(key.text.reveal(), here.lookup());
  REQUIRE_FALSE(verified);
  CHECK(verified.error().code() == ErrorCode::unknown_api_key);
}

TEST_CASE("Threads that bring the same new key share one run") {
  Installation here;
  const NewKey key = here.mint();
  SystemEntropy entropy;
  Verifier verifier(here.load_pepper(), entropy, 4);
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      if (verifier.verify(key.text.reveal(), here.lookup())) ++good;
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(good == 8);
  CHECK(verifier.argon2_runs() == 1);
}

TEST_CASE("Not more runs at once than allowed, and all get their turn") {
  Installation here;
  std::vector<NewKey> keys;
  for (int i = 0; i < 6; ++i) keys.push_back(here.mint());
  SystemEntropy entropy;
  // The pepper is loaded inside a place: what blocks there keeps the only place taken.
  std::mutex gate;
  std::unique_lock<std::mutex> held(gate);
  std::atomic<int> inside = 0;
  Verifier verifier(
      [&] {
        ++inside;
        const std::lock_guard lock(gate);
        return Pepper::load(here.pepper_path);
      },
      entropy, 1);
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (const NewKey& key : keys) {
    threads.emplace_back([&] {
      if (verifier.verify(key.text.reveal(), here.lookup())) ++good;
    });
  }
  while (inside == 0) std::this_thread::yield();
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  CHECK(inside == 1);
  CHECK(good == 0);
  held.unlock();
  for (std::thread& thread : threads) thread.join();
  CHECK(good == 6);
  CHECK(inside == 1);
  CHECK(verifier.argon2_runs() == 6);
}

TEST_CASE("The cache of results is bounded and drops what was not used for longest") {
  ResultCache cache(3);
  cache.put("a", 1);
  cache.put("b", 1);
  cache.put("c", std::nullopt);
  CHECK(cache.has("a", 1));  // now the most recently used
  cache.put("d", 1);
  CHECK(cache.size() == 3);
  CHECK_FALSE(cache.has("b", 1));
  CHECK(cache.has("a", 1));
  CHECK(cache.has("c", std::nullopt));
  CHECK_FALSE(cache.has("c", 0));
  CHECK_FALSE(cache.has("d", 2));
  cache.put("d", 2);
  CHECK(cache.has("d", 2));
  CHECK_FALSE(cache.has("d", 1));
  CHECK(cache.size() == 3);
  for (int i = 0; i < 1000; ++i) cache.put(std::to_string(i), i);
  CHECK(cache.size() == 3);
}

TEST_CASE("A pepper file is private, comes back the same, and is never replaced") {
  TemporaryFolder folder;
  SystemEntropy entropy;
  const std::string path = folder.file("pepper");
  const auto made = Pepper::make(path, entropy);
  REQUIRE(made);
  struct stat status {};
  REQUIRE(stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0600);
  const auto loaded = Pepper::load(path);
  REQUIRE(loaded);
  CHECK(loaded->id() == made->id());
  CHECK(std::equal(loaded->bytes().view().begin(), loaded->bytes().view().end(),
                   made->bytes().view().begin(), made->bytes().view().end()));
  CHECK(loaded->bytes().view().size() == 32);
  const auto again = Pepper::make(path, entropy);
  REQUIRE_FALSE(again);
  CHECK(again.error().code() == ErrorCode::state_conflict);

  REQUIRE(chmod(path.c_str(), 0644) == 0);
  CHECK(Pepper::load(path).error().code() == ErrorCode::internal);
  REQUIRE(chmod(path.c_str(), 0600) == 0);
  const std::string good = read_file(path);
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string cut = good.substr(0, i);
    write_file(path, cut);
    REQUIRE_FALSE(Pepper::load(path));
  }
  std::vector<std::string> all_bad = {good + "\n", " " + good};
  const std::size_t secret = good.size() - 65;  // 64 hexadecimal digits and a newline
  for (const std::size_t place : {good.find(' '), good.find("pep_"), secret - 1, secret, secret + 1,
                                  good.size() - 2, good.size() - 1}) {
    for (const char other : {'G', '/', ':', '`', 'g'}) {
      all_bad.push_back(good);
      all_bad.back()[place] = other;
    }
  }
  for (const std::string& bad : all_bad) {
    write_file(path, bad);
    REQUIRE_FALSE(Pepper::load(path));
  }
  write_file(path, good);
  CHECK(Pepper::load(path));
}
