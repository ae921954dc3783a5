#include "mcp/stdio.h"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/limits.h"
#include "operations/json_guard.h"

namespace openavail::mcp {
namespace {

using nlohmann::json;

constexpr std::size_t kReadBytes = 65'536;

std::string refusal(int code, const std::string& message) {
  return line_of(error_answer({code, message}));
}

// What opens the data directory, or waits. The rest is answered before the next line is read.
bool takes_long(const json& message) {
  const json method = message.is_object() ? message.value("method", json()) : json();
  for (const char* one : {"tools/call", "resources/list", "resources/templates/list",
                          "resources/read", "completion/complete", "subscriptions/listen"}) {
    if (method == one) return true;
  }
  return false;
}

class StdioServer {
 public:
  StdioServer(int in_fd, int out_fd, Protocol& protocol, const Caller& caller)
      : in_fd_(in_fd), out_fd_(out_fd), protocol_(protocol), caller_(caller) {}

  int run() {
    read_lines();
    protocol_.subscriptions().end_all();
    std::unique_lock lock(mutex_);
    is_ending_ = true;
    wake_.notify_all();
    const bool done =
        idle_.wait_for(lock, limits::kStdioDrain, [&] { return queue_.empty() && running_ == 0; });
    lock.unlock();
    // What outlasts the drain is given up with the process; recovery settles what it was at.
    if (!done) _exit(is_output_broken_ ? 1 : 0);
    for (std::thread& worker : workers_) worker.join();
    return is_output_broken_ ? 1 : 0;
  }

 private:
  struct Waiting {
    json message;
    std::size_t bytes;  // of its line
  };

  // The way back for one request: the same output, until it is cancelled.
  class Way final : public Exchange {
   public:
    Way(StdioServer& server, std::string id) : server_(server), id_(std::move(id)) {}
    bool send(const json& message) override {
      if (is_cancelled()) return false;
      server_.write(line_of(message));
      return true;
    }
    bool is_cancelled() const override {
      const std::lock_guard lock(server_.mutex_);
      return server_.cancelled_.count(id_) != 0;
    }

   private:
    StdioServer& server_;
    const std::string id_;
  };

  void read_lines() {
    std::string line;
    bool is_too_long = false;
    std::vector<char> buffer(kReadBytes);
    for (;;) {
      const ssize_t n = ::read(in_fd_, buffer.data(), buffer.size());
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) break;
      for (ssize_t i = 0; i < n; ++i) {
        const char c = buffer[static_cast<std::size_t>(i)];
        if (c == '\n') {
          take(line, is_too_long);
          if (is_output_broken_) return;  // nobody hears what further calls would do
          line.clear();
          is_too_long = false;
        } else if (line.size() < limits::kJsonLineBytesMax) {
          line += c;
        } else {
          is_too_long = true;  // the rest of the line is skipped, not kept
        }
      }
    }
    if (!line.empty()) take(line, is_too_long);
  }

  void take(const std::string& line, bool is_too_long) {
    if (is_too_long) {
      write(refusal(code::kInvalidRequest, "the line is longer than 1 MiB"));
      return;
    }
    if (line.find_first_not_of(" \t\r") == std::string::npos) return;
    auto message = operations::parse_json(line);
    if (!message) {
      write(refusal(code::kParseError, message.error().message()));
      return;
    }
    if (message->is_object() && message->value("method", json()) == "notifications/cancelled") {
      cancel(*message);
      return;
    }
    if (!takes_long(*message)) {
      if (auto answer = protocol_.handle(*message, caller_)) write(std::move(*answer));
      return;
    }
    std::unique_lock lock(mutex_);
    idle_.wait(lock, [&] {
      return bytes_in_flight_ == 0 ||
             (queue_.size() < static_cast<std::size_t>(limits::kStdioRequestsInFlightMax) &&
              bytes_in_flight_ + line.size() <= limits::kStdioBytesInFlightMax);
    });
    queue_.push_back({std::move(*message), line.size()});
    bytes_in_flight_ += line.size();
    if (workers_.size() < static_cast<std::size_t>(limits::kStdioWorkers) &&
        workers_.size() < queue_.size() + static_cast<std::size_t>(running_)) {
      workers_.emplace_back([this] { work(); });
    }
    wake_.notify_one();
  }

  // A cancelled request that waits is dropped; one that runs is finished (its effects stand) but
  // not answered.
  void cancel(const json& message) {
    // Not through a JSON pointer: that throws when params is an array.
    const json parameters = message.value("params", json());
    if (!parameters.is_object() || !parameters.contains("requestId")) return;
    const json& id = parameters.at("requestId");
    const std::lock_guard lock(mutex_);
    for (auto it = queue_.begin(); it != queue_.end(); ++it) {
      if (it->message.value("id", json()) != id) continue;
      bytes_in_flight_ -= it->bytes;
      queue_.erase(it);
      return;
    }
    if (in_flight_.count(id.dump()) != 0) cancelled_.insert(id.dump());
  }

  void work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      wake_.wait(lock, [&] { return !queue_.empty() || is_ending_; });
      if (queue_.empty()) return;
      const Waiting call = std::move(queue_.front());
      queue_.pop_front();
      const std::string id = call.message.value("id", json()).dump();
      ++running_;
      in_flight_.insert(id);
      lock.unlock();
      Way way(*this, id);
      auto answer = protocol_.handle(call.message, caller_, way);
      lock.lock();
      in_flight_.erase(id);
      const bool is_cancelled = cancelled_.erase(id) != 0;
      lock.unlock();
      if (answer && !is_cancelled) write(std::move(*answer));
      lock.lock();
      --running_;
      bytes_in_flight_ -= call.bytes;
      idle_.notify_all();
    }
  }

  void write(std::string line) {
    line += '\n';
    const std::lock_guard lock(output_mutex_);
    std::size_t done = 0;
    while (done < line.size()) {
      const ssize_t n = ::write(out_fd_, line.data() + done, line.size() - done);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) {
        is_output_broken_ = true;
        return;
      }
      done += static_cast<std::size_t>(n);
    }
  }

  const int in_fd_;
  const int out_fd_;
  Protocol& protocol_;
  const Caller& caller_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable idle_;
  std::deque<Waiting> queue_;
  std::size_t bytes_in_flight_ = 0;
  std::set<std::string> in_flight_;
  std::set<std::string> cancelled_;
  std::vector<std::thread> workers_;
  int running_ = 0;
  bool is_ending_ = false;
  std::mutex output_mutex_;
  std::atomic<bool> is_output_broken_ = false;
};

}  // namespace

int serve_stdio(int in_fd, int out_fd, Protocol& protocol, const Caller& caller) {
  return StdioServer(in_fd, out_fd, protocol, caller).run();
}

}  // namespace openavail::mcp
