// Tables and fields, laid out in display columns.
//
// Thread rule: free functions, safe from any thread.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace openavail::cmd {

// Cells have to be plain text. Each inner vector is one row of as many cells as there are titles.
struct Table {
  std::vector<std::string> titles;
  std::vector<std::vector<std::string>> rows;
};

// Lines without their ends. A table that is wider than `columns` has its widest cells broken
// between words, behind commas too; a word is never broken, so a line may still be longer.
std::vector<std::string> lines_of(const Table& table, std::size_t columns);

// "name:  value" lines, the values one below the other.
std::vector<std::string> lines_of(const std::vector<std::pair<std::string, std::string>>& fields);

}  // namespace openavail::cmd
