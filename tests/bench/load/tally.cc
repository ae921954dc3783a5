#include "load/tally.h"

#include <algorithm>
#include <cstdio>

namespace openavail::bench {

void Tally::answer(int status, std::int64_t took_ns) { took_ns_[status].push_back(took_ns); }

void Tally::print(double seconds) {
  std::printf("{\"seconds\":%.3f,\"broken\":%d,\"reconnected\":%d,\"unsent\":%d,\"answers\":{",
              seconds, broken_, reconnected_, unsent_);
  const char* separator = "";
  for (auto& [status, took] : took_ns_) {
    std::sort(took.begin(), took.end());
    const auto at = [&sorted = took](double share) {
      const auto last = static_cast<double>(sorted.size() - 1);
      return static_cast<double>(sorted[static_cast<std::size_t>(share * last)]) / 1e6;
    };
    std::printf(
        "%s\"%d\":{\"count\":%zu,\"p50_ms\":%.3f,\"p90_ms\":%.3f,\"p99_ms\":%.3f,\"max_ms\":%.3f}",
        separator, status, took.size(), at(0.5), at(0.9), at(0.99), at(1));
    separator = ",";
  }
  std::printf("}}\n");
  std::fflush(stdout);
}

}  // namespace openavail::bench
