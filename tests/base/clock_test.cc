#include "base/clock.h"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <cstdio>

#include "base/check.h"

using namespace openavail;

TEST_CASE("The monotonic clock never goes back and counts nanoseconds") {
  const SystemClock clock;
  const std::int64_t first = clock.monotonic_ns();
  std::int64_t previous = first;
  for (int i = 0; i < 1000; ++i) {
    const std::int64_t now = clock.monotonic_ns();
    REQUIRE(now >= previous);
    previous = now;
  }
  usleep(2000);
  CHECK(clock.monotonic_ns() - first >= 2'000'000);
}

TEST_CASE("The wall clock counts milliseconds since 1970") {
  const SystemClock clock;
  const auto seconds = static_cast<std::int64_t>(time(nullptr));
  CHECK(clock.wall_ms() / 1000 - seconds >= 0);
  CHECK(clock.wall_ms() / 1000 - seconds <= 2);
}

TEST_CASE("A broken invariant ends the process in every build") {
  OA_CHECK(1 + 1 == 2);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    std::signal(SIGABRT, SIG_DFL);
    if (std::freopen("/dev/null", "w", stderr) == nullptr) _exit(2);
    OA_CHECK(1 + 1 == 3);
    _exit(0);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGABRT);
}
