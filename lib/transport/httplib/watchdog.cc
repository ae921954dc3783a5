#include "transport/httplib/watchdog.h"

#include <fcntl.h>
#include <sys/socket.h>

namespace openavail::transport {

Watchdog::Watchdog(std::chrono::milliseconds time)
    : time_(time), until_(std::chrono::steady_clock::now() + time), thread_([this] { run(); }) {}

Watchdog::~Watchdog() {
  {
    const std::lock_guard<std::mutex> held(lock_);
    is_over_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Watchdog::watch(int fd) {
  const std::lock_guard<std::mutex> held(lock_);
  socket_ = Descriptor(fcntl(fd, F_DUPFD_CLOEXEC, 0));
  if (has_barked_ && socket_) shutdown(socket_.get(), SHUT_RDWR);
}

void Watchdog::extend() {
  const std::lock_guard<std::mutex> held(lock_);
  until_ =
      std::chrono::steady_clock::now() + time_;  // later than before: it need not wake for that
}

bool Watchdog::has_barked() const {
  const std::lock_guard<std::mutex> held(lock_);
  return has_barked_;
}

void Watchdog::run() {
  std::unique_lock<std::mutex> held(lock_);
  while (!is_over_ && std::chrono::steady_clock::now() < until_) {
    const auto until = until_;
    changed_.wait_until(held, until);
  }
  if (is_over_) return;
  has_barked_ = true;
  if (socket_) shutdown(socket_.get(), SHUT_RDWR);
}

}  // namespace openavail::transport
