// The server: puts listener, reactor, workers and event streams together.
#pragma once

#include <memory>

#include "transport/server.h"

namespace openavail::transport {

std::unique_ptr<Server> make_http_server(ServerSettings settings);

}  // namespace openavail::transport
