// How far a long reading is, on standard error when that is a terminal and nowhere else.
//
// Thread rule: one thread.
#pragma once

#include <chrono>
#include <cstdint>

namespace openavail::cmd {

class Progress {
 public:
  Progress();
  ~Progress();  // wipes the bar
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void expect(std::int64_t total) { total_ = total; }
  void at(std::int64_t done);
  // For something else to be printed: the bar comes again with the next at().
  void wipe();

 private:
  const bool is_shown_;
  bool is_drawn_ = false;
  std::int64_t total_ = 0;
  std::chrono::steady_clock::time_point next_;
};

}  // namespace openavail::cmd
