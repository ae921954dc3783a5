#include "load/crowd.h"

#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <vector>

namespace openavail::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::string_view kHead = "GET /v1/owner-context HTTP/1.1\r\nHost: localhost\r\nX-Slow: a";
constexpr std::string_view kBody =
    "POST /v1/bookings HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n";
constexpr auto kDrip = std::chrono::seconds(1);
constexpr int kLookEveryMs = 5;

class Stander {
 public:
  Stander(const Target& target, int number, std::string_view begins)
      : target_(target), number_(number), begins_(begins) {
    begin();
  }

  // Goes on with connecting; drips when it is time.
  void tend(SteadyClock::time_point now) {
    if (!is_connected_) {
      const Line::Step step = line_->connect();
      if (step == Line::Step::broken) return again();
      if (step == Line::Step::again) return;
      is_connected_ = true;
      next_ = now;
    }
    if (begins_.empty() || now < next_) return;
    const std::string_view bytes = has_begun_ ? "a" : begins_;
    std::size_t sent = 0;
    if (line_->write(bytes, sent) == Line::Step::broken || is_closed()) return again();
    has_begun_ = true;
    next_ = next_ + kDrip;
  }

  bool is_connected() const { return is_connected_; }
  int cuts() const { return cuts_; }
  // By the server.
  bool is_closed() {
    std::string ignored;
    return line_->read(ignored) == Line::Step::broken;
  }

 private:
  void begin() {
    line_ = std::make_unique<Line>(target_, number_);
    is_connected_ = has_begun_ = false;
  }
  void again() {
    ++cuts_;
    begin();
  }

  const Target& target_;
  const int number_;
  const std::string_view begins_;
  std::unique_ptr<Line> line_;
  bool is_connected_ = false;
  bool has_begun_ = false;
  SteadyClock::time_point next_;
  int cuts_ = 0;
};

bool is_over(int wait_ms) {
  pollfd in{STDIN_FILENO, POLLIN, 0};
  return poll(&in, 1, wait_ms) > 0;
}

}  // namespace

void stand_about(const Target& target, int idle, int dripping) {
  std::vector<std::unique_ptr<Stander>> all;
  const auto connect = [&](int count, bool drips) {
    for (int i = 0; i < count; ++i) {
      const std::string_view begins = !drips ? "" : i % 2 == 0 ? kHead : kBody;
      all.push_back(std::make_unique<Stander>(target, static_cast<int>(all.size()), begins));
      while (!all.back()->is_connected()) all.back()->tend(SteadyClock::now());
    }
  };
  connect(idle, false);
  connect(dripping, true);
  std::printf("ready\n");
  std::fflush(stdout);
  // Spread over the second, as strangers would be.
  for (std::size_t next = 0; !is_over(kLookEveryMs);) {
    const std::size_t share = all.size() * kLookEveryMs / 1000 + 1;
    for (std::size_t i = 0; i < share; ++i) all[next++ % all.size()]->tend(SteadyClock::now());
  }
  int cuts = 0;
  int closed = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    cuts += all[i]->cuts();
    closed += i < static_cast<std::size_t>(idle) && all[i]->is_closed() ? 1 : 0;
  }
  std::printf("{\"cut_and_back\":%d,\"idle_closed\":%d}\n", cuts, closed);
}

}  // namespace openavail::bench
