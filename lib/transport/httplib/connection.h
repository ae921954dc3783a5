// One client's connection, and where it stands.
//
// Thread rule: it belongs to whoever its phase says. The reactor hands it to a worker and gets it
// back through queues with a lock, so no two threads ever touch it at once.
#pragma once

#include <chrono>
#include <string>

#include "transport/httplib/channel.h"
#include "transport/httplib/deadlines.h"
#include "transport/httplib/exchange.h"
#include "transport/httplib/head.h"
#include "transport/httplib/listener.h"

namespace openavail::transport {

enum class Phase {
  handshake,
  idle,     // no byte of a request yet
  head,     // some
  body,     // the whole head
  running,  // the whole request: a worker's, or waiting for one, or an event stream's thread's
  writing,  // what a worker could not write at once
  linger,   // everything is said; waits for the client to close
  closed,   // to be destroyed
};

struct Connection {
  Connection(Descriptor fd, SSL_CTX* tls, Peer client)
      : channel(std::move(fd), tls), peer(std::move(client)) {}

  Channel channel;
  Peer peer;
  Phase phase = Phase::handshake;
  Deadlines::Place place{};
  int requests = 0;

  std::string in;  // arrived and not used yet; from the first byte of a request on
  HeadEnd head_end;
  Head head;

  // While running: the request, and since when it waits for a worker.
  Request request;
  AnswerForm form;
  std::chrono::steady_clock::time_point waiting_since;

  std::string out;
  std::size_t out_sent = 0;
  std::size_t out_step = 0;  // out_sent when the deadline was set
  bool close = false;        // behind `out`
  std::size_t lingered = 0;  // bytes thrown away
};

// A whole request that there is no time for.
inline Refusal too_busy(const Request& request) {
  Refusal refusal{503, "the server is busy; try again", std::nullopt};
  if (const auto id = find_header(request.headers, "X-Request-Id")) refusal.request_id = *id;
  return refusal;
}

// Writes what there is of `out`, as far as it goes now.
inline Io write_out(Connection& connection) {
  const std::string_view rest = std::string_view(connection.out).substr(connection.out_sent);
  return connection.channel.write(rest, connection.out_sent);
}

}  // namespace openavail::transport
