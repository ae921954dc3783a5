#include "transport/httplib/channel.h"

#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

namespace openavail::transport {

Channel::Channel(Descriptor fd, SSL_CTX* tls) : fd_(std::move(fd)) {
  if (tls == nullptr) return;
  ERR_clear_error();
  ssl_.reset(SSL_new(tls));
  is_broken_ = !ssl_ || SSL_set_fd(ssl_.get(), fd_.get()) != 1;
  if (!is_broken_) SSL_set_accept_state(ssl_.get());
}

// `returned` is what SSL_… gave: the error queue of this thread was empty before that call.
Io Channel::outcome_of(int returned) const {
  switch (SSL_get_error(ssl_.get(), returned)) {
    case SSL_ERROR_NONE:
      return Io::done;
    case SSL_ERROR_WANT_READ:
      return Io::want_read;
    case SSL_ERROR_WANT_WRITE:
      return Io::want_write;
    default:
      ERR_clear_error();
      return Io::closed;
  }
}

ssize_t Channel::receive(char (&bytes)[kPieceBytes]) const {
  ssize_t got = 0;
  do {
    got = recv(fd_.get(), bytes, sizeof bytes, 0);
  } while (got < 0 && errno == EINTR);
  return got;
}

Io Channel::outcome_of_receive(ssize_t got) {
  if (got > 0) return Io::done;
  const bool is_empty = got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  return is_empty ? Io::want_read : Io::closed;
}

Io Channel::handshake() {
  if (!ssl_) return is_broken_ ? Io::closed : Io::done;
  ERR_clear_error();
  const Io outcome = outcome_of(SSL_do_handshake(ssl_.get()));
  is_broken_ = outcome == Io::closed;
  return outcome;
}

Io Channel::read(std::string& into) {
  char bytes[kPieceBytes];
  if (ssl_) {
    ERR_clear_error();
    std::size_t got = 0;
    const Io outcome = outcome_of(SSL_read_ex(ssl_.get(), bytes, sizeof bytes, &got));
    is_broken_ = is_broken_ || (outcome == Io::closed &&
                                (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) == 0);
    into.append(bytes, got);
    return outcome;
  }
  const ssize_t got = receive(bytes);
  if (got > 0) into.append(bytes, static_cast<std::size_t>(got));
  return outcome_of_receive(got);
}

Io Channel::write(std::string_view bytes, std::size_t& sent) {
  while (!bytes.empty()) {
    std::size_t took = 0;
    if (ssl_) {
      ERR_clear_error();
      const int returned = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &took);
      const Io outcome = outcome_of(returned);
      if (outcome != Io::done) {
        is_broken_ = is_broken_ || outcome == Io::closed;
        return outcome;
      }
    } else {
      const ssize_t wrote = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return Io::want_write;
      if (wrote < 0) return Io::closed;
      took = static_cast<std::size_t>(wrote);
    }
    sent += took;
    bytes.remove_prefix(took);
  }
  return Io::done;
}

void Channel::finish() {
  if (ssl_ && !is_broken_) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
  }
  shutdown(fd_.get(), SHUT_WR);
}

Io Channel::discard(std::size_t& dropped) {
  char bytes[kPieceBytes];
  const ssize_t got = receive(bytes);
  if (got > 0) dropped += static_cast<std::size_t>(got);
  return outcome_of_receive(got);
}

bool Channel::is_hung_up() const {
  pollfd watched{fd_.get(), POLLIN | POLLRDHUP, 0};
  if (poll(&watched, 1, 0) <= 0) return false;
  if ((watched.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)) != 0) return true;
  if (!ssl_ || (watched.revents & POLLIN) == 0) return false;
  // Something arrived: it may be the end of TLS, which the socket knows nothing of.
  char byte = 0;
  std::size_t got = 0;
  ERR_clear_error();
  return outcome_of(SSL_peek_ex(ssl_.get(), &byte, 1, &got)) == Io::closed;
}

}  // namespace openavail::transport
