// Internal to this room: a bounded map from a key's tag to the version of the row at which a
// check of that key had its result. The least recently used entry makes room for a new one.
//
// Thread rule: not safe on its own; the verifier holds its lock.
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

namespace openavail::keys {

// The version of the stored row, or nothing when there was no row.
using RowVersion = std::optional<std::int64_t>;

class ResultCache {
 public:
  explicit ResultCache(std::size_t entries_max) : entries_max_(entries_max) {}

  // Whether there is an entry for `tag` at exactly `version`.
  bool has(const std::string& tag, RowVersion version) {
    const auto found = places_.find(tag);
    if (found == places_.end() || found->second->second != version) return false;
    entries_.splice(entries_.begin(), entries_, found->second);
    return true;
  }

  // Whether there is an entry for `tag` at any version.
  bool has(const std::string& tag) const { return places_.count(tag) != 0; }

  void put(const std::string& tag, RowVersion version) {
    forget(tag);
    if (entries_.size() == entries_max_) {
      places_.erase(entries_.back().first);
      entries_.pop_back();
    }
    entries_.emplace_front(tag, version);
    places_[tag] = entries_.begin();
  }

  void forget(const std::string& tag) {
    const auto found = places_.find(tag);
    if (found == places_.end()) return;
    entries_.erase(found->second);
    places_.erase(found);
  }

  std::size_t size() const { return entries_.size(); }

 private:
  using Entries = std::list<std::pair<std::string, RowVersion>>;  // most recently used first
  std::size_t entries_max_;
  Entries entries_;
  std::unordered_map<std::string, Entries::iterator> places_;
};

}  // namespace openavail::keys
