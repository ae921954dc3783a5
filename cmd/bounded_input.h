// Reading from files and pipes that may never end. Memory stays within what is asked for.
#pragma once

#include <cstddef>
#include <istream>
#include <string>

namespace openavail::cmd {

// At most `bytes_max` bytes; what stands behind them is left unread.
std::string read_up_to(std::istream& input, std::size_t bytes_max);

// One line without its newline, of which at most `bytes_max` bytes are kept; false at the end.
bool read_line(std::istream& input, std::string& line, std::size_t bytes_max);

}  // namespace openavail::cmd
