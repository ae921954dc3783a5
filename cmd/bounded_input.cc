#include "cmd/bounded_input.h"

namespace openavail::cmd {

std::string read_up_to(std::istream& input, std::size_t bytes_max) {
  std::string text;
  for (char c = 0; text.size() < bytes_max && input.get(c);) text += c;
  return text;
}

bool read_line(std::istream& input, std::string& line, std::size_t bytes_max) {
  line.clear();
  bool has_read = false;
  for (char c = 0; input.get(c);) {
    has_read = true;
    if (c == '\n') break;
    if (line.size() < bytes_max) line += c;
  }
  return has_read;
}

}  // namespace openavail::cmd
