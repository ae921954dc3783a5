#include "providers/vdir/folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/identifiers.h"
#include "base/limits.h"

namespace openavail::providers {
namespace {

constexpr const char* kTemporaryPrefix = ".openavail-";
constexpr const char* kTemporarySuffix = ".tmp";
// A temporary file of a process that died; no write of ours takes this long.
constexpr std::time_t kTemporaryAgeSecondsMax = 600;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }

 private:
  int fd_;
};

std::string reason() { return std::strerror(errno); }

Error refused(const std::string& what, const std::string& path) {
  const std::string why = reason();
  Error error = unavailable("unwritable", "the calendar could not be written; nothing was changed",
                            path + ": " + what + ": " + why);
  nlohmann::json details = error.details();
  details["outcome"] = "refused";
  error.with_details(std::move(details));
  return error;
}

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() > end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

bool is_object(const std::string& name) { return name.front() != '.' && ends_with(name, ".ics"); }

bool write_all(int fd, const std::string& bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n = ::write(fd, bytes.data() + done, bytes.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    done += static_cast<std::size_t>(n);
  }
  return true;
}

// Our processes change objects one at a time: rename can't compare. Waits; a holder needs
// milliseconds and its lock dies with it.
Result<Descriptor> lock_folder(const std::string& path) {
  Descriptor fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.is_open()) return fail(refused("open", path));
  while (flock(fd.get(), LOCK_EX) != 0) {
    if (errno != EINTR) return fail(refused("lock", path));
  }
  return fd;
}

void sweep_temporaries(const std::string& path) {
  DIR* folder = opendir(path.c_str());
  if (folder == nullptr) return;
  while (const dirent* entry = readdir(folder)) {
    const std::string name = entry->d_name;
    if (name.rfind(kTemporaryPrefix, 0) != 0 || !ends_with(name, kTemporarySuffix)) continue;
    struct stat info {};
    const std::string file = path + "/" + name;
    if (lstat(file.c_str(), &info) != 0) continue;
    if (::time(nullptr) - info.st_mtime > kTemporaryAgeSecondsMax) ::unlink(file.c_str());
  }
  closedir(folder);
}

}  // namespace

Error unavailable(const std::string& cause, const std::string& message, const std::string& detail) {
  return Error(ErrorCode::calendar_unavailable, message,
               "nothing was decided; an administrator should run openavail calendars check")
      .with_details({{"cause", cause}})
      .with_operator_detail(detail);
}

