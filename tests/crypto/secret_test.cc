#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <ostream>
#include <type_traits>
#include <utility>

#include "crypto/process.h"
#include "crypto/secret_bytes.h"
#include "vectors/support.h"

using namespace openavail::crypto;
using openavail::testing::as_bytes;

namespace {

template <class T>
concept Printable = requires(std::ostream& out, const T& value) {
  out << value;
};

static_assert(!std::is_copy_constructible_v<SecretBytes>);
static_assert(!std::is_copy_assignable_v<SecretBytes>);
static_assert(!std::is_copy_constructible_v<SecretText>);
static_assert(!std::is_copy_assignable_v<SecretText>);
static_assert(!Printable<SecretText> && !Printable<SecretBytes>);
static_assert(!std::is_convertible_v<SecretText, std::string>);

// The object's own bytes, where a short string keeps its text.
std::string raw_bytes(const SecretText& text) {
  return {reinterpret_cast<const char*>(&text), sizeof text};
}

}  // namespace

TEST_CASE("A moved-from secret text leaves nothing behind, short ones included") {
  for (const std::string& secret : {std::string("short"), std::string(100, 's')}) {
    SecretText first{std::string(secret)};
    SecretText second(std::move(first));
    CHECK(second.reveal() == secret);
    CHECK(first.empty());  // NOLINT: looking at the moved-from state is the point
    CHECK(raw_bytes(first).find("short") == std::string::npos);
    SecretText third{std::string("other")};
    third = std::move(second);
    CHECK(third.reveal() == secret);
    CHECK(raw_bytes(second).find("short") == std::string::npos);
    CHECK(raw_bytes(second).find("other") == std::string::npos);
    CHECK(raw_bytes(third).find("other") == std::string::npos);
  }
}

TEST_CASE("A destroyed secret text has wiped its characters") {
  alignas(SecretText) unsigned char place[sizeof(SecretText)];
  auto* text = new (place) SecretText(std::string("short secret"));
  text->~SecretText();
  const std::string left(reinterpret_cast<const char*>(place), sizeof place);
  CHECK(left.find("short secret") == std::string::npos);
  CHECK(left.find("secret") == std::string::npos);
}

TEST_CASE("Secret bytes move without a copy and replace what was there") {
  SecretBytes first(as_bytes("first"));
  SecretBytes second(as_bytes("second!"));
  first = std::move(second);
  CHECK(first.view().size() == 7);
  CHECK(second.empty());  // NOLINT: looking at the moved-from state is the point
  SecretBytes third(std::move(first));
  CHECK(third.view().size() == 7);
  CHECK(first.empty());  // NOLINT
}

TEST_CASE("The constant-time comparison compares every byte and the length") {
  CHECK(equal_in_constant_time(as_bytes("secret"), as_bytes("secret")));
  CHECK(equal_in_constant_time({}, {}));
  CHECK_FALSE(equal_in_constant_time(as_bytes("secret"), as_bytes("Secret")));
  CHECK_FALSE(equal_in_constant_time(as_bytes("secret"), as_bytes("secreT")));
  CHECK_FALSE(equal_in_constant_time(as_bytes("secret"), as_bytes("secret1")));
  CHECK_FALSE(equal_in_constant_time(as_bytes("secret"), {}));
}

TEST_CASE("A hardened process writes no core and can't be attached to") {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    harden_process();
    harden_process();
    rlimit limit{};
    const bool good = getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_cur == 0 &&
                      limit.rlim_max == 0 && prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0;
    _exit(good ? 0 : 1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}
