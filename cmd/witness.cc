#include "cmd/witness.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "audit/canonical.h"
#include "base/limits.h"
#include "cmd/bounded_input.h"
#include "transport/loader.h"

namespace openavail::cmd {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// checkpoint-0000000000001234.txt: so that names sort by size.
constexpr std::size_t kSizeDigits = 16;
constexpr const char* kStem = "checkpoint-";

std::string name_of(std::int64_t size) {
  const std::string digits = std::to_string(size);
  return kStem + std::string(kSizeDigits - digits.size(), '0') + digits + ".txt";
}

std::optional<std::string> note_in(const std::string& line) {
  if (!audit::is_shallow(line)) return std::nullopt;
  const json parsed = json::parse(line, nullptr, false);
  if (!parsed.is_object() || !parsed.contains("checkpoint")) return std::nullopt;
  const json& note = parsed.at("checkpoint");
  return note.is_string() ? std::optional(note.get<std::string>()) : std::nullopt;
}

tl::unexpected<Error> cannot_keep(const std::string& path) {
  return fail(ErrorCode::internal,
              "the checkpoint could not be kept: " + path + ": " + std::strerror(errno),
              "check that the folder can be written and has room");
}

// Whole or not at all, and on the disk.
Status write_whole(const std::string& path, const std::string& text) {
  const std::string fresh = path + ".new";
  const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return cannot_keep(fresh);
  const auto size = static_cast<ssize_t>(text.size());
  const bool is_written = ::write(fd, text.data(), text.size()) == size && ::fsync(fd) == 0;
  const bool is_closed = ::close(fd) == 0;
  if (is_written && is_closed && ::rename(fresh.c_str(), path.c_str()) == 0) return {};
  auto failed = cannot_keep(path);
  ::unlink(fresh.c_str());
  return failed;
}

}  // namespace

Result<std::string> read_note(const std::string& path) {
  std::ifstream file(path);
  if (!file || fs::is_directory(path)) {
    return fail(ErrorCode::not_found, "there is no file " + path, "check the path");
  }
  if (file.peek() != '{') return read_up_to(file, audit::kNoteBytesMax + 1);
  std::optional<std::string> last;
  for (std::string line; read_line(file, line, limits::kJsonLineBytesMax);) {
    if (line.find(R"("checkpoint":)") == line.npos) continue;
    if (auto note = note_in(line)) last = std::move(note);
  }
  if (last) return *last;
  return fail(ErrorCode::verification_failed, path + " holds no checkpoint",
              "give a checkpoint, a receipt or a whole export");
}

Result<std::vector<audit::Checkpoint>> read_witness(const std::string& path,
                                                    const std::vector<audit::TrustedKey>& keys) {
  std::vector<std::string> files;
  if (fs::is_directory(path)) {
    std::error_code error;
    for (fs::directory_iterator at(path, error), end; !error && at != end; at.increment(error)) {
      const std::string name = at->path().filename().string();
      if (name.rfind(kStem, 0) == 0 && at->path().extension() == ".txt") {
        files.push_back(at->path().string());
      }
      if (files.size() > limits::kWitnessCheckpointsMax) {
        return fail(ErrorCode::validation_failed, "the witness holds too many checkpoints",
                    "move older ones away; the newest proves them too");
      }
    }
    if (error) {
      return fail(ErrorCode::not_found, "the witness can't be read: " + error.message(),
                  "check the path");
    }
    std::sort(files.begin(), files.end());
  } else {
    files.push_back(path);
  }
  std::vector<audit::Checkpoint> kept;
  for (const std::string& file : files) {
    OA_TRY(const std::string note, read_note(file));
    auto checkpoint = audit::open_checkpoint(note, keys);
    if (!checkpoint) {
      return fail(ErrorCode::verification_failed,
                  file + ": " + std::string(checkpoint.error().message()),
                  "name the public keys of the log that the witness is of");
    }
    kept.push_back(std::move(*checkpoint));
  }
  return kept;
}

Status keep_note(const std::string& folder, std::int64_t size, const std::string& note) {
  std::error_code error;
  fs::create_directories(folder, error);
  const std::string path = folder + "/" + name_of(size);
  if (!fs::exists(path)) return write_whole(path, note);
  OA_TRY(const std::string present, read_note(path));
  if (present == note) return {};
  return fail(ErrorCode::verification_failed,
              "the witness has another checkpoint of " + std::to_string(size) +
                  " rows: the log was "
                  "rewritten, or signs with another key now",
              "openavail audit verify --witness " + folder + " tells which");
}

Status send_note(const std::string& url, const std::string& ca_file, const std::string& note) {
  const std::size_t scheme = url.find("://");
  const std::size_t path = scheme == url.npos ? scheme : url.find('/', scheme + 3);
  transport::ClientSettings settings;
  settings.base_url = url.substr(0, path);
  if (!ca_file.empty()) settings.ca_file = ca_file;
  OA_TRY(transport::Transport* const library, transport::load_transport());
  OA_TRY(const auto client, library->make_client(std::move(settings)));
  OA_TRY(const auto reply, client->send("POST", path == url.npos ? "/" : url.substr(path),
                                        {{"Content-Type", "text/plain; charset=utf-8"}}, note));
  if (reply.status >= 200 && reply.status < 300) return {};
  return fail(ErrorCode::internal,
              "the witness did not take the checkpoint: status " + std::to_string(reply.status),
              "check the address; it has to take a POST of text/plain");
}

}  // namespace openavail::cmd
