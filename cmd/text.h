// Text as a terminal shows it: cleaned of what could steer the terminal, and measured in columns.
//
// Thread rule: free functions, safe from any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace openavail::cmd {

// Text without control characters, marks that turn the writing direction and line ends, and with
// U+FFFD for what is not UTF-8: so what a calendar holds can't steer the terminal.
std::string plain(std::string_view text);

// How many columns a terminal needs for the text: two for wide characters, none for combining ones.
std::size_t display_width(std::string_view text);

// The text with spaces behind it up to `columns`; longer text stays as it is.
std::string padded(std::string_view text, std::size_t columns);

// An error's text in the voice of the terminal: one line, lower case, no full stop, and no key.
std::string spoken(std::string_view text);

}  // namespace openavail::cmd
