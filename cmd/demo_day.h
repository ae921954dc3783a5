// The demo's day as the calendar's files show it: read from them, drawn for a person.
//
// Thread rule: plain values and free functions; drawing writes to standard output.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "cmd/terminal.h"
#include "time/zone.h"

namespace openavail::cmd {

struct DayEvent {
  Interval interval;
  bool is_busy = false;
  bool is_displaced = false;  // shown as free, with our mark in its title
  std::string title;          // plain
};

// All that stands on that day, by start, busy ones first. Errors: validation_failed (a file that
// can't be understood).
Result<std::vector<DayEvent>> read_day(const std::filesystem::path& folder, time::LocalDate day,
                                       const time::Zone& zone, const std::string& owner);

// A strip of quarter hours, and one line for each event.
void draw_day(const std::vector<DayEvent>& events, time::LocalDate day, const time::Zone& zone,
              const Interval& lunch, const Ink& ink);

}  // namespace openavail::cmd
