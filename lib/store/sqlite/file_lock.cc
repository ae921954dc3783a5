#include "store/sqlite/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>

namespace openavail::store {
namespace {

// Why a lock of our own in front of SQLite's: its busy handler sleeps up to 100 ms between tries.
// Eight processes with 150 short write transactions each took 450 ms with it and waited up to 430
// ms for a single one; with these naps 200 ms and up to 190 ms. A blocking flock() is more even (50
// ms) but slower (290 ms) and can't be given a time limit.
constexpr std::chrono::microseconds kNapMin{200};
constexpr std::chrono::microseconds kNapMax{2'000};

Error cannot_open(const std::string& path) {
  return cannot_write(path + ": " + std::strerror(errno));
}

}  // namespace

Error cannot_write(const std::string& detail) {
  return Error(ErrorCode::internal, "the data directory can't be written; nothing was changed",
               "an administrator should check the data directory's owner and modes")
      .with_operator_detail(detail);
}

FileLock::FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

FileLock::~FileLock() {
  if (fd_ >= 0) close(fd_);
}

Result<FileLock> FileLock::take(const std::string& path, std::chrono::milliseconds wait) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return fail(cannot_open(path));
  FileLock lock(fd);
  const auto deadline = std::chrono::steady_clock::now() + wait;
  for (auto nap = kNapMin;; nap = std::min(nap * 2, kNapMax)) {
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
      struct stat info {};
      if (fstat(fd, &info) == 0 && info.st_nlink > 0) return lock;
      return take(path, wait);  // swept away between our opening and our locking it
    }
    if (errno != EWOULDBLOCK && errno != EINTR) return fail(cannot_open(path));
    if (std::chrono::steady_clock::now() >= deadline) {
      return fail(Error(ErrorCode::internal,
                        "the database is busy for too long; nothing was changed",
                        "try again in a few seconds"));
    }
    std::this_thread::sleep_for(nap);
  }
}

Result<bool> FileLock::is_taken(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) {
    if (errno == ENOENT) return false;
    return fail(cannot_open(path));
  }
  const bool taken = flock(fd, LOCK_EX | LOCK_NB) != 0;
  close(fd);
  return taken;
}

}  // namespace openavail::store
