#include "policy/clock_text.h"

#include <cstddef>

namespace openavail::policy {
namespace {

bool digit(char c) { return c >= '0' && c <= '9'; }
bool letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

std::string two_digits(int n) { return (n < 10 ? "0" : "") + std::to_string(n); }

}  // namespace

std::optional<int> minutes_from_clock(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  for (const std::size_t i : {0u, 1u, 3u, 4u}) {
    if (!digit(text[i])) return std::nullopt;
  }
  const int hours = (text[0] - '0') * 10 + (text[1] - '0');
  const int minutes = (text[3] - '0') * 10 + (text[4] - '0');
  if (minutes > 59 || hours * 60 + minutes > 1440) return std::nullopt;
  return hours * 60 + minutes;
}

std::string clock_from_minutes(int minutes) {
  return two_digits(minutes / 60) + ":" + two_digits(minutes % 60);
}

bool looks_like_zone(std::string_view text) {
  if (text == "UTC") return true;
  if (text.size() > 64 || text.empty() || text.front() < 'A' || text.front() > 'Z') return false;
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos || text.back() == '/') return false;
  if (!letter(text[slash + 1])) return false;
  for (const char c : text) {
    if (!letter(c) && !digit(c) && c != '/' && c != '_' && c != '-' && c != '+') return false;
  }
  return true;
}

}  // namespace openavail::policy
