#include "cmd/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string>

namespace openavail::cmd {
namespace {

constexpr std::chrono::milliseconds kDrawEvery{100};
constexpr std::int64_t kBarColumns = 30;

}  // namespace

// What is over before the first drawing gets none.
Progress::Progress()
    : is_shown_(isatty(STDERR_FILENO) != 0),
      next_(std::chrono::steady_clock::now() + 5 * kDrawEvery) {}

Progress::~Progress() { wipe(); }

void Progress::wipe() {
  if (is_drawn_) std::fprintf(stderr, "\r\033[K");
  is_drawn_ = false;
}

void Progress::at(std::int64_t done) {
  if (!is_shown_ || total_ <= 0) return;
  const auto now = std::chrono::steady_clock::now();
  if (now < next_) return;
  next_ = now + kDrawEvery;
  const std::int64_t part = std::min(done, total_);
  const auto filled = static_cast<std::size_t>(part * kBarColumns / total_);
  std::string bar(static_cast<std::size_t>(kBarColumns), ' ');
  std::fill_n(bar.begin(), filled, '#');
  std::fprintf(stderr, "\r[%s] %3lld%%", bar.c_str(), static_cast<long long>(part * 100 / total_));
  is_drawn_ = true;
}

}  // namespace openavail::cmd
