// A bounded HTTP/1.1 server (security design, section 0, D, H). Idle connections and unfinished
// requests wait in epoll and cost no worker; a worker gets whole requests. Every limit is one of
// ServerLimits.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/limits.h"
#include "base/result.h"
#include "transport/message.h"

namespace openavail::transport {

// Files in PEM. The key's file must be readable by its owner alone.
struct TlsFiles {
  std::string certificate_path;  // the chain, the server's own first
  std::string key_path;
};

// Tests make these smaller; everyone else takes them as they are.
struct ServerLimits {
  std::size_t head_bytes_max = limits::kHttpHeadBytesMax;
  std::size_t headers_max = limits::kHttpHeadersMax;
  std::size_t body_bytes_max = limits::kHttpBodyBytesMax;
  std::chrono::milliseconds head_time_max = limits::kHttpHeadTimeMax;
  std::chrono::milliseconds body_time_max = limits::kHttpBodyTimeMax;
  std::chrono::milliseconds write_time_max = limits::kHttpWriteTimeMax;
  std::chrono::milliseconds idle_time_max = limits::kHttpIdleTimeMax;
  int requests_per_connection_max = limits::kHttpRequestsPerConnectionMax;
  int connections_max = limits::kHttpConnectionsMax;
  int connections_per_address_max = limits::kHttpConnectionsPerAddressMax;
  int workers_max = limits::kHttpWorkersMax;
  int requests_waiting_max = limits::kHttpRequestsWaitingMax;
  std::chrono::milliseconds overload_after = limits::kHttpOverloadAfter;
  std::chrono::milliseconds overload_wait_max = limits::kHttpOverloadWaitMax;
  int event_streams_max = limits::kHttpEventStreamsMax;
};

// What the transport refuses by itself, before a handler sees anything. The connection ends behind
// it: where framing is in doubt, no later byte can be trusted to begin a request. Only a whole
// request that is turned away because too many come (ServerLimits::overload_after) leaves it open.
struct Refusal {
  int status = 400;     // 400, 408, 411, 413, 414, 415, 417, 431, 503, 505; 500 if a handler threw
  std::string message;  // what is wrong, for the client
  // The client's X-Request-Id where the head could be read.
  std::optional<std::string> request_id;
};

struct ServerSettings {
  // "127.0.0.1:8443", "[::1]:8443", "0.0.0.0:0" (any free port) or "unix:/path".
  std::string listen;
  std::optional<TlsFiles>
      tls;  // none: plain HTTP; whether that is allowed is the caller's to judge
  ServerLimits limits;
  // Called by workers, many at once; may block. Must not throw.
  std::function<Response(Request&&)> handle;
  // Words a refusal, so that every answer of the house has one form. Called by workers and by the
  // thread that reads for all connections: must not block, must not throw.
  std::function<Response(const Refusal&)> refuse;
  // One line for the operator. As refuse.
  std::function<void(const std::string&)> log;
};

struct ServerCounters {
  std::uint64_t connections_accepted = 0;
  std::uint64_t connections_refused = 0;  // over a limit
  int connections_open = 0;
  std::uint64_t requests = 0;  // whole ones, given to the handler
  std::uint64_t refusals = 0;  // by the transport itself
  int requests_waiting = 0;
  int workers_busy = 0;
  int event_streams_open = 0;
};

// Thread rule: all members are safe from any thread.
class Server {
 public:
  virtual ~Server() = default;  // stops at once when stop() was not called

  // Binds and begins to serve on threads of its own. Errors: validation_failed (the address, the
  // certificate or its key can't be used; says which and why), internal.
  virtual Status start() = 0;
  // The port that was bound; 0 on a Unix socket.
  virtual int port() const = 0;
  // Reads certificate and key anew; connections that stand keep theirs. Errors: validation_failed;
  // the present certificate then stays in use.
  virtual Status reload_tls() = 0;
  // Accepts no more, closes connections that have no whole request, lets what runs finish within
  // `grace`, then ends all. True when everything that ran was answered. A handler that still runs
  // then can't be ended from outside; the destructor waits for it.
  virtual bool stop(std::chrono::milliseconds grace) = 0;
  virtual ServerCounters counters() const = 0;
};

}  // namespace openavail::transport
