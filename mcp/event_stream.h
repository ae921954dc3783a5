// A request whose result may be preceded by messages, answered as server-sent events.
#pragma once

#include "mcp/protocol.h"
#include "transport/message.h"

namespace openavail::mcp {

// Runs the request on a thread of its own and writes what it sends, and its answer, to `stream`,
// which belongs to the calling thread; returns when all is written or the client has gone. A modern
// client that goes has cancelled; a legacy one has not, and its request runs to the end.
void answer_on_stream(Protocol& protocol, const Request& request, transport::EventStream& stream);

}  // namespace openavail::mcp
