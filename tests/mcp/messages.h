// What the tests of the wire layer share: messages of both eras, and features that open nothing.
#pragma once

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "base/clock.h"
#include "base/entropy.h"
#include "mcp/calendar_features.h"
#include "mcp/protocol.h"

namespace openavail::mcp::testing {

using nlohmann::json;

inline json request(const std::string& method, json parameters = json::object()) {
  return {{"jsonrpc", "2.0"}, {"id", 1}, {"method", method}, {"params", std::move(parameters)}};
}

// Parameters with a modern envelope.
inline json modern(json parameters = json::object(), json capabilities = json::object(),
                   const std::string& version = kModernVersion) {
  parameters["_meta"][kVersionKey] = version;
  parameters["_meta"][kCapabilitiesKey] = std::move(capabilities);
  return parameters;
}

inline int code_of(const json& answer) { return answer.at("error").at("code"); }
inline int code_of(const std::optional<json>& answer) { return code_of(*answer); }

// A whole server without a data directory behind it.
struct BareServer {
  int opened = 0;
  SystemClock clock;
  SystemEntropy entropy;
  Subscriptions subscriptions;
  // Opens nothing; a test may put a wait in its way.
  std::function<Result<operations::Runner*>()> open = [this]() -> Result<operations::Runner*> {
    ++opened;
    return fail(Error(ErrorCode::not_found, "there is no data directory", "run openavail init"));
  };
  CalendarFeatures features{settings()};
  Protocol protocol{features, subscriptions};
  Caller caller{"key", {}};

  ServerSettings settings() {
    return {"1.2.3",
            [] { return std::string("00000000-0000-4000-8000-000000000000"); },
            [this] { return open(); },
            []() -> Result<std::shared_ptr<const crypto::SecretBytes>> {
              return std::make_shared<const crypto::SecretBytes>(std::size_t{32});
            },
            clock,
            entropy};
  }
  std::optional<json> handle(const json& message) {
    const auto text = protocol.handle(message, caller);
    return text ? std::optional<json>(json::parse(*text)) : std::nullopt;
  }
};

}  // namespace openavail::mcp::testing
