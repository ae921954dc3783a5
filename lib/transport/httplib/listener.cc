#include "transport/httplib/listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <string_view>

namespace openavail::transport {
namespace {

constexpr std::string_view kUnixPrefix = "unix:";
constexpr mode_t kSocketFileMode = 0660;  // who may connect is decided by owner and group
constexpr int kBacklog = 4096;

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
  std::string socket_path;
};

tl::unexpected<Error> refuse(const std::string& listen, const std::string& why) {
  return fail(ErrorCode::validation_failed, "can't listen on " + listen + ": " + why,
              "name an address like 127.0.0.1:8443, [::1]:8443 or unix:/run/openavail.sock");
}

Result<Address> unix_address(const std::string& listen) {
  Address address;
  address.socket_path = listen.substr(kUnixPrefix.size());
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  if (address.socket_path.empty() || address.socket_path.size() >= sizeof name.sun_path) {
    return refuse(listen, "the path of a socket has 1 to " +
                              std::to_string(sizeof name.sun_path - 1) + " bytes");
  }
  std::memcpy(name.sun_path, address.socket_path.data(), address.socket_path.size());
  std::memcpy(&address.storage, &name, sizeof name);
  address.size = sizeof name;
  return address;
}

Result<Address> internet_address(const std::string& listen) {
  const std::size_t colon = listen.rfind(':');
  if (colon == std::string::npos) return refuse(listen, "it has no port");
  std::string host = listen.substr(0, colon);
  const std::string port_text = listen.substr(colon + 1);
  std::uint16_t port = 0;
  const char* end = port_text.data() + port_text.size();
  const auto read = std::from_chars(port_text.data(), end, port);
  if (read.ec != std::errc() || read.ptr != end) return refuse(listen, "its port is no number");

  Address address;
  sockaddr_in four{};
  sockaddr_in6 six{};
  if (inet_pton(AF_INET, host.c_str(), &four.sin_addr) == 1) {
    four.sin_family = AF_INET;
    four.sin_port = htons(port);
    std::memcpy(&address.storage, &four, sizeof four);
    address.size = sizeof four;
    return address;
  }
  const bool is_bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (is_bracketed) host = host.substr(1, host.size() - 2);
  if (is_bracketed && inet_pton(AF_INET6, host.c_str(), &six.sin6_addr) == 1) {
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(port);
    std::memcpy(&address.storage, &six, sizeof six);
    address.size = sizeof six;
    return address;
  }
  return refuse(listen, "it is no numeric address");
}

const sockaddr* raw(const Address& address) {
  return reinterpret_cast<const sockaddr*>(&address.storage);
}

// Nobody answers on it: left behind by a process that died.
bool is_stale_socket(const Address& address) {
  struct stat info {};
  if (lstat(address.socket_path.c_str(), &info) != 0 || !S_ISSOCK(info.st_mode)) return false;
  const Descriptor probe(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  return probe && connect(probe.get(), raw(address), address.size) != 0 && errno == ECONNREFUSED;
}

int bound_port(int fd) {
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &size) != 0) return 0;
  if (bound.ss_family == AF_INET) {
    return ntohs(reinterpret_cast<const sockaddr_in&>(bound).sin_port);
  }
  if (bound.ss_family == AF_INET6) {
    return ntohs(reinterpret_cast<const sockaddr_in6&>(bound).sin6_port);
  }
  return 0;
}

Peer peer_of_four(const in_addr& four) {
  char text[INET_ADDRSTRLEN] = "";
  inet_ntop(AF_INET, &four, text, sizeof text);
  return {text, text, (ntohl(four.s_addr) >> 24) == IN_LOOPBACKNET};
}

}  // namespace

Peer peer_of(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET) {
    return peer_of_four(reinterpret_cast<const sockaddr_in&>(address).sin_addr);
  }
  if (address.ss_family != AF_INET6) return {"", "", address.ss_family == AF_UNIX};
  in6_addr six = reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
  if (IN6_IS_ADDR_V4MAPPED(&six)) {
    in_addr four{};
    std::memcpy(&four, six.s6_addr + 12, sizeof four);
    return peer_of_four(four);
  }
  char text[INET6_ADDRSTRLEN] = "";
  inet_ntop(AF_INET6, &six, text, sizeof text);
  Peer peer{text, "", IN6_IS_ADDR_LOOPBACK(&six)};
  std::memset(six.s6_addr + 8, 0, 8);
  inet_ntop(AF_INET6, &six, text, sizeof text);
  peer.counted_as = std::string(text) + "/64";
  return peer;
}

Result<Listener> Listener::open(const std::string& listen) {
  const bool is_unix = std::string_view(listen).substr(0, kUnixPrefix.size()) == kUnixPrefix;
  OA_TRY(const Address address, is_unix ? unix_address(listen) : internet_address(listen));
  Descriptor fd(socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return refuse(listen, std::strerror(errno));
  if (!is_unix) {
    const int yes = 1;
    setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  } else if (is_stale_socket(address)) {
    unlink(address.socket_path.c_str());
  }
  if (bind(fd.get(), raw(address), address.size) != 0) return refuse(listen, std::strerror(errno));
  // Before listen() nobody can connect, so there is no moment in which the mode is another one.
  if (is_unix && chmod(address.socket_path.c_str(), kSocketFileMode) != 0) {
    return refuse(listen, std::strerror(errno));
  }
  if (::listen(fd.get(), kBacklog) != 0) return refuse(listen, std::strerror(errno));
  const int port = bound_port(fd.get());
  return Listener(std::move(fd), port, address.socket_path);
}

Listener::Listener(Descriptor fd, int port, std::string socket_path)
    : fd_(std::move(fd)),
      spare_(::open("/dev/null", O_RDONLY | O_CLOEXEC)),
      port_(port),
      socket_path_(std::move(socket_path)) {
  struct stat info {};
  if (!socket_path_.empty() && lstat(socket_path_.c_str(), &info) == 0) {
    socket_inode_ = info.st_ino;
  }
}

Listener::Listener(Listener&& other) noexcept
    : fd_(std::move(other.fd_)),
      spare_(std::move(other.spare_)),
      port_(other.port_),
      socket_path_(std::exchange(other.socket_path_, {})),
      socket_inode_(other.socket_inode_) {}

Listener::~Listener() {
  if (socket_path_.empty()) return;
  // Only if it is still ours: another server may have put its own there.
  struct stat info {};
  if (lstat(socket_path_.c_str(), &info) == 0 && info.st_ino == socket_inode_) {
    unlink(socket_path_.c_str());
  }
}

Listener::Accepted Listener::accept(Descriptor& into, Peer& peer) {
  sockaddr_storage from{};
  socklen_t size = sizeof from;
  Descriptor fd(
      accept4(fd_.get(), reinterpret_cast<sockaddr*>(&from), &size, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (fd) {
    if (size < sizeof from.ss_family) from.ss_family = AF_UNIX;  // an unnamed Unix peer
    peer = peer_of(from);
    const int yes = 1;
    if (from.ss_family != AF_UNIX) {
      setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    }
    into = std::move(fd);
    return Accepted::some;
  }
  switch (errno) {
    case EMFILE:
    case ENFILE:
      spare_.reset();
      Descriptor(accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC)).reset();
      spare_ = Descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC));
      return Accepted::out_of_descriptors;
    case ENOBUFS:
    case ENOMEM:
      return Accepted::out_of_descriptors;
    default:  // nobody there, or gone before it was taken; epoll tells if there is a next one
      return Accepted::none;
  }
}

}  // namespace openavail::transport
