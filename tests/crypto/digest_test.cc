#include "crypto/digest.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "rapidcheck.h"
#include "vectors/support.h"

using namespace openavail;
using namespace openavail::crypto;
using openavail::testing::as_bytes;
using openavail::testing::from_hex;

TEST_CASE("SHA-256 gives the published digests") {
  for (const auto& v : openavail::testing::vectors("sha256_fips180.json")) {
    CHECK(sha256_hex(from_hex(v.at("data"))) == v.at("digest").get<std::string>());
  }
}

TEST_CASE("HMAC-SHA-256 gives the tags of RFC 4231") {
  for (const auto& v : openavail::testing::vectors("hmac_rfc4231.json")) {
    const std::string key = from_hex(v.at("key"));
    CHECK(to_hex(hmac_sha256(as_bytes(key), from_hex(v.at("data")))) ==
          v.at("tag").get<std::string>());
  }
}

TEST_CASE("base64 gives the texts of RFC 4648, section 10") {
  const std::pair<const char*, const char*> cases[] = {{"", ""},
                                                       {"f", "Zg=="},
                                                       {"fo", "Zm8="},
                                                       {"foo", "Zm9v"},
                                                       {"foob", "Zm9vYg=="},
                                                       {"fooba", "Zm9vYmE="},
                                                       {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : cases) {
    CHECK(to_base64(bytes) == text);
    CHECK(from_base64(text) == std::string(bytes));
  }
}

TEST_CASE("base64 takes back what it wrote, and each value has one text") {
  CHECK(rc::check([](const std::string& bytes) {
    const std::string text = to_base64(bytes);
    RC_ASSERT(from_base64(text) == bytes);
  }));
  CHECK(rc::check([] {
    const auto letters = rc::gen::elementOf(std::string("AQgwZ9+/=="));
    const auto text = *rc::gen::resize(8, rc::gen::container<std::string>(letters));
    const auto bytes = from_base64(text);
    RC_CLASSIFY(bytes.has_value(), "accepted");
    if (bytes) RC_ASSERT(to_base64(*bytes) == text);
  }));
}

TEST_CASE("base64 refuses every irregular text") {
  for (const char* text : {"Z", "Zg", "Zg=", "Zg===", "====", "Z===", "=Zg=", "Zh==", "Zm9=",
                           "Zg==Zg==", "Zm 9", "Zm9v\n", "Zm9-", "Zm9_", "Zg=a"}) {
    INFO(text);
    CHECK_FALSE(from_base64(text).has_value());
  }
}

TEST_CASE("hex is lower case and keeps every byte") {
  CHECK(to_hex(std::string("\x00\x01\x7f\x80\xff", 5)) == "00017f80ff");
}
