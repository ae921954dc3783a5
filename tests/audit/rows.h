// Rows for the tests of this folder.
#pragma once

#include <sys/wait.h>

#include <cstdlib>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "audit/export_lines.h"
#include "audit/receipt.h"
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

// Row `seq` of a log in which every third is an access row, without signatures.
inline SealedRow sealed_row(const SigningKey& key, std::int64_t seq) {
  Entry entry = seq % 2 == 1 ? full_entry(seq) : bare_entry(seq);
  if (seq % 3 == 0) entry.kind = Kind::access;
  return key.seal(entry);
}

// The exit code of scripts/verify_audit.py.
inline int second_verifier(const std::string& arguments, const std::string& pem_path) {
  const std::string command = "python3 '" + std::string(OPENAVAIL_TESTS_DIR) +
                              "/../scripts/verify_audit.py' " + arguments + " --public-key '" +
                              pem_path + "' > /dev/null 2>&1";
  const int status = std::system(command.c_str());  // NOLINT: fixed words and paths of our own
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// A log in memory and what is exported of it.
class Log {
 public:
  explicit Log(SigningKey key) : key_(std::move(key)) {}

  void add(Entry entry) { rows_.push_back(key_.seal(entry)); }
  void grow_to(std::int64_t size) {
    for (std::int64_t seq = this->size() + 1; seq <= size; ++seq) {
      rows_.push_back(sealed_row(key_, seq));
    }
  }
  std::int64_t size() const { return static_cast<std::int64_t>(rows_.size()); }
  const SealedRow& row(std::int64_t seq) const { return rows_[static_cast<std::size_t>(seq - 1)]; }
  CompactRange range(std::int64_t begin, std::int64_t end) const {
    CompactRange range(begin);
    for (std::int64_t i = begin; i < end; ++i) range.append_leaf(row(i + 1).leaf_hash);
    return range;
  }
  std::string checkpoint(std::int64_t size) const {
    return sign_checkpoint({origin_of(key_.id()), {size, range(0, size).root()}}, key_.key());
  }
  // As the program makes it, with a row of its own at the end; `keep` is the filter.
  std::vector<std::string> exported(std::int64_t after = 0,
                                    const std::function<bool(std::int64_t)>& keep = {}) {
    Entry own = bare_entry(size() + 1);
    own.action = "audit.export";
    add(own);
    std::vector<std::string> lines;
    std::int64_t last = 0;
    const auto leave_out_up_to = [&](std::int64_t seq) {
      if (seq > last) lines.push_back(left_out_line(range(last, seq)));
      last = seq;
    };
    for (std::int64_t seq = after + 1; seq <= size(); ++seq) {
      if (keep && !keep(seq)) continue;
      leave_out_up_to(seq - 1);
      last = seq;
      lines.push_back(export_line(row(seq), "ada@example.org"));
    }
    leave_out_up_to(size());
    lines.push_back(
        checkpoint_line(checkpoint(size()), {{origin_of(key_.id()), key_.public_key()}}));
    return lines;
  }
  const SigningKey& key() const { return key_; }

 private:
  SigningKey key_;
  std::vector<SealedRow> rows_;
};

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
