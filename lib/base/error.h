// Error: why an operation could not be carried out. A closed set of codes, each mapped in one
// table (error_codes.cc) to its wire name, HTTP status and exit code (wire contract, section 4).
//
// Messages say what is wrong; `next` says what to do. Neither ever holds event text, paths or
// secrets: what only the operator may see goes into `operator_detail`, which no door to agents
// sends on.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace openavail {

enum class ErrorCode {
  validation_failed,
  lookahead_exceeds_maximum,
  unknown_api_key,
  api_key_revoked,
  agent_disabled,
  permission_denied,
  owner_scope_denied,
  calendar_not_found,
  hold_not_found,
  booking_not_found,
  proposal_not_found,
  not_found,
  no_slots_available,
  arbitration_rejected,
  hold_already_promoted,
  booking_not_cancellable,
  idempotency_in_flight,
  calendar_reauth_required,
  hold_expired,
  window_too_narrow,
  past_time,
  slot_outside_hold,
  idempotency_conflict,
  invalid_meeting_class,
  state_conflict,  // administration: what is asked does not fit the present state
  payload_too_large,
  unsupported_media_type,
  method_not_allowed,
  rate_limited,
  calendar_unavailable,
  verification_failed,
  internal,
};

struct ErrorCodeInfo {
  ErrorCode code;
  std::string_view wire_name;  // error.code on the wire
  int http_status;
  int exit_code;  // of the command line
};

// Never fails: every code has a row.
const ErrorCodeInfo& info(ErrorCode code);

// The code of a wire name, "NOT_FOUND"; without what stands behind a colon.
std::optional<ErrorCode> error_code_from_wire(std::string_view wire_name);

class Error {
 public:
  Error(ErrorCode code, std::string message, std::string next = {});

  ErrorCode code() const { return code_; }
  const std::string& message() const { return message_; }
  // What the caller can do now; may be empty.
  const std::string& next() const { return next_; }
  // For the operator alone (paths, file names); may be empty.
  const std::string& operator_detail() const { return operator_detail_; }
  // For permission_denied: "permission_denied:<permission>"; otherwise info(code).wire_name.
  std::string wire_code() const;
  // Extra members that stand beside `error` at the top level of a wire error; an object, or null
  // when there are none. `details().at("error")`, if present, is merged into `error` itself.
  const nlohmann::json& details() const;

  Error& with_operator_detail(std::string detail);
  Error& with_details(nlohmann::json details);
  Error& with_permission(std::string permission);

 private:
  ErrorCode code_;
  std::string message_;
  std::string next_;
  std::string operator_detail_;
  std::string permission_;
  std::shared_ptr<const nlohmann::json> details_;
};

}  // namespace openavail
