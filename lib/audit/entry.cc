#include "audit/entry.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "audit/canonical.h"
#include "audit/merkle.h"
#include "audit/row_fields.h"
#include "base/check.h"

namespace openavail::audit {
namespace {

using Json = nlohmann::json;

template <class Tag>
Json text_or_null(const std::optional<Id<Tag>>& id) {
  return id ? Json(id->text()) : Json(nullptr);
}

Json text_or_null(const std::optional<std::string>& text) {
  return text ? Json(*text) : Json(nullptr);
}

Json interval_or_null(const std::optional<Interval>& interval) {
  if (!interval) return nullptr;
  return {{"start", time::format_instant(interval->start)},
          {"end", time::format_instant(interval->end)}};
}

Json row_of(const Entry& entry, const SigningKeyId& key_id) {
  Json displaced = Json::array();
  for (const BookingId& id : entry.displaced_booking_ids) displaced.push_back(id.text());
  Json trace = Json::array();
  for (const TraceItem& item : entry.trace) {
    trace.push_back({{"rule", item.rule}, {"outcome", item.outcome}, {"detail", item.detail}});
  }
  Json subject = Json::object();
  for (const auto& [name, value] : entry.subject) subject[name] = value;

  Json row = Json::object();
  row["decision_id"] = entry.decision_id.text();
  row["seq"] = entry.seq;
  row["kind"] = to_text(entry.kind);
  row["action"] = entry.action;
  row["agent_id"] = text_or_null(entry.agent_id);
  row["api_key_id"] = text_or_null(entry.api_key_id);
  row["actor"] = entry.actor;
  row["calendar_owner"] = text_or_null(entry.calendar_owner);
  row["rule_fired"] = entry.rule_fired;
  row["latency_ms"] = entry.latency_ms;
  row["timestamp"] = time::format_instant_ms(entry.timestamp);
  row["request_id"] = entry.request_id;
  row["meeting_class"] = text_or_null(entry.meeting_class);
  row["requested_interval"] = interval_or_null(entry.requested_interval);
  row["decided_interval"] = interval_or_null(entry.decided_interval);
  row["booking_id"] = text_or_null(entry.booking_id);
  row["hold_id"] = text_or_null(entry.hold_id);
  row["displaced_booking_ids"] = std::move(displaced);
  row["correlation_id"] = text_or_null(entry.correlation_id);
  row["engine_version"] = entry.engine_version;
  row["tzdata_version"] = entry.tzdata_version;
  row["situation_digest"] = text_or_null(entry.situation_digest);
  row["trace"] = std::move(trace);
  row["row_version"] = kRowVersion;
  row["signing_key_id"] = key_id.text();
  row["subject"] = std::move(subject);
  return row;
}

}  // namespace

std::string_view to_text(Kind kind) {
  switch (kind) {
    case Kind::decision:
      return "decision";
    case Kind::access:
      return "access";
    case Kind::admin:
      return "admin";
    case Kind::security:
      return "security";
  }
  check_failed("every kind has a text", __FILE__, __LINE__);
}

std::string signed_text(const Entry& entry) {
  return entry.decision_id.text() + ":" + entry.action + ":" +
         time::format_instant_ms(entry.timestamp) + ":" +
         (entry.calendar_owner ? entry.calendar_owner->text() : std::string()) + ":" +
         entry.rule_fired;
}

std::string canonical_bytes(const Entry& entry, const SigningKeyId& key_id) {
  return canonical_json(row_of(entry, key_id));
}

SealedRow seal(const Entry& entry, const SigningKeyId& key_id,
               const crypto::Ed25519PrivateKey& key) {
  OA_CHECK(entry.seq > 0 && !entry.decision_id.empty() && !key_id.empty());
  SealedRow row;
  row.seq = entry.seq;
  row.canonical = canonical_bytes(entry, key_id);
  row.leaf_hash = hash_leaf(row.canonical);
  row.signing_key_id = key_id;
  if (entry.kind == Kind::access) return row;
  row.signature = key.sign(signed_text(entry));
  row.row_signature = key.sign(row.canonical);
  return row;
}

}  // namespace openavail::audit
