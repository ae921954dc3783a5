// Answers that go on: each has a thread of its own, and there is a limit to how many.
//
// Thread rule: safe from any thread.
#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <mutex>
#include <thread>

#include "transport/httplib/connection.h"
#include "transport/httplib/counters.h"

namespace openavail::transport {

class EventStreams {
 public:
  // `give_back` is called at the end of each stream; nothing touches the connection after that.
  EventStreams(const ServerSettings& settings, Counters& counters,
               std::function<void(Connection&)> give_back);
  ~EventStreams();  // waits for what runs

  // Writes answer.bytes and then what answer.stream writes. False: there are too many; nothing was
  // written.
  bool start(Connection& connection, Answer& answer);
  // Tells streams that the server is about to stop: is_open() says no, write() still writes.
  void wind_down() { winding_down_ = true; }
  // Nothing can be written any more.
  void end() { ended_ = true; }
  // Joins the threads that are done.
  void reap();

 private:
  struct Running {
    std::thread thread;
    std::atomic<bool> is_done{false};
  };
  class Stream;

  void run(Connection& connection, const Answer& answer);

  const ServerSettings& settings_;
  Counters& counters_;
  const std::function<void(Connection&)> give_back_;
  std::atomic<bool> winding_down_{false};
  std::atomic<bool> ended_{false};

  std::mutex lock_;
  std::list<Running> running_;
};

}  // namespace openavail::transport
