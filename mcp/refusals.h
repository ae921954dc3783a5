// Failures of operations where no tool's error can carry them: resources, completion, the door.
#pragma once

#include "mcp/message.h"
#include "operations/operations.h"

namespace openavail::mcp {

// -32000 with the wire code in data.error; 401, 403 and 503 keep their status over HTTP.
RpcError refusal_of(const operations::Outcome& outcome);
RpcError refusal_of(const Error& error);

}  // namespace openavail::mcp
