#include "transport/httplib/reactor.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace openavail::transport {
namespace {

using std::chrono::milliseconds;

constexpr int kEventsPerRound = 256;
constexpr int kAcceptsPerRound = 64;  // so that a rush of new ones doesn't hold up the others
constexpr milliseconds kAcceptPause{100};

Deadlines::Lengths lengths_of(const ServerLimits& limits) {
  return {limits.head_time_max, limits.idle_time_max,  limits.head_time_max,
          limits.body_time_max, limits.write_time_max, limits::kHttpLingerTimeMax};
}

bool is_being_answered(const Connection& connection) {
  return connection.phase == Phase::running || connection.phase == Phase::writing;
}

}  // namespace

Reactor::Reactor(const ServerSettings& settings, Counters& counters, Listener listener,
                 ChooseTls choose_tls)
    : settings_(settings),
      counters_(counters),
      listener_(std::move(listener)),
      choose_tls_(std::move(choose_tls)),
      exchange_(settings),
      deadlines_(lengths_of(settings.limits)) {}

Reactor::~Reactor() = default;

Status Reactor::prepare(Workers& workers) {
  workers_ = &workers;
  epoll_ = Descriptor(epoll_create1(EPOLL_CLOEXEC));
  wake_ = Descriptor(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  const auto add = [&](int fd, void* which) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = which;
    return epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0;
  };
  if (!epoll_ || !wake_ || !add(wake_.get(), &wake_) || !add(listener_->fd(), &listener_)) {
    return fail(ErrorCode::internal,
                std::string("the server can't wait for connections: ") + std::strerror(errno));
  }
  return {};
}

void Reactor::run() {
  std::array<epoll_event, kEventsPerRound> events{};
  while (!ended_) {
    const int count = epoll_wait(epoll_.get(), events.data(), kEventsPerRound, time_to_wait_ms());
    now_ = std::chrono::steady_clock::now();
    for (int i = 0; i < count; ++i) {
      void* const which = events[static_cast<std::size_t>(i)].data.ptr;
      if (which == &wake_) {
        take_inbox();
      } else if (which == &listener_) {
        accept_some();
      } else {
        on_ready(*static_cast<Connection*>(which));
      }
    }
    expire();
    workers_->tend(now_);
    if (winding_down_) leave_only_answers();
    closed_.clear();
  }
  close_all();
}

int Reactor::time_to_wait_ms() {
  std::optional<Time> until = deadlines_.next();
  for (const std::optional<Time>& other : {workers_->tend_at(), accept_again_at_}) {
    if (other && (!until || *other < *until)) until = other;
  }
  if (!until) return -1;
  const auto left = std::chrono::ceil<milliseconds>(*until - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<milliseconds::rep>(left.count(), 0, 60'000));
}

void Reactor::wake() {
  const std::uint64_t one = 1;
  // It can't fail but for a counter that is full, and then the thread wakes anyway.
  [[maybe_unused]] const ssize_t wrote = write(wake_.get(), &one, sizeof one);
}

void Reactor::give_back(Connection& connection) {
  bool is_first = false;
  {
    const std::lock_guard<std::mutex> held(lock_);
    is_first = inbox_.empty();
    inbox_.push_back(&connection);
  }
  if (is_first) wake();
}

void Reactor::take_inbox() {
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t got = read(wake_.get(), &count, sizeof count);
  std::vector<Connection*> given;
  {
    const std::lock_guard<std::mutex> held(lock_);
    given.swap(inbox_);
  }
  for (Connection* connection : given) {
    connection->phase = Phase::writing;
    connection->out_step = connection->out_sent;
    deadlines_.set(connection->place, Wait::write, now_);
    write_more(*connection);
  }
}

void Reactor::accept_some() {
  for (int i = 0; i < kAcceptsPerRound && listener_; ++i) {
    Descriptor fd;
    Peer peer;
    switch (listener_->accept(fd, peer)) {
      case Listener::Accepted::some:
        told_of_descriptors_ = false;
        admit(std::move(fd), std::move(peer));
        break;
      case Listener::Accepted::none:
        return;
      case Listener::Accepted::out_of_descriptors:
        make_room();
        pause_accepting();
        return;
    }
  }
}

void Reactor::admit(Descriptor fd, Peer peer) {
  const ServerLimits& limits = settings_.limits;
  const bool is_counted = !peer.counted_as.empty();
  int* const same_address = is_counted ? &per_address_[peer.counted_as] : nullptr;
  const bool is_too_many =
      same_address != nullptr && *same_address >= limits.connections_per_address_max;
  const bool is_full = connections_.size() >= static_cast<std::size_t>(limits.connections_max);
  if (is_too_many || (is_full && !make_room())) {
    ++counters_.connections_refused;
    if (same_address != nullptr && *same_address == 0) per_address_.erase(peer.counted_as);
    return;
  }
  if (same_address != nullptr) ++per_address_[peer.counted_as];
  const TlsContext tls = choose_tls_();
  auto made = std::make_unique<Connection>(std::move(fd), tls.get(), std::move(peer));
  Connection& connection = *made;
  connections_.emplace(&connection, std::move(made));
  ++counters_.connections_accepted;
  ++counters_.connections_open;
  connection.place = deadlines_.enter(connection);
  connection.phase = tls ? Phase::handshake : Phase::idle;
  deadlines_.set(connection.place, tls ? Wait::handshake : Wait::idle, now_);
  epoll_event event{};
  event.events = EPOLLIN | EPOLLONESHOT;
  event.data.ptr = &connection;
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, connection.channel.fd(), &event) != 0) {
    close(connection);
  }
}

