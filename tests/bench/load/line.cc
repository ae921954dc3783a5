#include "load/line.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace openavail::bench {
namespace {

constexpr std::uint32_t kFirstSource = 0x7f000101;  // 127.0.1.1
constexpr std::size_t kPieceBytes = 16 * 1024;

SSL_CTX* context() {
  static SSL_CTX* const made = [] {
    SSL_CTX* fresh = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_min_proto_version(fresh, TLS1_3_VERSION);
    SSL_CTX_set_ciphersuites(fresh, "TLS_AES_128_GCM_SHA256");
    SSL_CTX_set_mode(fresh, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(fresh, 1);  // one system call for a record instead of two
    return fresh;
  }();
  return made;
}

sockaddr_in socket_address(std::uint32_t address, std::uint16_t port) {
  sockaddr_in made{};
  made.sin_family = AF_INET;
  made.sin_addr.s_addr = htonl(address);
  made.sin_port = htons(port);
  return made;
}

}  // namespace

void give_up(const std::string& what) {
  std::fprintf(stderr, "bench_load: %s\n", what.c_str());
  std::exit(2);
}

Target target_from(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  in_addr address{};
  if (colon == std::string::npos ||
      inet_pton(AF_INET, text.substr(0, colon).c_str(), &address) != 1) {
    give_up("no address with a port: " + text);
  }
  Target target;
  target.address = ntohl(address.s_addr);
  target.port = static_cast<std::uint16_t>(std::atoi(text.c_str() + colon + 1));
  return target;
}

Line::Line(const Target& target, int number) {
  fd_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0) give_up(std::string("no socket: ") + std::strerror(errno));
  const int yes = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  setsockopt(fd_, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
  const auto source =
      socket_address(kFirstSource + static_cast<std::uint32_t>(number % target.sources), 0);
  const auto to = socket_address(target.address, target.port);
  if (bind(fd_, reinterpret_cast<const sockaddr*>(&source), sizeof source) != 0) {
    give_up(std::string("no source address: ") + std::strerror(errno));
  }
  if (::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0 &&
      errno != EINPROGRESS) {
    give_up(std::string("no connection: ") + std::strerror(errno));
  }
  if (!target.is_tls) return;
  ssl_ = SSL_new(context());
  SSL_set_fd(ssl_, fd_);
  SSL_set_connect_state(ssl_);
}

Line::~Line() {
  SSL_free(ssl_);
  close(fd_);
}

Line::Step Line::outcome_of(int returned) {
  switch (SSL_get_error(ssl_, returned)) {
    case SSL_ERROR_NONE:
      return Step::done;
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return Step::again;
    default:
      ERR_clear_error();
      return Step::broken;
  }
}

Line::Step Line::connect() {
  if (!is_connected_) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return Step::broken;
    sockaddr_in peer{};
    size = sizeof peer;
    if (getpeername(fd_, reinterpret_cast<sockaddr*>(&peer), &size) != 0) return Step::again;
    is_connected_ = true;
  }
  if (ssl_ == nullptr) return Step::done;
  ERR_clear_error();
  return outcome_of(SSL_do_handshake(ssl_));
}

Line::Step Line::write(std::string_view bytes, std::size_t& sent) {
  while (!bytes.empty()) {
    std::size_t took = 0;
    if (ssl_ != nullptr) {
      ERR_clear_error();
      const Step step = outcome_of(SSL_write_ex(ssl_, bytes.data(), bytes.size(), &took));
      if (step != Step::done) return step;
    } else {
      const ssize_t wrote = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (wrote < 0) return errno == EAGAIN ? Step::again : Step::broken;
      took = static_cast<std::size_t>(wrote);
    }
    sent += took;
    bytes.remove_prefix(took);
  }
  return Step::done;
}

Line::Step Line::read(std::string& into) {
  char bytes[kPieceBytes];
  if (ssl_ != nullptr) {
    Step step = Step::done;
    bool is_some = false;
    do {  // reading ahead, OpenSSL may hold more than one record
      std::size_t got = 0;
      ERR_clear_error();
      step = outcome_of(SSL_read_ex(ssl_, bytes, sizeof bytes, &got));
      into.append(bytes, got);
      is_some = is_some || got > 0;
    } while (step == Step::done && SSL_has_pending(ssl_) != 0);
    return is_some ? Step::done : step;
  }
  const ssize_t got = recv(fd_, bytes, sizeof bytes, 0);
  if (got > 0) into.append(bytes, static_cast<std::size_t>(got));
  if (got > 0) return Step::done;
  return got < 0 && errno == EAGAIN ? Step::again : Step::broken;
}

}  // namespace openavail::bench
