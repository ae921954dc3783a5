// Request state: whatever is not the very state of this request, in time and unused, is -32602.
#include "mcp/request_state.h"

#include <catch2/catch.hpp>

#include "base/limits.h"
#include "crypto/digest.h"
#include "vectors/support.h"

namespace openavail::mcp {
namespace {

using nlohmann::json;

struct SetClock final : Clock {
  std::int64_t now_ms = 1'800'000'000'000;
  std::int64_t wall_ms() const override { return now_ms; }
  std::int64_t monotonic_ns() const override { return now_ms * 1'000'000; }
};

struct Desk {
  SetClock clock;
  openavail::testing::SeededEntropy entropy{5};
  std::string secret = std::string(32, 's');
  RequestStates states{
      [this]() -> Result<std::shared_ptr<const crypto::SecretBytes>> {
        const std::vector<std::uint8_t> bytes(secret.begin(), secret.end());
        return std::make_shared<const crypto::SecretBytes>(std::span<const std::uint8_t>(bytes));
      },
      clock, entropy};
  StateBinding binding{"ak_one", "create-event", {{"start", "x"}, {"confirm_preemption", true}}};
  std::string sealed = *states.seal(binding, {{"displaces", {"b1"}}});

  int code(const std::string& state, const StateBinding& with) {
    const auto opened = states.open(state, with);
    return opened ? 0 : opened.error().code;
  }
};

}  // namespace

TEST_CASE("A state opens for the request it was made for, and tells its facts") {
  Desk desk;
  const auto opened = desk.states.open(desk.sealed, desk.binding);
  REQUIRE(opened);
  CHECK(opened->facts == json{{"displaces", {"b1"}}});
}

TEST_CASE("Another key, tool or argument makes a state worthless") {
  Desk desk;
  StateBinding other = desk.binding;
  other.api_key = "ak_two";
  CHECK(desk.code(desk.sealed, other) == -32602);
  other = desk.binding;
  other.tool = "confirm-hold";
  CHECK(desk.code(desk.sealed, other) == -32602);
  other = desk.binding;
  other.arguments["start"] = "y";
  CHECK(desk.code(desk.sealed, other) == -32602);
  CHECK(desk.code(desk.sealed, desk.binding) == 0);
}

TEST_CASE("Any changed byte is found out, and so is another installation's state") {
  Desk desk;
  for (std::size_t i = 0; i < desk.sealed.size(); ++i) {
    std::string changed = desk.sealed;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    CAPTURE(i, changed);
    CHECK(desk.code(changed, desk.binding) == -32602);
  }
  const std::string forged =
      crypto::to_base64("{\"expires_ms\":99999999999999,\"nonce\":\"n\",\"facts\":{}}") +
      desk.sealed.substr(desk.sealed.find('.'));
  for (const std::string& bad :
       {std::string(), std::string("."), desk.sealed + "-TAMPERED", "x" + desk.sealed, forged,
        std::string(limits::kMcpRequestStateBytesMax + 1, 'A')}) {
    CHECK(desk.code(bad, desk.binding) == -32602);
  }
  desk.secret[0] = 't';
  CHECK(desk.code(desk.sealed, desk.binding) == -32602);
}

TEST_CASE("A state lives ten minutes and is used once") {
  Desk desk;
  using std::chrono::milliseconds;
  desk.clock.now_ms += milliseconds(limits::kMcpRequestStateLife).count() - 1;
  const auto opened = desk.states.open(desk.sealed, desk.binding);
  REQUIRE(opened);
  REQUIRE(desk.states.spend(*opened));
  CHECK(desk.code(desk.sealed, desk.binding) == -32602);
  CHECK(desk.states.spend(*opened).error().code == -32602);
  const std::string fresh = *desk.states.seal(desk.binding, json::object());
  CHECK(desk.code(fresh, desk.binding) == 0);
  desk.clock.now_ms += milliseconds(limits::kMcpRequestStateLife).count();
  CHECK(desk.code(fresh, desk.binding) == -32602);
}

TEST_CASE("Used states are remembered up to a limit, then none is accepted until some expire") {
  Desk desk;
  const auto spend_one = [&] {
    const auto opened =
        desk.states.open(*desk.states.seal(desk.binding, json::object()), desk.binding);
    REQUIRE(opened);
    return desk.states.spend(*opened);
  };
  for (std::size_t i = 0; i < limits::kMcpUsedStatesMax; ++i) REQUIRE(spend_one());
  CHECK(spend_one().error().code == -32603);
  desk.clock.now_ms += std::chrono::milliseconds(limits::kMcpRequestStateLife).count();
  CHECK(spend_one());
}

}  // namespace openavail::mcp
