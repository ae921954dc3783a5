// One operation run as the agent whose key is at hand, and its answer printed.
//
// Thread rule: one call at a time; it prints.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "base/result.h"
#include "cmd/answer_view.h"

namespace openavail::cmd {

struct AgentRequest {
  std::string tool;  // of the operations table
  nlohmann::json input;
  std::string key_file;  // empty: OPENAVAIL_API_KEY
  std::string idempotency_key;
  bool include_situation = false;
  std::string owner_email;     // whose zone a person reads the answer in; may be empty
  View view = nullptr;         // none: JSON
  const char* rows = nullptr;  // the member that is the list, for one object per line with jsonl
};

// Leaves the exit code in `globals`; a refusal is printed here and is no error. Errors: no key.
Status run_as_agent(Globals& globals, AgentRequest request);

}  // namespace openavail::cmd
