// The client: cpp-httplib's, with certificates checked, nothing followed and everything bounded.
#pragma once

#include <memory>

#include "base/result.h"
#include "transport/client.h"

namespace openavail::transport {

// Errors: validation_failed (the URL, or the CA file).
Result<std::unique_ptr<Client>> make_http_client(ClientSettings settings);

}  // namespace openavail::transport