// A full house first lets go of those that are only waiting: a connection may be closed at any time
// between requests, and its client opens another one.
bool Reactor::make_room() {
  for (const Wait wait : {Wait::linger, Wait::idle}) {
    if (Connection* const longest = deadlines_.longest(wait)) {
      close(*longest);
      return true;
    }
  }
  return false;
}

void Reactor::pause_accepting() {
  epoll_event event{};
  event.data.ptr = &listener_;
  epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, listener_->fd(), &event);
  accept_again_at_ = now_ + kAcceptPause;
  if (!told_of_descriptors_) {
    settings_.log("no file descriptor is left for new connections; raise the limit (ulimit -n)");
  }
  told_of_descriptors_ = true;
}

void Reactor::on_ready(Connection& connection) {
  switch (connection.phase) {
    case Phase::handshake:
      return shake_hands(connection);
    case Phase::idle:
    case Phase::head:
    case Phase::body:
      return read_more(connection);
    case Phase::writing:
      return write_more(connection);
    case Phase::linger:
      return drop_input(connection);
    case Phase::running:  // not watched
    case Phase::closed:   // earlier in this round
      return;
  }
}

void Reactor::expire() {
  if (accept_again_at_ && now_ >= *accept_again_at_) {
    accept_again_at_.reset();
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = &listener_;
    if (listener_) epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, listener_->fd(), &event);
  }
  while (const Deadlines::Entry* entry = deadlines_.expired(now_)) {
    Connection& connection = *entry->connection;
    switch (entry->wait) {
      case Wait::head:
        refuse(connection, {408, "the head of the request took too long", std::nullopt});
        break;
      case Wait::body:
        refuse(connection, {408, "the body of the request took too long", std::nullopt});
        break;
      case Wait::idle:
        connection.channel.finish();
        close(connection);
        break;
      case Wait::handshake:
      case Wait::write:
      case Wait::linger:
        close(connection);
        break;
    }
  }
}

void Reactor::close(Connection& connection) {
  connection.phase = Phase::closed;
  deadlines_.leave(connection.place);
  if (!connection.peer.counted_as.empty()) {
    const auto counted = per_address_.find(connection.peer.counted_as);
    if (--counted->second == 0) per_address_.erase(counted);
  }
  --counters_.connections_open;
  const auto found = connections_.find(&connection);
  closed_.push_back(std::move(found->second));
  connections_.erase(found);
}

void Reactor::wind_down() {
  winding_down_ = true;
  wake();
}

// Those that linger stay for their short while: their answer may still be under way.
void Reactor::leave_only_answers() {
  listener_.reset();
  accept_again_at_.reset();
  std::vector<Connection*> waiting;
  bool is_answering = false;
  for (const auto& [connection, owned] : connections_) {
    is_answering = is_answering || is_being_answered(*connection);
    if (!is_being_answered(*connection) && connection->phase != Phase::linger) {
      waiting.push_back(connection);
    }
  }
  for (Connection* connection : waiting) {
    connection->channel.finish();
    close(*connection);
  }
  {
    const std::lock_guard<std::mutex> held(lock_);
    all_answered_ = !is_answering;
    all_gone_ = connections_.empty();
  }
  all_gone_changed_.notify_all();
}

bool Reactor::wait_until_answered(Time until) {
  std::unique_lock<std::mutex> held(lock_);
  all_gone_changed_.wait_until(held, until, [this] { return all_gone_; });
  return all_answered_;
}

void Reactor::end() {
  ended_ = true;
  wake();
}

void Reactor::close_all() {
  listener_.reset();
  for (auto each = connections_.begin(); each != connections_.end();) {
    Connection& connection = *(each++)->first;
    if (connection.phase == Phase::running) {
      // A worker's or a stream's: it stays, but nothing can be sent through it any more.
      shutdown(connection.channel.fd(), SHUT_RDWR);
    } else {
      close(connection);
    }
  }
  closed_.clear();
}

}  // namespace openavail::transport
