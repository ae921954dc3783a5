// An audit entry: one signed row for every use of a key and every change (arbitration contract,
// Audit row).
//
// Thread rule: plain values and free functions.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "crypto/ed25519.h"
#include "time/instant.h"

namespace openavail::audit {

enum class Kind { decision, access, admin, security };
std::string_view to_text(Kind kind);

inline constexpr int kRowVersion = 1;

struct TraceItem {
  std::string rule;
  std::string outcome;  // pass | fail | skip
  std::string detail;
};

// Holds no personal data and no event text: rules, reasons and our own ids only.
struct Entry {
  DecisionId decision_id;
  std::int64_t seq = 0;  // gapless from 1
  Kind kind = Kind::access;
  std::string action;  // accept, reject, counter, preempt, search, keys.mint, …
  std::optional<AgentId> agent_id;
  std::optional<KeyRef> api_key_id;
  std::string actor;  // "agent", "admin", "system"
  std::optional<OwnerId> calendar_owner;
  std::string rule_fired;
  std::int64_t latency_ms = 0;
  Instant timestamp;
  std::string request_id;
  std::optional<std::string> meeting_class;  // the class's name
  std::optional<Interval> requested_interval;
  std::optional<Interval> decided_interval;
  std::optional<BookingId> booking_id;
  std::optional<HoldId> hold_id;
  std::vector<BookingId> displaced_booking_ids;
  std::optional<std::string> correlation_id;
  std::string engine_version;
  std::string tzdata_version;
  std::optional<std::string> situation_digest;  // lower-case hex SHA-256
  std::vector<TraceItem> trace;
  // Ours besides: what a row is about where no field above names it, e.g. {"agent":"agt_…"},
  // {"first_decision":"dec_…"} on a replay. Ids and names of rules only. Sorted by key when
  // encoded.
  std::vector<std::pair<std::string, std::string>> subject;
};

// What is stored, hashed, signed and exported.
struct SealedRow {
  std::int64_t seq = 0;
  std::string canonical;  // RFC 8785 bytes, row_version and signing_key_id included
  std::string leaf_hash;  // hash_leaf(canonical), 32 raw bytes
  // Ed25519 over decision_id:action:timestamp:calendar_owner:rule_fired, and over canonical; 64 raw
  // bytes each. Both are empty in an access row: checkpoints alone cover it.
  std::string signature;
  std::string row_signature;
  SigningKeyId signing_key_id;
  bool is_signed() const { return !row_signature.empty(); }
};

// The text that `signature` covers. A missing owner is the empty string; timestamp as in the row.
std::string signed_text(const Entry& entry);

// Canonical bytes (RFC 8785) of the row, including row_version and signing_key_id.
std::string canonical_bytes(const Entry& entry, const SigningKeyId& key_id);

// The names of a row's members, in the order of the arbitration contract.
std::vector<std::string> field_names();

SealedRow seal(const Entry& entry, const SigningKeyId& key_id,
               const crypto::Ed25519PrivateKey& key);

// One line of the export (no newline): {"owner_email":…,"row":{canonical},"row_signature":b64,
// "signature":b64}. The canonical bytes stand in it unchanged. Of a row without signatures both are
// null, and {"leaf_hash":b64 stands in front, so that a reader can name a row that was damaged.
std::string export_line(const SealedRow& row, const std::optional<std::string>& owner_email);

// CSV: header and one RFC 4180 line, formula-leading characters neutralised.
std::string csv_header();
std::string csv_line(const SealedRow& row, const std::optional<std::string>& owner_email);

struct TrustedKey {
  SigningKeyId id;
  crypto::Ed25519PublicKey key;
};

// What a line said that verified by itself.
struct CheckedRow {
  std::int64_t seq = 0;
  std::string leaf_hash;
  bool is_signed = false;
  std::string action;
  // Of a row that hands the log over to another signing key (audit/handover.h).
  std::optional<TrustedKey> next_key;
  // Of a row that says so: the rows up to this one were retired by retention.
  std::int64_t retired_through = 0;
};
inline constexpr const char* kRetireAction = "audit.retire";  // subject: {"through":"N"}

// Checks one row of an export against the public keys (id → key) that the caller trusts. Errors:
// verification_failed naming what is wrong (unparseable, unknown key, signature, row signature,
// non-canonical bytes). A row of kind access may be without signatures; then this shows nothing but
// that it is whole, and a checkpoint has to show the rest.
Result<CheckedRow> check_row(std::string_view line, const std::vector<TrustedKey>& keys);
// The same; the row's seq.
Result<std::int64_t> verify_line(std::string_view line, const std::vector<TrustedKey>& keys);

}  // namespace openavail::audit
