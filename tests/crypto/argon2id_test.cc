#include "crypto/argon2id.h"

#include <catch2/catch.hpp>

#include "vectors/support.h"

using namespace openavail;
using namespace openavail::crypto;
using openavail::testing::as_bytes;

namespace {

// The reference implementation's own test vectors.
constexpr const char* kSmall =
    "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$"
    "nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
constexpr const char* kTwoLanes =
    "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$"
    "bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc";

}  // namespace

TEST_CASE("Argon2id gives the reference implementation's strings") {
  CHECK(argon2id_phc(as_bytes("password"), as_bytes("somesalt"), {256, 2, 1}) ==
        std::string(kSmall));
  CHECK(argon2id_phc(as_bytes("password"), as_bytes("somesalt"), {256, 2, 2}) ==
        std::string(kTwoLanes));
}

TEST_CASE("A secret matches its own string and no other") {
  CHECK(argon2id_matches(as_bytes("password"), kSmall) == true);
  CHECK(argon2id_matches(as_bytes("password"), kTwoLanes) == true);
  CHECK(argon2id_matches(as_bytes("Password"), kSmall) == false);
  CHECK(argon2id_matches(as_bytes(""), kSmall) == false);
}

TEST_CASE("A string that is malformed or asks for too much is refused without a run") {
  const std::string salt_and_tag = "$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
  for (const std::string& phc : {
           std::string(),
           std::string("$argon2id$"),
           "$argon2i$v=19$m=256,t=2,p=1" + salt_and_tag,
           "$argon2id$v=16$m=256,t=2,p=1" + salt_and_tag,
           "$argon2id$v=19$m=0256,t=2,p=1" + salt_and_tag,
           "$argon2id$v=19$m=-256,t=2,p=1" + salt_and_tag,
           "$argon2id$v=19$m=256,t=0,p=1" + salt_and_tag,
           "$argon2id$v=19$m=256,t=17,p=1" + salt_and_tag,
           "$argon2id$v=19$m=256,t=2,p=17" + salt_and_tag,
           "$argon2id$v=19$m=7,t=2,p=1" + salt_and_tag,
           "$argon2id$v=19$m=262145,t=2,p=1" + salt_and_tag,
           "$argon2id$v=19$m=4294967296,t=2,p=1" + salt_and_tag,
           "$argon2id$v=19$t=2,m=256,p=1" + salt_and_tag,
           "$argon2id$v=19$m=256,t=2,p=1" + salt_and_tag + "=",
           "$argon2id$v=19$m=256,t=2,p=1" + salt_and_tag + "$",
           std::string("$argon2id$v=19$m=256,t=2,p=1$c29tZQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu"),
           std::string("$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65"),
           std::string("$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$"),
           "$argon2id$v=19$m=256,t=2,p=1" + salt_and_tag + std::string(600, 'A'),
       }) {
    INFO(phc);
    const auto outcome = argon2id_matches(as_bytes("password"), phc);
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code() == ErrorCode::internal);
    CHECK(outcome.error().message().find("argon2") == std::string::npos);
  }
}
