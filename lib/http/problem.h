// Errors on the wire: the contract's object with the members of RFC 9457 beside it (wire contract,
// sections 1 and 4).
//
// Thread rule: free functions without state.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/error.h"
#include "transport/message.h"

namespace openavail::http {

// What an answer is made for.
struct Exchange {
  std::string request_id;
  // The client asked for application/json and not for application/problem+json.
  bool wants_plain_json = false;
};

// `body` is the contract's error object (operations::wire_error); type, title, status, detail and
// instance are added. 401 and 403 carry WWW-Authenticate, 429 and 503 Retry-After.
transport::Response problem(const Exchange& exchange, ErrorCode code, nlohmann::json body);
transport::Response problem(const Exchange& exchange, const Error& error);
// A refusal that no error code of ours stands for, like those of the transport itself. `body`:
// members besides.
transport::Response problem(const Exchange& exchange, int status, const std::string& wire_code,
                            const std::string& message,
                            nlohmann::json body = nlohmann::json::object());

// A success.
transport::Response json_answer(const Exchange& exchange, const nlohmann::json& body);

}  // namespace openavail::http
