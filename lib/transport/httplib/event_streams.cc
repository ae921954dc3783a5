#include "transport/httplib/event_streams.h"

#include <poll.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <system_error>

namespace openavail::transport {
namespace {

using std::chrono::steady_clock;

// How long a blocked write waits before it looks whether the server has ended.
constexpr std::chrono::milliseconds kGlance{100};

// Waits until the socket may be ready; false when `until` has passed.
bool wait_for(int fd, Io wanted, steady_clock::time_point until) {
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(until - steady_clock::now());
  if (left.count() <= 0) return false;
  pollfd watched{fd, static_cast<short>(wanted == Io::want_read ? POLLIN : POLLOUT), 0};
  poll(&watched, 1, static_cast<int>(std::min(left, kGlance).count()));
  return true;
}

}  // namespace

class EventStreams::Stream final : public EventStream {
 public:
  Stream(EventStreams& all, Connection& connection)
      : all_(all), connection_(connection), is_chunked_(connection.form.minor_version == 1) {}

  bool write(std::string_view bytes) override {
    if (bytes.empty()) return !is_broken_;  // an empty chunk would be the end
    if (!is_chunked_) return write_raw(bytes);
    char size[20];
    const auto end = std::to_chars(size, size + sizeof size, bytes.size(), 16).ptr;
    std::string chunk(size, end);
    chunk.append("\r\n").append(bytes).append("\r\n");
    return write_raw(chunk);
  }

  bool is_open() const override {
    return !is_broken_ && !all_.winding_down_ && !connection_.channel.is_hung_up();
  }

  bool write_raw(std::string_view bytes) {
    const auto until = steady_clock::now() + all_.settings_.limits.write_time_max;
    std::size_t sent = 0;
    while (!is_broken_ && !all_.ended_) {
      const Io outcome = connection_.channel.write(bytes.substr(sent), sent);
      if (outcome == Io::done) return true;
      if (outcome == Io::closed || !wait_for(connection_.channel.fd(), outcome, until)) break;
    }
    is_broken_ = true;
    return false;
  }

  void finish() {
    if (is_chunked_) write_raw("0\r\n\r\n");
  }
  void give_up() { is_broken_ = true; }
  bool is_broken() const { return is_broken_; }

 private:
  EventStreams& all_;
  Connection& connection_;
  const bool is_chunked_;
  bool is_broken_ = false;
};

EventStreams::EventStreams(const ServerSettings& settings, Counters& counters,
                           std::function<void(Connection&)> give_back)
    : settings_(settings), counters_(counters), give_back_(std::move(give_back)) {}

EventStreams::~EventStreams() {
  wind_down();
  end();
  for (Running& running : running_) running.thread.join();
}

bool EventStreams::start(Connection& connection, Answer& answer) {
  reap();
  const std::lock_guard<std::mutex> held(lock_);
  if (ended_ || counters_.event_streams_open >= settings_.limits.event_streams_max) return false;
  Running& running = running_.emplace_back();
  ++counters_.event_streams_open;
  try {
    running.thread =
        std::thread([this, &connection, &running, mine = std::make_shared<Answer>(answer)] {
          run(connection, *mine);
          running.is_done = true;
        });
  } catch (const std::system_error&) {  // the machine has no thread left
    running_.pop_back();
    --counters_.event_streams_open;
    return false;
  }
  return true;
}

void EventStreams::run(Connection& connection, const Answer& answer) {
  Stream stream(*this, connection);
  if (stream.write_raw(answer.bytes)) {
    try {
      answer.stream(stream);
      stream.finish();
    } catch (...) {  // without its end the client sees that the stream broke off
      settings_.log("an event stream failed with an exception");
      stream.give_up();
    }
  }
  connection.close = answer.close || stream.is_broken() || winding_down_;
  --counters_.event_streams_open;
  give_back_(connection);
}

void EventStreams::reap() {
  const std::lock_guard<std::mutex> held(lock_);
  running_.remove_if([](Running& running) {
    if (!running.is_done) return false;
    running.thread.join();
    return true;
  });
}

}  // namespace openavail::transport
