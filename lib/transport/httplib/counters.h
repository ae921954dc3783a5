// What the server counts, by many threads.
#pragma once

#include <atomic>
#include <cstdint>

#include "transport/server.h"

namespace openavail::transport {

struct Counters {
  std::atomic<std::uint64_t> connections_accepted{0};
  std::atomic<std::uint64_t> connections_refused{0};
  std::atomic<int> connections_open{0};
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> refusals{0};
  std::atomic<int> requests_waiting{0};
  std::atomic<int> workers_busy{0};
  std::atomic<int> event_streams_open{0};

  ServerCounters read() const {
    ServerCounters now;
    now.connections_accepted = connections_accepted;
    now.connections_refused = connections_refused;
    now.connections_open = connections_open;
    now.requests = requests;
    now.refusals = refusals;
    now.requests_waiting = requests_waiting;
    now.workers_busy = workers_busy;
    now.event_streams_open = event_streams_open;
    return now;
  }
};

}  // namespace openavail::transport
