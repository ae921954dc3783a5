#include "transport/loader.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>

// The bytes of the module (scripts/cmake/embed.cmake).
extern "C" {
extern const char openavail_transport_httplib_begin[];
extern const char openavail_transport_httplib_end[];
}

namespace openavail::transport {
namespace {

class MemoryFile {
 public:
  explicit MemoryFile(const char* name)
      : fd_(memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING)) {}
  ~MemoryFile() {
    if (fd_ >= 0) close(fd_);
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  // Errno of what failed, or 0.
  int fill(std::string_view bytes) const {
    if (fd_ < 0) return errno;
    while (!bytes.empty()) {
      const ssize_t wrote = write(fd_, bytes.data(), bytes.size());
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote <= 0) return wrote < 0 ? errno : EIO;
      bytes.remove_prefix(static_cast<std::size_t>(wrote));
    }
    // What is about to be executed can't be changed any more, by us or through /proc.
    constexpr int kSeals = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
    return fcntl(fd_, F_ADD_SEALS, kSeals) == 0 ? 0 : errno;
  }
  std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }

 private:
  int fd_;
};

Result<Transport*> load() {
  const MemoryFile file("openavail-transport");
  const std::string_view bytes(
      openavail_transport_httplib_begin,
      reinterpret_cast<std::uintptr_t>(openavail_transport_httplib_end) -
          reinterpret_cast<std::uintptr_t>(openavail_transport_httplib_begin));
  if (const int failed = file.fill(bytes)) {
    return fail(ErrorCode::internal,
                std::string("the HTTP transport can't be unpacked: ") + std::strerror(failed));
  }
  // Local: its OpenSSL is another one than the executable's own, and the two must not meet.
  void* module = dlopen(file.path().c_str(), RTLD_NOW | RTLD_LOCAL);
  if (module == nullptr) {
    return fail(ErrorCode::internal,
                std::string("the HTTP transport can't be loaded: ") + dlerror(),
                "install libcpp-httplib0.11 and libssl3");
  }
  using Entry = Transport* (*)();
  const auto entry = reinterpret_cast<Entry>(dlsym(module, "openavail_transport_entry"));
  if (entry == nullptr) {
    return fail(ErrorCode::internal, std::string("the HTTP transport has no entry: ") + dlerror());
  }
  return entry();
}

}  // namespace

Result<Transport*> load_transport() {
  static const Result<Transport*> loaded = load();
  return loaded;
}

}  // namespace openavail::transport
