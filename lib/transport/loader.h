// Getting at the transport. It stands in a shared object of its own inside the binary and is loaded
// when first needed: cpp-httplib, its compression libraries and a second OpenSSL cost more to load
// than everything else together, and every agent's client starts a process that needs none of them.
#pragma once

#include <memory>

#include "base/result.h"
#include "transport/client.h"
#include "transport/server.h"

namespace openavail::transport {

// What the shared object offers.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual std::unique_ptr<Server> make_server(ServerSettings settings) = 0;
  // Errors: validation_failed (the URL, or the CA file).
  virtual Result<std::unique_ptr<Client>> make_client(ClientSettings settings) = 0;
  // "httplib 0.11.4, OpenSSL 3.0.x": what it was loaded with.
  virtual std::string libraries() const = 0;
};

// Loads it at the first call; it stays for the life of the process. Errors: internal (a library is
// missing; says which). Thread rule: any thread.
Result<Transport*> load_transport();

}  // namespace openavail::transport
