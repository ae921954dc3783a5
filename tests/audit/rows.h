// Rows for the tests of this folder.
#pragma once

#include <string>
#include <vector>

#include "audit/signing_key.h"
#include "vectors/support.h"

namespace openavail::audit::testing {

inline SigningKey make_signing_key(std::uint64_t seed = 11) {
  openavail::testing::SeededEntropy entropy(seed);
  const openavail::testing::TemporaryFolder folder;
  auto key = SigningKey::make(folder.file("signing.pem"), entropy);
  REQUIRE(key);
  return std::move(*key);
}

// A row in which every field is filled.
inline Entry full_entry(std::int64_t seq) {
  Entry entry;
  entry.decision_id = DecisionId("dec_" + std::to_string(seq));
  entry.seq = seq;
  entry.kind = Kind::decision;
  entry.action = "preempt";
  entry.agent_id = AgentId("agt_1");
  entry.api_key_id = KeyRef("0123456789AB");
  entry.actor = "agent";
  entry.calendar_owner = OwnerId("own_1");
  entry.rule_fired = "capacity";
  entry.latency_ms = 7;
  entry.timestamp = Instant{1'782'914'400'123};
  entry.request_id = "req_1";
  entry.meeting_class = "Critical \"A\"\n\xC3\xA9\x7F";
  entry.requested_interval = Interval{{1'782'914'400'000}, {1'782'918'000'000}};
  entry.decided_interval = entry.requested_interval;
  entry.booking_id = BookingId("0190-b");
  entry.hold_id = HoldId("0190-h");
  entry.displaced_booking_ids = {BookingId("0190-c"), BookingId("0190-d")};
  entry.correlation_id = "cor_1";
  entry.engine_version = "0.1.0";
  entry.tzdata_version = "2026b";
  entry.situation_digest = std::string(64, 'a');
  entry.trace = {{"off_day", "pass", ""}, {"capacity", "pass", "displaces 0190-c"}};
  entry.subject = {{"zebra", "last"}, {"agent", "agt_2"}};
  return entry;
}

// A row in which everything that may be missing is.
inline Entry bare_entry(std::int64_t seq) {
  Entry entry;
  entry.decision_id = DecisionId("dec_" + std::to_string(seq));
  entry.seq = seq;
  entry.kind = Kind::admin;
  entry.action = "keys.mint";
  entry.actor = "admin";
  entry.timestamp = Instant{1'782'914'400'000};
  return entry;
}

inline std::vector<std::string> export_of(const SigningKey& key, std::int64_t from,
                                          std::int64_t to) {
  std::vector<std::string> lines;
  for (std::int64_t seq = from; seq <= to; ++seq) {
    const Entry entry = seq % 2 == 1 ? full_entry(seq) : bare_entry(seq);
    lines.push_back(export_line(key.seal(entry), seq % 2 == 1
                                                     ? std::optional<std::string>("ada@example.org")
                                                     : std::nullopt));
  }
  return lines;
}

inline std::vector<TrustedKey> trusting(const SigningKey& key) {
  return {trusted_key(key.public_key())};
}

}  // namespace openavail::audit::testing
