// The operations table and the one path that runs them (architecture, "The operations table").
// Doors bind to it; none checks a permission, validates input or words an error by itself.
//
// Thread rule: all members are safe from any thread.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "service/agent_service.h"

namespace openavail::operations {

// The doors differ in which members they require.
enum class Door { rest, mcp };

struct OperationInfo {
  std::string name;  // the MCP tool's name; `openavail call` takes the same
  std::string title;
  std::string description;
  std::string permission;
  bool is_read_only = false;
  bool is_idempotent = false;
  bool is_destructive = false;
  bool takes_owner = false;             // has an owner_email
  bool answers_notifications = false;   // carries pending_notifications
  const nlohmann::json* row = nullptr;  // its row in schemas/operations.json
};

// In the order of schemas/operations.json. Parsed once, at the first call.
const std::vector<OperationInfo>& operation_table();

// JSON Schemas in snake_case, as on REST, without references; built anew at each call, since a
// process that lists its tools needs each once. The output is that of a success.
nlohmann::json input_schema(const OperationInfo& info, Door door);
nlohmann::json output_schema(const OperationInfo& info);

struct Outcome {
  bool ok = false;
  nlohmann::json body;                   // the answer; or the wire error with its extra members
  ErrorCode code = ErrorCode::internal;  // when not ok
  int exit_code = 0;                     // of the command line
};

class Operations {
 public:
  explicit Operations(service::AgentService& service) : service_(service) {}

  // Authenticates, validates, runs; every use is audited. An unknown name is not_found.
  Outcome run(std::string_view name, nlohmann::json input, std::string_view api_key,
              service::Call call, Door door = Door::rest);

 private:
  service::AgentService& service_;
};

// An error as the wire knows it (wire contract, section 4).
nlohmann::json wire_error(const Error& error);
int exit_code_of(const Error& error);

// snake_case to camelCase: of one name; of all keys at every depth, but for what stands below
// `payload` and `engine_trace`; of the names in a schema of such a value.
std::string camel_case_name(const std::string& name);
nlohmann::json to_camel_case(const nlohmann::json& value);
nlohmann::json schema_to_camel_case(nlohmann::json schema);

}  // namespace openavail::operations
