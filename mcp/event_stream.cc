#include "mcp/event_stream.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "base/limits.h"

namespace openavail::mcp {
namespace {

using nlohmann::json;
using SteadyClock = std::chrono::steady_clock;

std::string event_of(const std::string& line) { return "event: message\ndata: " + line + "\n\n"; }

// Between the thread that works and the one that writes.
class StreamExchange final : public Exchange {
 public:
  explicit StreamExchange(Era era) : era_(era) {}

  bool send(const json& message) override {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= limits::kMcpMessagesWaitingMax) return false;
    waiting_.push_back(event_of(line_of(message)));
    changed_.notify_all();
    return true;
  }

  bool is_cancelled() const override {
    const std::lock_guard lock(mutex_);
    return is_closing_ && era_ == Era::modern;
  }

  void finish(const std::optional<Reply>& reply) {
    const std::lock_guard lock(mutex_);
    if (reply) waiting_.push_back(event_of(reply->text));
    is_done_ = true;
    changed_.notify_all();
  }

  // What is to be written now; waits a moment for something.
  std::deque<std::string> take() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, limits::kMcpSubscriptionPoll,
                      [this] { return !waiting_.empty() || is_done_; });
    return std::exchange(waiting_, {});
  }

  bool is_done() const {
    const std::lock_guard lock(mutex_);
    return is_done_ && waiting_.empty();
  }

  void close() {
    const std::lock_guard lock(mutex_);
    is_closing_ = true;
  }

 private:
  const Era era_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> waiting_;
  bool is_closing_ = false;
  bool is_done_ = false;
};

}  // namespace

void answer_on_stream(Protocol& protocol, const Request& request, transport::EventStream& stream) {
  StreamExchange exchange(request.era);
  std::thread worker([&] {
    Request running = request;
    running.exchange = &exchange;
    exchange.finish(protocol.answer(running));
  });
  auto last_written = SteadyClock::now();
  bool is_there = true;  // and takes what is written
  while (!exchange.is_done()) {
    // False too when the server is about to stop; what is said at the end still goes out then.
    if (!is_there || !stream.is_open()) exchange.close();
    for (const std::string& event : exchange.take()) {
      is_there = is_there && stream.write(event);
      last_written = SteadyClock::now();
    }
    if (is_there && SteadyClock::now() - last_written >= limits::kMcpKeepAlive) {
      is_there = stream.write(": still here\n\n");
      last_written = SteadyClock::now();
    }
  }
  worker.join();
}

}  // namespace openavail::mcp
