// A client's connection that never waits: plain, or TLS 1.3 without a look at the certificate (it
// is our own server that is measured).
//
// Thread rule: one thread.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace openavail::bench {

// Where to, and from which of this machine's addresses: 127.0.1.1, 127.0.1.2, … in turn.
struct Target {
  std::uint32_t address = 0;  // IPv4, host order
  std::uint16_t port = 0;
  bool is_tls = true;
  int sources = 1;
};
// "127.0.0.1:8443". Exits with 2 when it is none.
Target target_from(const std::string& text);

[[noreturn]] void give_up(const std::string& what);

class Line {
 public:
  // `number` chooses the source. Begins to connect.
  Line(const Target& target, int number);
  ~Line();
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;

  enum class Step { done, again, broken };  // again: when the socket is ready
  Step connect();
  // `sent` is raised by what was taken; done: all of it.
  Step write(std::string_view bytes, std::size_t& sent);
  // Appends what is there. done: some; broken: the other side has closed, too.
  Step read(std::string& into);

  int fd() const { return fd_; }

 private:
  Step outcome_of(int returned);

  int fd_ = -1;
  bool is_connected_ = false;
  SSL* ssl_ = nullptr;
};

}  // namespace openavail::bench
