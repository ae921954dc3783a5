#include "transport/httplib/deadlines.h"

namespace openavail::transport {

std::list<Deadlines::Entry>& Deadlines::queue_of(Place place) {
  return place->at == kNever ? none_ : queue(place->wait);
}

Deadlines::Place Deadlines::enter(Connection& connection) {
  return none_.insert(none_.end(), {&connection, Wait::idle, kNever});
}

void Deadlines::leave(Place place) { queue_of(place).erase(place); }

void Deadlines::set(Place place, Wait wait, Time now) {
  std::list<Entry>& from = queue_of(place);
  place->wait = wait;
  place->at = now + lengths_[static_cast<std::size_t>(wait)];
  std::list<Entry>& to = queue(wait);
  to.splice(to.end(), from, place);
}

void Deadlines::clear(Place place) {
  std::list<Entry>& from = queue_of(place);
  place->at = kNever;
  none_.splice(none_.end(), from, place);
}

std::optional<Deadlines::Time> Deadlines::next() const {
  std::optional<Time> first;
  for (const std::list<Entry>& queue : queues_) {
    if (!queue.empty() && (!first || queue.front().at < *first)) first = queue.front().at;
  }
  return first;
}

const Deadlines::Entry* Deadlines::expired(Time now) const {
  for (const std::list<Entry>& queue : queues_) {
    if (!queue.empty() && queue.front().at <= now) return &queue.front();
  }
  return nullptr;
}

Connection* Deadlines::longest(Wait wait) const {
  const std::list<Entry>& queue = queues_[static_cast<std::size_t>(wait)];
  return queue.empty() ? nullptr : queue.front().connection;
}

}  // namespace openavail::transport
