// The server put together: transport, routes, services, and what runs beside them.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "cmd/terminal.h"

namespace openavail::cmd {

inline constexpr const char* kCertificateFile = "tls_certificate.pem";
inline constexpr const char* kCertificateKeyFile = "tls_key.pem";

// All routes; /mcp alone; or /mcp with the conformance suite's tools, without a key or a data
// directory, on loopback alone.
enum class Offer { everything, mcp, fixtures };

// What was said on the command line; empty: the configuration's, else the default.
struct ServeChoice {
  Offer offer = Offer::everything;
  std::string listen;
  std::string certificate_path, key_path;
  std::string config_file;
  bool insecure_loopback = false;
  std::vector<std::string> allowed_hosts, allowed_origins;  // besides server.host_names
  bool accepts_legacy_version_header = false;
};

// Serves until SIGTERM or SIGINT, then finishes what runs (limits::kHttpStopGrace). SIGHUP reads
// the certificate anew; so does a change of its files. Errors: validation_failed (settings),
// not_found (no data directory), internal.
Status serve_until_signalled(const Globals& globals, const ServeChoice& choice);

}  // namespace openavail::cmd
