#include "base/error.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <set>

#include "base/result.h"
#include "vectors/support.h"

using namespace openavail;

namespace {

// From the first code to the last one; a new code at the end belongs here.
constexpr int kFirst = static_cast<int>(ErrorCode::validation_failed);
constexpr int kLast = static_cast<int>(ErrorCode::internal);

Result<int> half(int number) {
  if (number % 2 != 0) return fail(ErrorCode::validation_failed, "odd", "use an even number");
  return number / 2;
}

Result<std::string> quarter(int number) {
  OA_TRY(const int once, half(number));
  OA_TRY(const int twice, half(once));
  return std::to_string(twice);
}

Status only_even(int number) {
  OA_TRY_STATUS(half(number));
  return {};
}

}  // namespace

TEST_CASE("Every error code has a row of its own, with a wire name that no other has") {
  std::set<std::string_view> names;
  for (int number = kFirst; number <= kLast; ++number) {
    const auto code = static_cast<ErrorCode>(number);
    const ErrorCodeInfo& row = info(code);
    INFO(row.wire_name);
    CHECK(row.code == code);
    CHECK_FALSE(row.wire_name.empty());
    CHECK(names.insert(row.wire_name).second);
    CHECK(row.http_status >= 400);
    CHECK(row.http_status <= 503);
    CHECK(row.exit_code != 0);
  }
  CHECK(names.size() == 32);
}

TEST_CASE("The table is the contract's: wire name, HTTP status, exit code") {
  for (const auto& row : openavail::testing::vectors("errors.json")) {
    const std::string name = row.at("code");
    INFO(name);
    bool found = false;
    for (int number = kFirst; number <= kLast; ++number) {
      const ErrorCodeInfo& have = info(static_cast<ErrorCode>(number));
      if (have.wire_name != name) continue;
      found = true;
      CHECK(have.http_status == row.at("http").get<int>());
      CHECK(have.exit_code == row.at("exit").get<int>());
    }
    CHECK(found);
  }
}

TEST_CASE("An error keeps what it was given, and tells the operator apart from the caller") {
  Error error(ErrorCode::permission_denied, "No.", "Ask.");
  error.with_permission("book").with_operator_detail("/secret/path").with_details({{"a", 1}});
  CHECK(error.wire_code() == "permission_denied:book");
  CHECK(error.message() == "No.");
  CHECK(error.next() == "Ask.");
  CHECK(error.operator_detail() == "/secret/path");
  CHECK(error.details().at("a") == 1);
  CHECK(Error(ErrorCode::not_found, "x").wire_code() == "NOT_FOUND");
  CHECK(Error(ErrorCode::not_found, "x").details().is_null());
}

TEST_CASE("OA_TRY hands on a value or returns the error unchanged") {
  CHECK(quarter(8) == std::string("2"));
  const auto odd = quarter(6);
  REQUIRE_FALSE(odd);
  CHECK(odd.error().code() == ErrorCode::validation_failed);
  CHECK(odd.error().next() == "use an even number");
  CHECK(only_even(2));
  CHECK_FALSE(only_even(3));
}
