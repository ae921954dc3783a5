#include "cmd/gzip_output.h"

#include <zlib.h>

#include <array>
#include <cstdio>
#include <string>

#include "base/check.h"

namespace openavail::cmd {
namespace {

constexpr int kGzipWindow = 15 + 16;  // zlib's way to ask for gzip's header
constexpr int kMemoryLevel = 8;

bool put(const char* data, std::size_t size) { return std::fwrite(data, 1, size, stdout) == size; }

}  // namespace

std::vector<Library> gzip_libraries() { return {{"zlib", zlibVersion()}}; }

struct LineOutput::Gzip {
  z_stream stream{};
};

LineOutput::LineOutput(bool gzip) {
  if (!gzip) return;
  gzip_ = std::make_unique<Gzip>();
  OA_CHECK(deflateInit2(&gzip_->stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow,
                        kMemoryLevel, Z_DEFAULT_STRATEGY) == Z_OK);
}

LineOutput::~LineOutput() {
  if (gzip_) deflateEnd(&gzip_->stream);
}

bool LineOutput::line(std::string_view text) {
  const std::string whole = std::string(text) + "\n";
  return gzip_ ? compress(whole, Z_NO_FLUSH) : put(whole.data(), whole.size());
}

bool LineOutput::finish() {
  if (gzip_ && !compress({}, Z_FINISH)) return false;
  return std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
}

bool LineOutput::compress(std::string_view text, int flush) {
  std::string input(text);
  z_stream& stream = gzip_->stream;
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  std::array<char, 16'384> block{};
  do {
    stream.next_out = reinterpret_cast<Bytef*>(block.data());
    stream.avail_out = static_cast<uInt>(block.size());
    deflate(&stream, flush);
    if (!put(block.data(), block.size() - stream.avail_out)) return false;
  } while (stream.avail_out == 0);
  return true;
}

}  // namespace openavail::cmd
