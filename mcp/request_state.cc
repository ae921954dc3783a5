#include "mcp/request_state.h"

#include <algorithm>
#include <span>

#include "base/identifiers.h"
#include "base/limits.h"
#include "crypto/digest.h"

namespace openavail::mcp {
namespace {

using nlohmann::json;

constexpr std::size_t kNonceLength = 22;  // 130 bits
// Keeps these tags apart from whatever else the secret authenticates.
constexpr const char* kPurpose = "openavail mcp request state 1";

tl::unexpected<RpcError> refused() {
  return rpc_fail(code::kInvalidParameters,
                  "requestState is not one that this request can use: it was changed, has expired, "
                  "was used before, or belongs to another request. Call again without it");
}

tl::unexpected<RpcError> broken(const std::string& message) {
  return rpc_fail(code::kInternal, message);
}

bool is_equal(const std::string& a, const std::string& b) {
  const auto bytes = [](const std::string& text) {
    return std::span<const std::uint8_t>(reinterpret_cast<const std::uint8_t*>(text.data()),
                                         text.size());
  };
  return crypto::equal_in_constant_time(bytes(a), bytes(b));
}

}  // namespace

Result<std::string> RequestStates::tag_of(const std::string& payload,
                                          const StateBinding& binding) const {
  OA_TRY(const auto secret, secret_());
  // Each part is of one length or the last: no two bindings give one text.
  const std::string text = std::string(kPurpose) + "\n" + crypto::sha256_hex(binding.api_key) +
                           "\n" + crypto::sha256_hex(binding.tool) + "\n" +
                           crypto::sha256_hex(binding.arguments.dump()) + "\n" + payload;
  return crypto::hmac_sha256(secret->view(), text);
}

Result<std::string> RequestStates::seal(const StateBinding& binding, const json& facts) {
  using std::chrono::milliseconds;
  const std::int64_t expires_ms =
      clock_.wall_ms() + milliseconds(limits::kMcpRequestStateLife).count();
  const std::string payload = json{
      {"expires_ms", expires_ms},
      {"nonce", random_base62(kNonceLength, entropy_)},
      {"facts", facts}}.dump();
  OA_TRY(const std::string tag, tag_of(payload, binding));
  return crypto::to_base64(payload) + "." + crypto::to_base64(tag);
}

RpcResult<RequestStates::Opened> RequestStates::open(const std::string& state,
                                                     const StateBinding& binding) {
  if (state.size() > limits::kMcpRequestStateBytesMax) return refused();
  const std::size_t dot = state.find('.');
  if (dot == std::string::npos) return refused();
  const auto payload = crypto::from_base64(state.substr(0, dot));
  const auto tag = crypto::from_base64(state.substr(dot + 1));
  if (!payload || !tag) return refused();
  const auto expected = tag_of(*payload, binding);
  if (!expected) return broken(expected.error().message());
  if (!is_equal(*tag, *expected)) return refused();
  // Ours from here on.
  const json content = json::parse(*payload);
  Opened opened{content.at("facts"), content.at("nonce"), content.at("expires_ms")};
  if (opened.expires_ms <= clock_.wall_ms()) return refused();
  const std::lock_guard lock(mutex_);
  if (spent_.count(opened.nonce) != 0) return refused();
  return opened;
}

RpcResult<void> RequestStates::spend(const Opened& state) {
  const std::lock_guard lock(mutex_);
  forget_expired();
  if (spent_.size() >= limits::kMcpUsedStatesMax) {
    return broken("too many confirmations in a short time; try again in a few minutes");
  }
  if (!spent_.emplace(state.nonce, state.expires_ms).second) return refused();
  return {};
}

void RequestStates::forget_expired() {
  const std::int64_t now = clock_.wall_ms();
  if (spent_.size() < limits::kMcpUsedStatesMax) return;
  for (auto it = spent_.begin(); it != spent_.end();) {
    it = it->second <= now ? spent_.erase(it) : std::next(it);
  }
}

}  // namespace openavail::mcp
