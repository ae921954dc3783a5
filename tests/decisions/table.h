// The compact form of the decision tables (README.md) made into situations.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "arbiter/arbiter.h"
#include "time/zone.h"

namespace openavail::decisions {

struct Case {
  std::string name;
  time::Zone zone;
  arbiter::Situation situation;
  nlohmann::json expect;
};

// All cases of one table file's text. Throws std::runtime_error that names the case for a table
// that is not well formed: tables are part of the tests.
std::vector<Case> read_table(const std::string& text);

// "03-03 09:00" on the wall of the zone in 2026, or a full RFC 3339 time.
Instant read_time(const std::string& text, const time::Zone& zone);

}  // namespace openavail::decisions
