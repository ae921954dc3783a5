// The operations table and the one path that runs them (architecture, "The operations table").
// Doors bind to it; none checks a permission, validates input or words an error by itself.
//
// Thread rule: all members are safe from any thread.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "service/agent_service.h"

namespace openavail::operations {

// Which of the limits per key and minute a call counts against (wire contract, section 1).
enum class RateClass { search, hold, confirm, create, other };

// "POST", "/v1/bookings/{hold_id}/confirm": a segment in braces is a member of the input.
struct RestBinding {
  std::string method;
  std::string path;
  std::string below;  // the member that the answer stands below there; empty: the answer is bare
};

// How an operation shows as an MCP tool.
struct ToolBinding {
  std::map<std::string, std::string> renamed;  // the tool's member -> the operation's
};

// Whose names the input's members have: the doors differ in some, and in which they require.
enum class Spelling { rest, tool };

struct OperationInfo {
  std::string name;  // the MCP tool's name; `openavail call` takes the same
  std::string title;
  std::string description;
  std::string permission;
  bool is_read_only = false;
  bool is_idempotent = false;
  bool is_destructive = false;
  bool needs_key = true;
  bool takes_owner = false;            // has an owner_email
  bool answers_notifications = false;  // carries pending_notifications
  RateClass rate_class = RateClass::other;
  std::optional<RestBinding> rest;      // none: not on REST
  std::optional<ToolBinding> tool;      // none: no MCP tool
  const nlohmann::json* row = nullptr;  // its row in schemas/operations.json
};

// In the order of schemas/operations.json. Parsed once, at the first call.
const std::vector<OperationInfo>& operation_table();

// JSON Schemas in snake_case, as on REST, without references; built anew at each call, since a
// process that lists its tools needs each once. The output is that of a success.
nlohmann::json input_schema(const OperationInfo& info, Spelling spelling);
nlohmann::json output_schema(const OperationInfo& info);
// Of the other success that a few have on REST (a question back); null: there is none.
nlohmann::json other_output_schema(const OperationInfo& info);
// The input's, ready to be held against: made at the first call for a row of the table, and kept.
class InputSchema;
const InputSchema& ready_input_schema(const OperationInfo& info, Spelling spelling);

struct Outcome {
  bool ok = false;
  nlohmann::json body;                   // the answer; or the wire error with its extra members
  ErrorCode code = ErrorCode::internal;  // when not ok
  int exit_code = 0;                     // of the command line
};

// Whose key it is: what a door may know before it runs anything.
struct KeyHolder {
  std::string agent_id;
  std::string agent_name;
  std::vector<std::string> permissions;
  std::vector<std::string> owner_scope;  // addresses
};

// Whatever runs operations for a key: this process itself, or a server that it speaks to.
class Runner {
 public:
  virtual ~Runner() = default;
  // Authenticates, validates, runs. An unknown name is not_found.
  virtual Outcome run(std::string_view name, nlohmann::json input, std::string_view api_key,
                      service::Call call, Spelling spelling = Spelling::rest) = 0;
  // For doors that have to know who calls before they know what is called. Errors: those of
  // the key (unknown_api_key, api_key_revoked, agent_disabled).
  virtual Result<KeyHolder> holder(std::string_view api_key, const service::Call& call) = 0;
};

class Operations final : public Runner {
 public:
  explicit Operations(service::AgentService& service) : service_(service) {}

  // No row but for a refusal.
  Result<KeyHolder> holder(std::string_view api_key, const service::Call& call) override;
  Result<KeyHolder> holder(const keys::VerifiedKey& key, const service::Call& call);
  // Every use is audited.
  Outcome run(std::string_view name, nlohmann::json input, std::string_view api_key,
              service::Call call, Spelling spelling = Spelling::rest) override;

  // The same in steps, for doors that have something to do in between (limits per key).
  // Errors: unknown_api_key, which is audited.
  Result<keys::VerifiedKey> authenticate(std::string_view api_key, const service::Call& call);
  // Whether this process has found the key right before: what follows is cheap.
  bool has_verified(std::string_view api_key) const;
  Outcome run(std::string_view name, nlohmann::json input, const keys::VerifiedKey& key,
              service::Call call, Spelling spelling = Spelling::rest);
  // An operation that needs no key.
  Outcome run_open(std::string_view name);
  // A call whose input could not even be read: audited, and answered with the refusal.
  Outcome refuse(const OperationInfo& operation, const keys::VerifiedKey& key,
                 const service::Call& call, Error error);
  // Whether a key may do what is no operation (reading metrics); audited as `action`.
  Status permit(const keys::VerifiedKey& key, const service::Call& call,
                policy::Permission permission, const std::string& action);

 private:
  service::AgentService& service_;
};

// The row of the table; null for an unknown name.
const OperationInfo* find_operation(std::string_view name);
// The tool's names turned to the operation's.
void rename_members(const ToolBinding& tool, nlohmann::json& input);

// An error as the wire knows it (wire contract, section 4).
nlohmann::json wire_error(const Error& error);
int exit_code_of(const Error& error);
// The same for a wire body that another process made; `status` decides where its code is unknown.
int exit_code_of(const nlohmann::json& wire_body, int status);

// snake_case to camelCase: of one name; of all keys at every depth, but for what stands below
// `payload` and `engine_trace`; of the names in a schema of such a value.
std::string camel_case_name(const std::string& name);
nlohmann::json to_camel_case(const nlohmann::json& value);
nlohmann::json schema_to_camel_case(nlohmann::json schema);

}  // namespace openavail::operations
