// The one thread that waits for all connections: takes them, reads whole requests off them with
// every limit of ServerLimits, hands those to the workers, and writes what they could not write at
// once. An idle, slow or hostile connection costs an entry in epoll and no thread.
//
// Thread rule: run() is one thread's; the members that say so are safe from any thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "transport/httplib/connection.h"
#include "transport/httplib/counters.h"
#include "transport/httplib/deadlines.h"
#include "transport/httplib/listener.h"
#include "transport/httplib/tls.h"
#include "transport/httplib/workers.h"

namespace openavail::transport {

class Reactor {
 public:
  // The context for a new connection; null for plain HTTP.
  using ChooseTls = std::function<TlsContext()>;

  // `settings` and `counters` outlive it.
  Reactor(const ServerSettings& settings, Counters& counters, Listener listener,
          ChooseTls choose_tls);
  ~Reactor();

  // Errors: internal. Before run(); `workers` outlives run().
  Status prepare(Workers& workers);
  // Until end().
  void run();

  // Any thread. A worker or stream is done with it; what it left in Connection::out is written.
  void give_back(Connection& connection);
  // Any thread. Takes no connection any more and keeps none but those that are being answered.
  void wind_down();
  bool is_winding_down() const { return winding_down_; }
  // Any thread, after wind_down(). True: all that ran was answered.
  bool wait_until_answered(std::chrono::steady_clock::time_point until);
  // Any thread. Closes everything.
  void end();

 private:
  using Time = std::chrono::steady_clock::time_point;

  // The loop (reactor.cc).
  int time_to_wait_ms();
  void wake();
  void take_inbox();
  void accept_some();
  void admit(Descriptor fd, Peer peer);
  bool make_room();
  void pause_accepting();
  void on_ready(Connection& connection);
  void expire();
  void leave_only_answers();
  void close(Connection& connection);
  void close_all();

  // What happens on one connection (conversation.cc).
  void watch(Connection& connection, Io wanted);
  void shake_hands(Connection& connection);
  void read_more(Connection& connection);
  void advance(Connection& connection);
  bool take_head(Connection& connection);  // false: more of it has to come, or it was refused
  void hand_over(Connection& connection);
  void turn_away(Connection& connection);
  void refuse(Connection& connection, Refusal refusal);
  void write_more(Connection& connection);
  void answered(Connection& connection);
  void linger(Connection& connection);
  void drop_input(Connection& connection);

  const ServerSettings& settings_;
  Counters& counters_;
  std::optional<Listener> listener_;
  const ChooseTls choose_tls_;
  Workers* workers_ = nullptr;
  Exchange exchange_;  // for refusals

  Descriptor epoll_;
  Descriptor wake_;
  Deadlines deadlines_;
  std::unordered_map<Connection*, std::unique_ptr<Connection>> connections_;
  std::unordered_map<std::string, int> per_address_;
  // Closed in this round of the loop; epoll may still have told of them.
  std::vector<std::unique_ptr<Connection>> closed_;
  Time now_;
  std::optional<Time> accept_again_at_;
  bool told_of_descriptors_ = false;

  std::atomic<bool> winding_down_{false};
  std::atomic<bool> ended_{false};

  std::mutex lock_;  // of what follows
  std::vector<Connection*> inbox_;
  std::condition_variable all_gone_changed_;
  bool all_answered_ = false;
  bool all_gone_ = false;
};

}  // namespace openavail::transport
