// Where the server listens, and taking connections from there.
//
// Thread rule: made by one thread, then the reactor's alone.
#pragma once

#include <sys/socket.h>

#include <functional>
#include <optional>
#include <string>

#include "base/result.h"
#include "transport/httplib/descriptor.h"

namespace openavail::transport {

// Who is on the other side.
struct Peer {
  std::string address;  // numeric; empty on a Unix socket
  // What limits count by: the address, of IPv6 the /64 that one machine usually has; empty on a
  // Unix socket, which only this machine's users reach.
  std::string counted_as;
  bool is_loopback = false;
};

Peer peer_of(const sockaddr_storage& address);

class Listener {
 public:
  // `listen` as in ServerSettings. A socket file that nobody listens on any more is replaced.
  // Errors: validation_failed, saying why.
  static Result<Listener> open(const std::string& listen);

  ~Listener();  // removes its socket file
  Listener(Listener&&) noexcept;
  Listener& operator=(Listener&&) = delete;

  int fd() const { return fd_.get(); }
  int port() const { return port_; }

  enum class Accepted { some, none, out_of_descriptors };
  // Takes the next connection, if there is one; non-blocking. Where no descriptor is left the
  // connection is taken and dropped, so that it doesn't stay at the head of the queue.
  Accepted accept(Descriptor& into, Peer& peer);

 private:
  Listener(Descriptor fd, int port, std::string socket_path);

  Descriptor fd_;
  Descriptor spare_;  // given up when there are no others
  int port_ = 0;
  std::string socket_path_;
  ino_t socket_inode_ = 0;
};

}  // namespace openavail::transport