Status Folder::check_marker(const std::string& calendar_id) const {
  struct stat info {};
  if (::stat(path_.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) {
    return fail(unavailable("unreachable", "a calendar of this owner can't be reached",
                            path_ + ": no such folder"));
  }
  const auto text = read(kMarkerName);
  if (text && *text == calendar_id + "\n") return {};
  if (!text && text.error().code() != ErrorCode::not_found) return fail(text.error());
  return fail(unavailable(
      "changed_identity", "a calendar of this owner is not the one that was connected",
      path_ + ": the marker " + kMarkerName + " is missing or names another " + "calendar"));
}

Status Folder::put_marker(const std::string& calendar_id, bool replace, Entropy& entropy) const {
  struct stat info {};
  if (::stat(path_.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) {
    return fail(ErrorCode::validation_failed, "there is no folder at " + path_,
                "make the folder first, or check the path");
  }
  const auto present = read(kMarkerName);
  if (present) {
    if (*present == calendar_id + "\n") return {};
    if (!replace) {
      return fail(ErrorCode::validation_failed, "the folder belongs to another Openavail calendar",
                  "remove that calendar first (openavail calendars remove)");
    }
    ::unlink(file(kMarkerName).c_str());
  }
  const auto made = create(kMarkerName, calendar_id + "\n", entropy);
  if (!made) {
    return fail(ErrorCode::validation_failed, "the folder can't be written: " + path_,
                "check its owner and modes");
  }
  return {};
}

void Folder::remove_marker(const std::string& calendar_id) const {
  const auto present = read(kMarkerName);
  if (present && *present == calendar_id + "\n") ::unlink(file(kMarkerName).c_str());
}

Result<std::vector<std::string>> Folder::names() const {
  DIR* folder = opendir(path_.c_str());
  if (folder == nullptr) {
    return fail(unavailable("unreachable", "a calendar of this owner can't be reached",
                            path_ + ": " + reason()));
  }
  std::vector<std::string> found;
  errno = 0;
  while (const dirent* entry = readdir(folder)) {
    const std::string name = entry->d_name;
    if (is_object(name)) found.push_back(name);
    if (found.size() > limits::kCalendarFilesMax) break;
    errno = 0;
  }
  const int problem = errno;
  closedir(folder);
  if (problem != 0 || found.size() > limits::kCalendarFilesMax) {
    return fail(unavailable("unreadable", "a calendar of this owner can't be read whole",
                            path_ + ": too many files, or a read error"));
  }
  std::sort(found.begin(), found.end());
  return found;
}

Result<std::string> Folder::read(const std::string& name) const {
  const std::string path = file(name);
  // O_NONBLOCK: a FIFO in the folder must not hold us up.
  const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.is_open()) {
    const int problem = errno;
    struct stat entry {};
    // A link that leads nowhere is an object that can't be read, not one that is gone.
    if (problem == ENOENT && ::lstat(path.c_str(), &entry) != 0) {
      return fail(
          Error(ErrorCode::not_found, "there is no such object").with_operator_detail(path));
    }
    errno = problem;
    return fail(unavailable("unreadable", "a calendar of this owner can't be read whole",
                            path + ": " + reason()));
  }
  struct stat info {};
  const bool is_regular = ::fstat(fd.get(), &info) == 0 && S_ISREG(info.st_mode);
  if (!is_regular || info.st_size > static_cast<off_t>(limits::kCalendarFileBytesMax)) {
    return fail(unavailable("unreadable", "a calendar of this owner can't be read whole",
                            path + ": not a regular file, or larger than 4 MiB"));
  }
  std::string bytes;
  char buffer[16'384];
  for (;;) {
    const ssize_t n = ::read(fd.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 || bytes.size() > limits::kCalendarFileBytesMax) {
      return fail(unavailable("unreadable", "a calendar of this owner can't be read whole",
                              path + ": " + reason()));
    }
    if (n == 0) return bytes;
    bytes.append(buffer, static_cast<std::size_t>(n));
  }
}

Result<std::string> Folder::write_temporary(const std::string& bytes, Entropy& entropy) const {
  sweep_temporaries(path_);
  const std::string path = file(kTemporaryPrefix + random_base62(22, entropy) + kTemporarySuffix);
  const Descriptor fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  if (!fd.is_open()) return fail(refused("create", path_));
  if (!write_all(fd.get(), bytes) || ::fsync(fd.get()) != 0) {
    Error error = refused("write", path_);
    ::unlink(path.c_str());
    return fail(std::move(error));
  }
  return path;
}

Status Folder::sync() const {
  const Descriptor fd(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.is_open() && ::fsync(fd.get()) == 0) return {};
  Error error = unavailable("unwritable", "the calendar may not have been written",
                            path_ + ": fsync: " + reason());
  nlohmann::json details = error.details();
  details["outcome"] = "unknown";
  error.with_details(std::move(details));
  return fail(std::move(error));
}

Status Folder::create(const std::string& name, const std::string& bytes, Entropy& entropy) const {
  OA_TRY(const std::string temporary, write_temporary(bytes, entropy));
  const int linked = ::link(temporary.c_str(), file(name).c_str());
  const int problem = errno;
  ::unlink(temporary.c_str());
  if (linked != 0) {
    if (problem == EEXIST) {
      return fail(ErrorCode::state_conflict, "an object of that name is there already");
    }
    errno = problem;
    return fail(refused("link", path_));
  }
  return sync();
}

Status Folder::replace(const std::string& name,
                       const std::function<Result<std::string>(const std::string&)>& change,
                       Entropy& entropy) const {
  OA_TRY(const Descriptor lock, lock_folder(path_));
  OA_TRY(const std::string present, read(name));
  OA_TRY(const std::string changed, change(present));
  OA_TRY(const std::string temporary, write_temporary(changed, entropy));
  // Read once more right before the rename: a person's editor does not take our lock.
  const auto again = read(name);
  if (!again || *again != present) {
    ::unlink(temporary.c_str());
    return fail(ErrorCode::state_conflict, "the object changed meanwhile");
  }
  if (::rename(temporary.c_str(), file(name).c_str()) != 0) {
    Error error = refused("rename", path_);
    ::unlink(temporary.c_str());
    return fail(std::move(error));
  }
  return sync();
}

Status Folder::remove(const std::string& name,
                      const std::function<Status(const std::string&)>& may) const {
  OA_TRY(const Descriptor lock, lock_folder(path_));
  const auto present = read(name);
  if (!present) {
    if (present.error().code() == ErrorCode::not_found) return {};
    return fail(present.error());
  }
  OA_TRY_STATUS(may(*present));
  if (::unlink(file(name).c_str()) != 0 && errno != ENOENT) return fail(refused("remove", path_));
  return sync();
}

}  // namespace openavail::providers
