// A connection's bytes, plain or through TLS, without ever waiting.
//
// Thread rule: one thread at a time; fd() may be asked by any.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "transport/httplib/descriptor.h"
#include "transport/httplib/tls.h"

namespace openavail::transport {

enum class Io {
  done,
  want_read,
  want_write,
  closed,  // by the other side, in order or not, or broken
};

class Channel {
 public:
  // `fd` is non-blocking. `tls` may be null: plain.
  Channel(Descriptor fd, SSL_CTX* tls);

  int fd() const { return fd_.get(); }
  bool is_tls() const { return ssl_ != nullptr; }

  // Goes on with the handshake; done at once without TLS.
  Io handshake();
  // Appends what has arrived, at most kPieceBytes.
  Io read(std::string& into);
  // `sent` is raised by what was taken; done: all of it. After want_… the same bytes must be
  // offered again (or the rest of them).
  Io write(std::string_view bytes, std::size_t& sent);
  // Says that nothing more will come from this side. Best effort.
  void finish();
  // Throws away what arrives, below TLS; `dropped` is raised by it.
  Io discard(std::size_t& dropped);
  // The client has gone, or sent its end. Looks without taking anything.
  bool is_hung_up() const;

  // One TLS record: a read of this size leaves nothing behind inside OpenSSL that epoll wouldn't
  // tell of.
  static constexpr std::size_t kPieceBytes = 16 * 1024;

 private:
  Io outcome_of(int returned) const;
  ssize_t receive(char (&bytes)[kPieceBytes]) const;
  static Io outcome_of_receive(ssize_t got);

  Descriptor fd_;
  Ssl ssl_;
  bool is_broken_ = false;  // after a fatal error OpenSSL must not be asked for a close_notify
};

}  // namespace openavail::transport
