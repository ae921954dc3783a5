#include "cmd/table.h"

#include <algorithm>

#include "cmd/text.h"

namespace openavail::cmd {
namespace {

constexpr std::size_t kGap = 2;  // columns between two cells

// Words with the space or comma behind them.
std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words(1);
  for (const char c : text) {
    words.back() += c;
    if (c == ' ' || c == ',') words.emplace_back();
  }
  if (words.back().empty() && words.size() > 1) words.pop_back();
  return words;
}

std::string trimmed(std::string text) {
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

std::size_t longest_word(const std::string& text) {
  std::size_t width = 0;
  for (const std::string& word : words_of(text)) {
    width = std::max(width, display_width(trimmed(word)));
  }
  return width;
}

std::vector<std::string> wrapped(const std::string& text, std::size_t columns) {
  std::vector<std::string> lines(1);
  for (const std::string& word : words_of(text)) {
    if (!lines.back().empty() && display_width(trimmed(lines.back() + word)) > columns) {
      lines.emplace_back();
    }
    lines.back() += word;
  }
  for (std::string& line : lines) line = trimmed(std::move(line));
  return lines;
}

struct Widths {
  std::vector<std::size_t> now, least;

  std::size_t total() const {
    std::size_t sum = kGap * (now.size() - 1);
    for (const std::size_t width : now) sum += width;
    return sum;
  }
  // The widest column gives way first. False: no column can.
  bool narrow(std::size_t columns) {
    std::size_t widest = now.size();
    for (std::size_t i = 0; i < now.size(); ++i) {
      if (now[i] > least[i] && (widest == now.size() || now[i] > now[widest])) widest = i;
    }
    if (widest == now.size()) return false;
    const std::size_t excess = total() - columns;
    const std::size_t room = now[widest] - least[widest];
    now[widest] -= std::min({excess, room, std::max<std::size_t>(now[widest] / 4, 1)});
    return true;
  }
};

Widths widths_of(const Table& table, std::size_t columns) {
  Widths widths;
  for (std::size_t i = 0; i < table.titles.size(); ++i) {
    std::size_t now = display_width(table.titles[i]);
    std::size_t least = now;
    for (const auto& row : table.rows) {
      now = std::max(now, display_width(row[i]));
      least = std::max(least, longest_word(row[i]));
    }
    widths.now.push_back(now);
    widths.least.push_back(least);
  }
  while (widths.total() > columns && widths.narrow(columns)) {
  }
  return widths;
}

void add_row(const std::vector<std::string>& row, const Widths& widths,
             std::vector<std::string>& lines) {
  std::vector<std::vector<std::string>> cells;
  std::size_t height = 1;
  for (std::size_t i = 0; i < row.size(); ++i) {
    cells.push_back(wrapped(row[i], widths.now[i]));
    height = std::max(height, cells.back().size());
  }
  for (std::size_t y = 0; y < height; ++y) {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      line += padded(y < cells[i].size() ? cells[i][y] : "", widths.now[i] + kGap);
    }
    lines.push_back(trimmed(std::move(line)));
  }
}

}  // namespace

std::vector<std::string> lines_of(const Table& table, std::size_t columns) {
  std::vector<std::string> lines;
  if (table.titles.empty()) return lines;
  const Widths widths = widths_of(table, columns);
  add_row(table.titles, widths, lines);
  for (const auto& row : table.rows) add_row(row, widths, lines);
  return lines;
}

std::vector<std::string> lines_of(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::size_t width = 0;
  for (const auto& [name, value] : fields) width = std::max(width, display_width(name));
  std::vector<std::string> lines;
  for (const auto& [name, value] : fields) {
    lines.push_back(trimmed(padded(name + ":", width + 1 + kGap) + value));
  }
  return lines;
}

}  // namespace openavail::cmd
