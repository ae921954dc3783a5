#include "base/nearest.h"

#include <algorithm>
#include <cstddef>

namespace openavail {
namespace {

constexpr std::size_t kNameBytesCompared = 64;  // bounds the work on hostile names

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      const std::size_t substitute = diagonal + (lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1);
      row[j] = std::min({above + 1, row[j - 1] + 1, substitute});
      diagonal = above;
    }
  }
  return row[b.size()];
}

// "name" may mean displayName, though most letters are missing.
bool is_part_of(std::string_view part, std::string_view whole) {
  constexpr std::size_t kPartBytesMin = 4;
  return part.size() >= kPartBytesMin &&
         std::search(whole.begin(), whole.end(), part.begin(), part.end(),
                     [](char a, char b) { return lower(a) == lower(b); }) != whole.end();
}

constexpr std::size_t kPartDistance = 2;

}  // namespace

std::string nearest_name(std::string_view name, const std::vector<std::string>& known) {
  const std::string_view head = name.substr(0, kNameBytesCompared);
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(2, head.size() / 2) + 1;
  for (const std::string& candidate : known) {
    std::size_t d = distance(head, candidate);
    if (is_part_of(head, candidate)) d = std::min(d, kPartDistance);
    if (d < best_distance) {
      best_distance = d;
      best = candidate;
    }
  }
  return best;
}

}  // namespace openavail
