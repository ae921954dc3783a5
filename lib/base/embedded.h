// The files of schemas/, compiled into the binary by the build (scripts/cmake/embed.cmake).
#pragma once

#include <span>
#include <string_view>

namespace openavail {

struct EmbeddedFile {
  std::string_view path;  // relative to schemas/: "sql/0001_first.sql"
  std::string_view text;
};

// Sorted by path.
std::span<const EmbeddedFile> embedded_files();

}  // namespace openavail
