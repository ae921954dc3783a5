#include "base/identifiers.h"

#include <array>
#include <catch2/catch.hpp>
#include <map>
#include <regex>
#include <set>
#include <type_traits>

#include "base/id.h"
#include "vectors/support.h"

using namespace openavail;
using openavail::testing::SeededEntropy;

// One kind of id can't be passed for another, nor can bare text.
static_assert(!std::is_convertible_v<OwnerId, AgentId>);
static_assert(!std::is_constructible_v<OwnerId, AgentId>);
static_assert(!std::is_convertible_v<std::string, OwnerId>);

namespace {

// Gives the same byte again and again.
class ByteEntropy final : public Entropy {
 public:
  explicit ByteEntropy(std::uint8_t byte) : byte_(byte) {}
  void fill(std::span<std::uint8_t> out) override { std::fill(out.begin(), out.end(), byte_); }

 private:
  std::uint8_t byte_;
};

// Gives 0, 1, 2, … 255, 0, …: each byte equally often.
class CountingEntropy final : public Entropy {
 public:
  void fill(std::span<std::uint8_t> out) override {
    for (std::uint8_t& byte : out) byte = next_++;
  }

 private:
  std::uint8_t next_ = 0;
};

}  // namespace

TEST_CASE("A UUID of version 7 has the bits of RFC 9562") {
  ByteEntropy ones(0xff);
  CHECK(new_uuid_v7(0x017f22e279b0, ones) == "017f22e2-79b0-7fff-bfff-ffffffffffff");
  ByteEntropy zeros(0);
  CHECK(new_uuid_v7(0, zeros) == "00000000-0000-7000-8000-000000000000");
  CHECK(new_uuid_v7((std::int64_t{1} << 48) - 1, zeros) == "ffffffff-ffff-7000-8000-000000000000");
}

TEST_CASE("UUIDs of version 7 sort by their millisecond and don't repeat") {
  SeededEntropy entropy(1);
  const std::regex form("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  std::set<std::string> seen;
  std::string previous;
  for (std::int64_t ms = 1'782'914'400'000; ms < 1'782'914'402'000; ++ms) {
    const std::string id = new_uuid_v7(ms, entropy);
    REQUIRE(std::regex_match(id, form));
    REQUIRE(is_uuid(id));
    REQUIRE(previous < id);
    REQUIRE(seen.insert(id).second);
    REQUIRE(seen.insert(new_uuid_v7(ms, entropy)).second);
    previous = *seen.rbegin();
    previous.resize(13);  // the time part: the next millisecond's must be greater
    previous += "~";
  }
}

TEST_CASE("A UUID is 8-4-4-4-12 hexadecimal digits and nothing else") {
  CHECK(is_uuid("017F22E2-79b0-7fff-bfff-ffffffffffff"));
  for (const char* text :
       {"", "017f22e2-79b0-7fff-bfff-fffffffffff", "017f22e279b07fffbfffffffffffffff",
        "017f22e2-79b0-7fff-bfff-fffffffffffg", "017f22e2-79b0-7fff-bfff-ffffffffffff ",
        "017f22e2_79b0-7fff-bfff-ffffffffffff", "017f22e-279b0-7fff-bfff-ffffffffffff",
        "{17f22e2-79b0-7fff-bfff-fffffffffff}"}) {
    INFO(text);
    CHECK_FALSE(is_uuid(text));
  }
}

TEST_CASE("Base62 text has no bias: equally frequent bytes give equally frequent letters") {
  CountingEntropy counting;
  // Four times 256 bytes, of which 248 each are used: 4 × 4 of each letter.
  std::map<char, int> counts;
  for (const char c : random_base62(4 * 248, counting)) ++counts[c];
  CHECK(counts.size() == 62);
  for (const auto& [letter, count] : counts) {
    INFO(letter);
    CHECK(count == 16);
  }
}

TEST_CASE("Base62 text has exactly the length asked for") {
  SeededEntropy entropy(2);
  for (std::size_t length = 0; length < 200; ++length) {
    const std::string text = random_base62(length, entropy);
    REQUIRE(text.size() == length);
    REQUIRE(std::regex_match(text, std::regex("[0-9A-Za-z]*")));
  }
}

TEST_CASE("An opaque id is its prefix and 22 base62 characters, and doesn't repeat") {
  SeededEntropy entropy(3);
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string id = new_opaque_id("own_", entropy);
    REQUIRE(id.size() == 26);
    REQUIRE(id.starts_with("own_"));
    REQUIRE(seen.insert(id).second);
  }
}

TEST_CASE("The system's randomness fills every byte of a span of any size") {
  SystemEntropy entropy;
  entropy.fill({});
  for (const std::size_t size : {std::size_t{1}, std::size_t{33}, std::size_t{1000}}) {
    std::vector<std::uint8_t> touched(size, 0);
    for (int round = 0; round < 20; ++round) {
      std::vector<std::uint8_t> bytes(size, 0);
      entropy.fill(bytes);
      for (std::size_t i = 0; i < size; ++i) touched[i] = touched[i] | bytes[i];
    }
    // A byte that stayed zero twenty times was not written (chance 2^-160).
    CHECK(std::count(touched.begin(), touched.end(), 0) == 0);
  }
}
