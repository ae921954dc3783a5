// Internal to this room: the members of a row, by name, and what they may hold.
#pragma once

#include <array>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace openavail::audit {

enum class FieldType { text, text_or_null, integer, interval_or_null, texts, trace, text_object };

struct Field {
  std::string_view name;
  FieldType type;
};

// In the order of the arbitration contract; a row has all of them and no others.
inline constexpr std::array kRowFields = {
    Field{"decision_id", FieldType::text},
    Field{"seq", FieldType::integer},
    Field{"kind", FieldType::text},
    Field{"action", FieldType::text},
    Field{"agent_id", FieldType::text_or_null},
    Field{"api_key_id", FieldType::text_or_null},
    Field{"actor", FieldType::text},
    Field{"calendar_owner", FieldType::text_or_null},
    Field{"rule_fired", FieldType::text},
    Field{"latency_ms", FieldType::integer},
    Field{"timestamp", FieldType::text},
    Field{"request_id", FieldType::text},
    Field{"meeting_class", FieldType::text_or_null},
    Field{"requested_interval", FieldType::interval_or_null},
    Field{"decided_interval", FieldType::interval_or_null},
    Field{"booking_id", FieldType::text_or_null},
    Field{"hold_id", FieldType::text_or_null},
    Field{"displaced_booking_ids", FieldType::texts},
    Field{"correlation_id", FieldType::text_or_null},
    Field{"engine_version", FieldType::text},
    Field{"tzdata_version", FieldType::text},
    Field{"situation_digest", FieldType::text_or_null},
    Field{"trace", FieldType::trace},
    Field{"row_version", FieldType::integer},
    Field{"signing_key_id", FieldType::text},
    Field{"subject", FieldType::text_object},
};

// What is wrong with the members of a row, or nothing.
std::optional<std::string> row_problem(const nlohmann::json& row);

// The text that `signature` covers, from the row's members; row_problem must be nothing.
std::string signed_text_of(const nlohmann::json& row);

}  // namespace openavail::audit
