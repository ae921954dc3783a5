// Lines to standard output, compressed on the way when wanted; never more in memory than a block.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "base/library.h"

namespace openavail::cmd {

std::vector<Library> gzip_libraries();

class LineOutput {
 public:
  explicit LineOutput(bool gzip);
  ~LineOutput();
  LineOutput(const LineOutput&) = delete;
  LineOutput& operator=(const LineOutput&) = delete;

  // False: nothing more can be written.
  bool line(std::string_view text);
  // Ends the stream and flushes. False: not everything arrived.
  bool finish();

 private:
  struct Gzip;
  bool compress(std::string_view text, int flush);
  std::unique_ptr<Gzip> gzip_;
};

}  // namespace openavail::cmd
