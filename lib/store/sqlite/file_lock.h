// Kernel locks on files: they die with the process that holds them, whatever ends it.
#pragma once

#include <chrono>
#include <string>

#include "base/result.h"

namespace openavail::store {

// Of the data directory or a file in it; `detail` is for the operator alone.
Error cannot_write(const std::string& detail);

class FileLock {
 public:
  FileLock() = default;
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock();

  // Makes the file (0600) where needed and locks it. Errors: internal (can't be opened; still
  // locked by another after `wait`).
  static Result<FileLock> take(const std::string& path, std::chrono::milliseconds wait);
  // Is it locked by anyone now? A file that is not there is not.
  static Result<bool> is_taken(const std::string& path);

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  int fd_ = -1;
};

}  // namespace openavail::store
