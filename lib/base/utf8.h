// UTF-8 text, looked at one character at a time.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace openavail {

struct Character {
  char32_t code = 0;
  std::size_t bytes = 1;
  bool is_valid = false;
};

// The character that begins at byte `at` (inside the text). Where none does: one byte, not valid.
Character character_at(std::string_view text, std::size_t at);

bool is_utf8(std::string_view text);

// The text, or as many whole characters of it as fit into `bytes_max` bytes.
std::string cut_to(std::string text, std::size_t bytes_max);

}  // namespace openavail
