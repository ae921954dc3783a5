// What happens on one connection, in the reactor's thread: handshake, head, body, answer, farewell.
#include <sys/epoll.h>

#include "transport/httplib/reactor.h"

namespace openavail::transport {

// Once: after that the connection is not looked at until it is watched again, so that neither an
// end nor an error of it wakes the loop while a worker has it.
void Reactor::watch(Connection& connection, Io wanted) {
  epoll_event event{};
  event.events = (wanted == Io::want_write ? EPOLLOUT : EPOLLIN) | EPOLLONESHOT;
  event.data.ptr = &connection;
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, connection.channel.fd(), &event) != 0) {
    close(connection);
  }
}

void Reactor::shake_hands(Connection& connection) {
  const Io outcome = connection.channel.handshake();
  switch (outcome) {
    case Io::done:
      connection.phase = Phase::idle;
      deadlines_.set(connection.place, Wait::idle, now_);
      return read_more(connection);  // the first request may have come along
    case Io::want_read:
    case Io::want_write:
      return watch(connection, outcome);
    case Io::closed:
      return linger(connection);  // so that the alert, which says why, arrives
  }
}

void Reactor::read_more(Connection& connection) {
  const Io outcome = connection.channel.read(connection.in);
  switch (outcome) {
    case Io::done:
      return advance(connection);
    case Io::want_read:
    case Io::want_write:
      return watch(connection, outcome);
    case Io::closed:
      return close(connection);
  }
}

// Goes as far as what has arrived allows.
void Reactor::advance(Connection& connection) {
  if (connection.phase == Phase::idle && !connection.in.empty()) {
    connection.phase = Phase::head;
    connection.head_end = HeadEnd();
    deadlines_.set(connection.place, Wait::head, now_);
  }
  if (connection.phase == Phase::head && !take_head(connection)) return;
  const bool is_whole =
      connection.phase == Phase::body && connection.in.size() >= connection.head.body_bytes;
  if (is_whole) return hand_over(connection);
  watch(connection, Io::want_read);
}

bool Reactor::take_head(Connection& connection) {
  const std::size_t bytes_max = settings_.limits.head_bytes_max;
  const HeadEnd::Found found = connection.head_end.look(connection.in);
  if (found == HeadEnd::Found::malformed) {
    refuse(connection, {400, "the head has control characters or lines without CRLF", {}});
    return false;
  }
  const bool is_whole = found == HeadEnd::Found::whole;
  if ((is_whole ? connection.head_end.end() : connection.in.size()) > bytes_max) {
    const bool is_target = !is_whole && connection.head_end.in_first_line();
    refuse(connection,
           {is_target ? 414 : 431,
            "the head of the request is larger than " + std::to_string(bytes_max) + " bytes",
            std::nullopt});
    return false;
  }
  if (!is_whole) {
    watch(connection, Io::want_read);
    return false;
  }
  auto parsed = parse_head(connection.head_end.head(connection.in), settings_.limits);
  if (!parsed) {
    refuse(connection, std::move(parsed).error());
    return false;
  }
  connection.head = std::move(*parsed);
  connection.in.erase(0, connection.head_end.end());
  connection.phase = Phase::body;
  deadlines_.set(connection.place, Wait::body, now_);
  if (connection.head.expects_continue && connection.in.size() < connection.head.body_bytes) {
    constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    std::size_t sent = 0;
    // Who waits for this has read everything before it, so there is room for it.
    if (connection.channel.write(kContinue, sent) != Io::done) {
      close(connection);
      return false;
    }
  }
  return true;
}

void Reactor::hand_over(Connection& connection) {
  Head& head = connection.head;
  ++connection.requests;
  const bool is_last =
      connection.requests >= settings_.limits.requests_per_connection_max || winding_down_;
  connection.form = {head.method == "HEAD", head.minor_version, !head.keep_alive || is_last};
  Request& request = connection.request;
  request.method = std::move(head.method);
  request.target = std::move(head.target);
  request.headers = std::move(head.headers);
  if (connection.in.size() == head.body_bytes) {
    request.body = std::exchange(connection.in, {});
  } else {
    request.body = connection.in.substr(0, head.body_bytes);
    connection.in.erase(0, head.body_bytes);
  }
  request.peer_address = connection.peer.address;
  request.is_loopback = connection.peer.is_loopback;
  request.is_tls = connection.channel.is_tls();
  connection.phase = Phase::running;
  deadlines_.clear(connection.place);
  switch (workers_->submit(connection)) {
    case Workers::Submitted::waits:
      ++counters_.requests;
      return;
    case Workers::Submitted::full:
      return refuse(connection, too_busy(request));
    case Workers::Submitted::overloaded:
      return turn_away(connection);
  }
}

// The connection stays: beginning another one would cost both sides more than the answer. Through
// the inbox, so that a client that sends request upon request doesn't nest the calls.
void Reactor::turn_away(Connection& connection) {
  ++counters_.refusals;
  Answer answer = exchange_.refusal(too_busy(connection.request), connection.form);
  connection.close = answer.close;
  connection.out = std::move(answer.bytes);
  connection.out_sent = 0;
  give_back(connection);
}

void Reactor::refuse(Connection& connection, Refusal refusal) {
  bool is_head_only = connection.phase == Phase::running && connection.form.head_only;
  if (connection.phase == Phase::body) {  // the head was read, only the body failed
    is_head_only = connection.head.method == "HEAD";
    if (const auto id = find_header(connection.head.headers, "X-Request-Id")) {
      refusal.request_id = *id;
    }
  }
  ++counters_.refusals;
  Answer answer = exchange_.refusal(refusal, {is_head_only, 1, true});
  connection.in = {};
  connection.out = std::move(answer.bytes);
  connection.out_sent = 0;
  connection.out_step = 0;
  connection.close = true;
  connection.phase = Phase::writing;
  deadlines_.set(connection.place, Wait::write, now_);
  write_more(connection);
}

void Reactor::write_more(Connection& connection) {
  const Io outcome = write_out(connection);
  switch (outcome) {
    case Io::done:
      return answered(connection);
    case Io::want_read:
    case Io::want_write:
      if (connection.out_sent - connection.out_step >= limits::kHttpWriteStepBytes) {
        connection.out_step = connection.out_sent;
        deadlines_.set(connection.place, Wait::write, now_);
      }
      return watch(connection, outcome);
    case Io::closed:
      return close(connection);
  }
}

void Reactor::answered(Connection& connection) {
  connection.out = {};
  connection.out_sent = 0;
  connection.request = {};
  if (connection.close || winding_down_) return linger(connection);
  connection.phase = Phase::idle;
  deadlines_.set(connection.place, Wait::idle, now_);
  advance(connection);  // the next request may be here already
}

void Reactor::linger(Connection& connection) {
  connection.channel.finish();
  connection.in = {};
  connection.phase = Phase::linger;
  deadlines_.set(connection.place, Wait::linger, now_);
  watch(connection, Io::want_read);
}

void Reactor::drop_input(Connection& connection) {
  const Io outcome = connection.channel.discard(connection.lingered);
  if (outcome == Io::closed || connection.lingered > limits::kHttpLingerBytesMax) {
    return close(connection);
  }
  watch(connection, Io::want_read);
}

}  // namespace openavail::transport
