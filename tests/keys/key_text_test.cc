#include "keys/key_text.h"

#include <catch2/catch.hpp>
#include <random>
#include <regex>
#include <set>

#include "keys/checksum.h"
#include "vectors/support.h"

using namespace openavail;
using namespace openavail::keys;
using openavail::testing::SeededEntropy;

TEST_CASE("CRC-32 gives the published check value") {
  CHECK(crc32("123456789") == 0xCBF43926U);
  CHECK(crc32("") == 0U);
  CHECK(crc32("a") == 0xE8B7BE43U);
}

TEST_CASE("A checksum is six base62 characters with leading zeros") {
  CHECK(checksum_text(0) == "000000");
  CHECK(checksum_text(61) == "00000z");
  CHECK(checksum_text(62) == "000010");
  CHECK(checksum_text(0xFFFFFFFFU) == "4gfFC3");
}

TEST_CASE("A new key has the published form, and its reference comes out again") {
  SeededEntropy entropy(1);
  const std::regex form("^ak_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$");
  const std::regex scanner{std::string(kScannerPattern)};
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) {
    const NewKey key = make_key(entropy);
    const std::string text(key.text.reveal());
    REQUIRE(text.size() == 65);
    REQUIRE(std::regex_match(text, form));
    REQUIRE(std::regex_search("OPENAVAIL_API_KEY=" + text + "\n", scanner));
    REQUIRE(parse_key(text) == key.ref);
    REQUIRE(seen.insert(text).second);
  }
}

TEST_CASE("A key with any one character changed is refused, 100,000 times") {
  constexpr std::string_view letters =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-";
  SeededEntropy entropy(2);
  std::mt19937 random(3);  // NOLINT: a fixed seed, so that a failure can be repeated
  int accepted = 0;
  int parsed = 0;
  for (int i = 0; i < 100'000; ++i) {
    const NewKey key = make_key(entropy);
    std::string text(key.text.reveal());
    if (parse_key(text)) ++parsed;
    const std::size_t place = random() % text.size();
    const char before = text[place];
    while (text[place] == before) text[place] = letters[random() % letters.size()];
    if (parse_key(text)) ++accepted;
  }
  CHECK(parsed == 100'000);
  CHECK(accepted == 0);
}

TEST_CASE("What is longer, shorter, or of other characters is no key") {
  SeededEntropy entropy(4);
  const std::string text(make_key(entropy).text.reveal());
  CHECK_FALSE(parse_key(""));
  CHECK_FALSE(parse_key("ak_"));
  CHECK_FALSE(parse_key(text.substr(1)));
  CHECK_FALSE(parse_key(text.substr(0, 64)));
  CHECK_FALSE(parse_key(text + "0"));
  CHECK_FALSE(parse_key(text + "\n"));
  CHECK_FALSE(parse_key(" " + text.substr(1)));
  CHECK_FALSE(parse_key(std::string(65, '\0')));
  CHECK_FALSE(parse_key(std::string(1'000'000, 'a')));
  // A right checksum over a wrong form does not help.
  for (const std::string& body :
       {"rk_" + text.substr(3, 56), text.substr(0, 15) + "-" + text.substr(16, 43)}) {
    const std::string whole = body.substr(0, 59) + checksum_text(crc32(body.substr(0, 59)));
    CHECK(whole.size() == 65);
    CHECK_FALSE(parse_key(whole));
  }
}

TEST_CASE("Key texts made by another program are read alike") {
  for (const auto& v : openavail::testing::vectors("keys.json")) {
    INFO(v.at("name"));
    const auto ref = parse_key(v.at("text").get<std::string>());
    const auto& expected = v.at("reference");
    CHECK(ref.has_value() == !expected.is_null());
    if (ref && !expected.is_null()) CHECK(ref->text() == expected.get<std::string>());
  }
}

TEST_CASE("Keys and beginnings of keys go out of a text, and nothing else does") {
  SeededEntropy entropy(5);
  const NewKey made = make_key(entropy);
  const std::string key(made.text.reveal());
  CHECK(without_keys(key) == "ak_…");
  CHECK(without_keys("/" + key + "/" + key + " x") == "/ak_…/ak_… x");
  for (std::size_t length = 17; length < key.size(); ++length) {
    CAPTURE(length);
    CHECK(without_keys("a" + key.substr(0, length) + "…") == "aak_……");
  }
  const std::string reference = key.substr(0, 15);  // public
  for (const std::string& kept : {reference, reference + " and more", std::string("ak_"),
                                  std::string("ak_x_y"), std::string("break_it"), std::string()}) {
    CHECK(without_keys(kept) == kept);
  }
}
