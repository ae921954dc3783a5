// MCP over stdio: one JSON object per line, nothing else on standard output. Requests run side by
// side; at the end of the input what was read is finished, within limits::kStdioDrain.
#pragma once

#include "mcp/protocol.h"

namespace openavail::mcp {

// Serves `caller` until the end of `in_fd`. The process's exit code: 0, or 1 when the output broke.
int serve_stdio(int in_fd, int out_fd, Protocol& protocol, const Caller& caller);

}  // namespace openavail::mcp
