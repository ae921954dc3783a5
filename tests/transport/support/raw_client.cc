#include "transport/support/raw_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace openavail::testing {
namespace {

constexpr int kPatienceSeconds = 20;

void be_patient(int fd) {
  const timeval patience{kPatienceSeconds, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

template <class Address>
int connected(const Address& address, const sockaddr_in* from = nullptr) {
  const int fd =
      socket(reinterpret_cast<const sockaddr&>(address).sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  be_patient(fd);
  if (from != nullptr) {
    const int yes = 1;  // thousands of clients of one address: ports are chosen at connect
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    bind(fd, reinterpret_cast<const sockaddr*>(from), sizeof *from);
  }
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
  close(fd);
  return -1;
}

}  // namespace

RawClient::RawClient(int port, const std::string& from) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(port));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  sockaddr_in mine{};
  mine.sin_family = AF_INET;
  inet_pton(AF_INET, from.c_str(), &mine.sin_addr);
  fd_ = connected(to, &mine);
}

RawClient RawClient::to_socket_file(const std::string& path) {
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::strncpy(to.sun_path, path.c_str(), sizeof to.sun_path - 1);
  return RawClient(connected(to), true);
}

RawClient RawClient::to_ipv6(int port) {
  sockaddr_in6 to{};
  to.sin6_family = AF_INET6;
  to.sin6_port = htons(static_cast<std::uint16_t>(port));
  to.sin6_addr = in6addr_loopback;
  return RawClient(connected(to), true);
}

RawClient::~RawClient() {
  if (fd_ >= 0) close(fd_);
}

RawClient::RawClient(RawClient&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), in_(std::move(other.in_)) {}

bool RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void RawClient::shut_writing() { shutdown(fd_, SHUT_WR); }

bool RawClient::more() {
  char piece[16 * 1024];
  const ssize_t got = recv(fd_, piece, sizeof piece, 0);
  if (got <= 0) return false;
  in_.append(piece, static_cast<std::size_t>(got));
  return true;
}

std::string RawClient::read_until(std::string_view mark) {
  while (in_.find(mark) == std::string::npos) {
    if (!more()) return std::exchange(in_, {});
  }
  const std::size_t end = in_.find(mark) + mark.size();
  std::string text = in_.substr(0, end);
  in_.erase(0, end);
  return text;
}

std::optional<RawAnswer> RawClient::answer(bool with_body) {
  RawAnswer answer;
  answer.head = read_until("\r\n\r\n");
  if (answer.head.size() < 4 || answer.head.substr(answer.head.size() - 4) != "\r\n\r\n" ||
      answer.head.substr(0, 9) != "HTTP/1.1 ") {
    return std::nullopt;
  }
  answer.status = std::stoi(answer.head.substr(9, 3));
  for (std::size_t at = answer.head.find("\r\n") + 2; at + 2 < answer.head.size();) {
    const std::size_t end = answer.head.find("\r\n", at);
    const std::size_t colon = answer.head.find(": ", at);
    std::string name = answer.head.substr(at, colon - at);
    std::transform(name.begin(), name.end(), name.begin(), ::tolower);
    answer.headers[name] = answer.head.substr(colon + 2, end - colon - 2);
    at = end + 2;
  }
  const std::string length = answer.header("content-length");
  if (!with_body || length.empty()) return answer;
  while (in_.size() < std::stoul(length)) {
    if (!more()) return std::nullopt;
  }
  answer.body = in_.substr(0, std::stoul(length));
  in_.erase(0, answer.body.size());
  return answer;
}

std::optional<std::string> RawClient::rest() {
  while (more()) {
  }
  const bool took_too_long = errno == EAGAIN || errno == EWOULDBLOCK;
  if (took_too_long) return std::nullopt;
  return std::exchange(in_, {});
}

void RawClient::reset() {
  const linger at_once{1, 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(std::exchange(fd_, -1));
}

std::string get(const std::string& target, const std::string& more_headers) {
  return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n" + more_headers + "\r\n";
}

std::string post(const std::string& target, const std::string& body,
                 const std::string& more_headers) {
  return "POST " + target +
         " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         more_headers + "\r\n" + body;
}

}  // namespace openavail::testing
