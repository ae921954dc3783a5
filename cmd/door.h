// Where operations run: in the data directory on this machine, or on the server that --server
// names.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "cmd/installation.h"
#include "cmd/terminal.h"
#include "operations/operations.h"

namespace openavail::cmd {

// Thread rule: open in one thread; the runner is safe from any.
class Door {
 public:
  // Errors: validation_failed (the URL or the CA file), internal (the transport can't be loaded).
  static Result<Door> open(const Globals& globals);
  // To a server, whatever `globals` says of one.
  static Result<Door> to_server(const std::string& url, const std::string& ca_file);

  operations::Runner& runner();
  // This machine's data directory; null when it is a server.
  Installation* local() { return installation_.get(); }
  std::string new_request_id();
  // For what a client is to bring back unchanged: the data directory's, or, where a server runs the
  // operations, one of this process. Errors: those of reading the file.
  Result<std::shared_ptr<const crypto::SecretBytes>> secret();
  const Clock& clock() const { return clock_; }
  Entropy& entropy() { return *entropy_; }

 private:
  Door() = default;
  SystemClock clock_;
  std::unique_ptr<SystemEntropy> entropy_ = std::make_unique<SystemEntropy>();
  std::unique_ptr<Installation> installation_;  // none: a server
  std::unique_ptr<operations::Runner> remote_;
  std::shared_ptr<const crypto::SecretBytes> secret_;  // with a server
};

}  // namespace openavail::cmd
