// What came of the requests: how many answers of each status, and how long they took.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

namespace openavail::bench {

class Tally {
 public:
  void answer(int status, std::int64_t took_ns);
  void broken() { ++broken_; }  // the connection ended under a request
  void reconnected() { ++reconnected_; }
  void unsent() { ++unsent_; }  // due when no connection was free
  void clear() { *this = Tally(); }

  // One line of JSON: {"seconds":…,"broken":…,"reconnected":…,"unsent":…,"answers":{"200":
  // {"count":…,"p50_ms":…,"p99_ms":…,"max_ms":…}}}
  void print(double seconds);

 private:
  std::map<int, std::vector<std::int64_t>> took_ns_;  // by status
  int broken_ = 0, reconnected_ = 0, unsent_ = 0;
};

}  // namespace openavail::bench
