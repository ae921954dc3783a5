// What connections wait for, and until when. Each kind of wait has one length, so its queue is in
// the order of its deadlines, and everything here costs the same however many connections there
// are.
//
// Thread rule: the reactor's thread alone.
#pragma once

#include <array>
#include <chrono>
#include <list>
#include <optional>

namespace openavail::transport {

struct Connection;

enum class Wait { handshake, idle, head, body, write, linger };
inline constexpr std::size_t kWaits = 6;

class Deadlines {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Lengths = std::array<std::chrono::milliseconds, kWaits>;  // in the order of Wait

  struct Entry {
    Connection* connection;
    Wait wait;
    Time at;
  };
  // A connection's one entry, for as long as it lives.
  using Place = std::list<Entry>::iterator;

  explicit Deadlines(Lengths lengths) : lengths_(lengths) {}

  Place enter(Connection& connection);  // without a deadline at first
  void leave(Place place);
  // Begins a wait, which ends any other.
  void set(Place place, Wait wait, Time now);
  void clear(Place place);

  std::optional<Time> next() const;
  // One whose deadline has come, and what it waited for; it keeps the deadline.
  const Entry* expired(Time now) const;
  // The one that has waited longest for that, or null.
  Connection* longest(Wait wait) const;

 private:
  std::list<Entry>& queue(Wait wait) { return queues_[static_cast<std::size_t>(wait)]; }
  std::list<Entry>& queue_of(Place place);

  Lengths lengths_;
  std::array<std::list<Entry>, kWaits> queues_;
  std::list<Entry> none_;  // those without a deadline: Entry::at is kNever
  static constexpr Time kNever = Time::max();
};

}  // namespace openavail::transport
