#include "crypto/ed25519.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "vectors/support.h"

using namespace openavail;
using namespace openavail::crypto;
using openavail::testing::from_hex;

namespace {

// Hands out one given seed: the private keys of the vectors.
class FixedEntropy final : public Entropy {
 public:
  explicit FixedEntropy(std::string bytes) : bytes_(std::move(bytes)) {}
  void fill(std::span<std::uint8_t> out) override {
    REQUIRE(out.size() == bytes_.size());
    std::copy(bytes_.begin(), bytes_.end(), out.begin());
  }

 private:
  std::string bytes_;
};

constexpr const char* kX25519Public =
    "-----BEGIN PUBLIC KEY-----\n"
    "MCowBQYDK2VuAyEAhSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=\n"
    "-----END PUBLIC KEY-----\n";

}  // namespace

TEST_CASE("Ed25519 gives the keys and signatures of RFC 8032") {
  for (const auto& v : openavail::testing::vectors("ed25519_rfc8032.json")) {
    INFO(v.at("name"));
    FixedEntropy seed(from_hex(v.at("secret")));
    const auto key = Ed25519PrivateKey::generate(seed);
    const std::string message = from_hex(v.at("message"));
    const std::string signature = from_hex(v.at("signature"));
    CHECK(key.public_key().raw() == from_hex(v.at("public")));
    CHECK(key.sign(message) == signature);
    const auto public_key = Ed25519PublicKey::from_raw(from_hex(v.at("public")));
    REQUIRE(public_key);
    CHECK(public_key->verify(message, signature));
    CHECK_FALSE(public_key->verify(message + "x", signature));
  }
}

TEST_CASE("A signature with any one bit changed is refused") {
  openavail::testing::SeededEntropy entropy(1);
  const auto key = Ed25519PrivateKey::generate(entropy);
  const auto public_key = key.public_key();
  const std::string signature = key.sign("message");
  REQUIRE(public_key.verify("message", signature));
  for (std::size_t bit = 0; bit < signature.size() * 8; ++bit) {
    std::string changed = signature;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    REQUIRE_FALSE(public_key.verify("message", changed));
  }
  CHECK_FALSE(public_key.verify("message", signature.substr(0, 63)));
  CHECK_FALSE(public_key.verify("message", signature + "x"));
  CHECK_FALSE(public_key.verify("message", ""));
}

TEST_CASE("Keys survive their PEM form") {
  openavail::testing::SeededEntropy entropy(2);
  const auto key = Ed25519PrivateKey::generate(entropy);
  const auto again = Ed25519PrivateKey::from_pem(key.pem());
  REQUIRE(again);
  CHECK(again->sign("m") == key.sign("m"));
  const auto public_again = Ed25519PublicKey::from_pem(key.public_key().pem());
  REQUIRE(public_again);
  CHECK(public_again->raw() == key.public_key().raw());
}

TEST_CASE("What is no Ed25519 key in PEM form is a validation error") {
  openavail::testing::SeededEntropy entropy(3);
  const auto key = Ed25519PrivateKey::generate(entropy);
  for (const std::string& pem : {std::string(), std::string("rubbish"), std::string(20'000, 'A'),
                                 std::string(kX25519Public), key.pem()}) {
    const auto parsed = Ed25519PublicKey::from_pem(pem);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code() == ErrorCode::validation_failed);
  }
  for (const std::string& pem : {std::string(), std::string("rubbish"), key.public_key().pem()}) {
    const auto parsed = Ed25519PrivateKey::from_pem(pem);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code() == ErrorCode::validation_failed);
  }
  CHECK_FALSE(Ed25519PublicKey::from_raw(std::string(31, 'a')));
}
