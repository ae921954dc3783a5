#include "crypto/private_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/check.h"
#include "base/identifiers.h"

namespace openavail::crypto {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  int get() const { return fd_; }
  bool open() const { return fd_ >= 0; }

 private:
  int fd_;
};

tl::unexpected<Error> trouble(const std::string& message, const std::string& path,
                              const std::string& why) {
  Error error(ErrorCode::internal, message, "Ask the administrator to run: openavail doctor");
  error.with_operator_detail(path + ": " + why);
  return fail(std::move(error));
}

std::string system_text(int number) { return std::strerror(number); }

bool write_all(int fd, std::string_view contents) {
  while (!contents.empty()) {
    const ssize_t written = write(fd, contents.data(), contents.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    contents.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// Gives the finished file its name, without ever replacing another one. Returns an errno, or 0.
int name_it(const std::string& temporary, const std::string& path) {
  if (renameat2(AT_FDCWD, temporary.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) == 0) {
    return 0;
  }
  if (errno != EINVAL && errno != ENOSYS) return errno;
  // A file system without that flag: a hard link does not replace either.
  if (link(temporary.c_str(), path.c_str()) != 0) return errno;
  unlink(temporary.c_str());
  return 0;
}

int write_temporary(const std::string& temporary, std::string_view contents) {
  const Descriptor file(
      open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file.open()) return errno;
  // The umask can only have taken bits away; a private file has exactly these.
  if (fchmod(file.get(), 0600) != 0) return errno;
  if (!write_all(file.get(), contents)) return errno;
  return fsync(file.get()) == 0 ? 0 : errno;
}

}  // namespace

Status create_private_file(const std::string& path, std::string_view contents, Entropy& entropy) {
  OA_CHECK(contents.size() <= kPrivateFileBytesMax);
  const std::string temporary = path + ".new-" + random_base62(12, entropy);
  int problem = write_temporary(temporary, contents);
  if (problem == 0) problem = name_it(temporary, path);
  if (problem != 0) {
    unlink(temporary.c_str());
    if (problem == EEXIST) {
      Error error(ErrorCode::state_conflict, "A secret file that was to be made exists already.",
                  "Keep it; it is never replaced.");
      error.with_operator_detail(path);
      return fail(std::move(error));
    }
    return trouble("A secret file could not be written.", path, system_text(problem));
  }
  const Descriptor folder(open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.open() || fsync(folder.get()) != 0) {
    return trouble("A secret file could not be written.", path, system_text(errno));
  }
  return {};
}

Result<SecretText> load_private_file(const std::string& path) {
  const std::string message = "A secret file can't be used.";
  // O_NONBLOCK: opening a named pipe must not wait for a writer.
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file.open()) return trouble(message, path, system_text(errno));
  struct stat status {};
  if (fstat(file.get(), &status) != 0) return trouble(message, path, system_text(errno));
  if (!S_ISREG(status.st_mode)) return trouble(message, path, "not a regular file");
  if (status.st_uid != geteuid()) return trouble(message, path, "owned by another user");
  if ((status.st_mode & 077) != 0) {
    return trouble(message, path, "group or others have access; set its mode to 0600");
  }
  if (status.st_size > static_cast<off_t>(kPrivateFileBytesMax)) {
    return trouble(message, path, "too large");
  }
  std::string contents(kPrivateFileBytesMax + 1, '\0');
  std::size_t size = 0;
  while (size < contents.size()) {
    const ssize_t got = read(file.get(), contents.data() + size, contents.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return trouble(message, path, system_text(errno));
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > kPrivateFileBytesMax) return trouble(message, path, "too large");
  contents.resize(size);
  return SecretText(std::move(contents));
}

}  // namespace openavail::crypto
