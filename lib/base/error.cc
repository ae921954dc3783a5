#include "base/error.h"

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/check.h"

namespace openavail {
namespace {

constexpr std::array kCodes = {
    ErrorCodeInfo{ErrorCode::validation_failed, "VALIDATION_FAILED", 400, 2},
    ErrorCodeInfo{ErrorCode::lookahead_exceeds_maximum, "LOOKAHEAD_EXCEEDS_MAXIMUM", 400, 2},
    ErrorCodeInfo{ErrorCode::unknown_api_key, "unknown_api_key", 401, 4},
    ErrorCodeInfo{ErrorCode::api_key_revoked, "api_key_revoked", 401, 4},
    ErrorCodeInfo{ErrorCode::agent_disabled, "agent_disabled", 401, 4},
    ErrorCodeInfo{ErrorCode::permission_denied, "permission_denied", 403, 4},
    ErrorCodeInfo{ErrorCode::owner_scope_denied, "owner_scope_denied", 403, 4},
    ErrorCodeInfo{ErrorCode::calendar_not_found, "CALENDAR_NOT_FOUND", 404, 3},
    ErrorCodeInfo{ErrorCode::hold_not_found, "HOLD_NOT_FOUND", 404, 3},
    ErrorCodeInfo{ErrorCode::booking_not_found, "BOOKING_NOT_FOUND", 404, 3},
    ErrorCodeInfo{ErrorCode::proposal_not_found, "PROPOSAL_NOT_FOUND", 404, 3},
    ErrorCodeInfo{ErrorCode::not_found, "NOT_FOUND", 404, 3},
    ErrorCodeInfo{ErrorCode::no_slots_available, "NO_SLOTS_AVAILABLE", 409, 12},
    ErrorCodeInfo{ErrorCode::arbitration_rejected, "ARBITRATION_REJECTED", 409, 10},
    ErrorCodeInfo{ErrorCode::hold_already_promoted, "HOLD_ALREADY_PROMOTED", 409, 5},
    ErrorCodeInfo{ErrorCode::booking_not_cancellable, "BOOKING_NOT_CANCELLABLE", 409, 5},
    ErrorCodeInfo{ErrorCode::idempotency_in_flight, "IDEMPOTENCY_IN_FLIGHT", 409, 5},
    ErrorCodeInfo{ErrorCode::calendar_reauth_required, "CALENDAR_REAUTH_REQUIRED", 409, 13},
    ErrorCodeInfo{ErrorCode::hold_expired, "HOLD_EXPIRED", 410, 5},
    ErrorCodeInfo{ErrorCode::window_too_narrow, "WINDOW_TOO_NARROW", 422, 5},
    ErrorCodeInfo{ErrorCode::past_time, "PAST_TIME", 422, 5},
    ErrorCodeInfo{ErrorCode::slot_outside_hold, "SLOT_OUTSIDE_HOLD", 422, 5},
    ErrorCodeInfo{ErrorCode::idempotency_conflict, "IDEMPOTENCY_CONFLICT", 422, 5},
    ErrorCodeInfo{ErrorCode::invalid_meeting_class, "INVALID_MEETING_CLASS", 422, 5},
    ErrorCodeInfo{ErrorCode::state_conflict, "STATE_CONFLICT", 409, 5},
    ErrorCodeInfo{ErrorCode::payload_too_large, "PAYLOAD_TOO_LARGE", 413, 2},
    ErrorCodeInfo{ErrorCode::unsupported_media_type, "UNSUPPORTED_MEDIA_TYPE", 415, 2},
    ErrorCodeInfo{ErrorCode::method_not_allowed, "METHOD_NOT_ALLOWED", 405, 2},
    ErrorCodeInfo{ErrorCode::rate_limited, "RATE_LIMITED", 429, 6},
    ErrorCodeInfo{ErrorCode::calendar_unavailable, "CALENDAR_UNAVAILABLE", 503, 13},
    ErrorCodeInfo{ErrorCode::verification_failed, "VERIFICATION_FAILED", 422, 20},
    ErrorCodeInfo{ErrorCode::internal, "INTERNAL", 500, 1},
};

const nlohmann::json kNoDetails;

}  // namespace

const ErrorCodeInfo& info(ErrorCode code) {
  for (const ErrorCodeInfo& row : kCodes) {
    if (row.code == code) return row;
  }
  check_failed("every error code has a row", __FILE__, __LINE__);
}

std::optional<ErrorCode> error_code_from_wire(std::string_view wire_name) {
  for (const ErrorCodeInfo& row : kCodes) {
    if (row.wire_name == wire_name) return row.code;
  }
  return std::nullopt;
}

Error::Error(ErrorCode code, std::string message, std::string next)
    : code_(code), message_(std::move(message)), next_(std::move(next)) {}

std::string Error::wire_code() const {
  std::string name(info(code_).wire_name);
  if (!permission_.empty()) name += ":" + permission_;
  return name;
}

const nlohmann::json& Error::details() const { return details_ ? *details_ : kNoDetails; }

Error& Error::with_operator_detail(std::string detail) {
  operator_detail_ = std::move(detail);
  return *this;
}

Error& Error::with_details(nlohmann::json details) {
  details_ = std::make_shared<const nlohmann::json>(std::move(details));
  return *this;
}

Error& Error::with_permission(std::string permission) {
  permission_ = std::move(permission);
  return *this;
}

}  // namespace openavail
