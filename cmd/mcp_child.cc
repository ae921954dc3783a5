#include "cmd/mcp_child.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>
#include <vector>

extern char** environ;

namespace openavail::cmd {

Result<McpChild> McpChild::start(const std::string& data_directory, const std::string& api_key) {
  std::array<int, 2> to{}, from{};
  if (pipe2(to.data(), O_CLOEXEC) != 0 || pipe2(from.data(), O_CLOEXEC) != 0) {
    return fail(ErrorCode::internal, "no pipe could be made");
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, to[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, from[1], STDOUT_FILENO);
  std::vector<std::string> variables{"OPENAVAIL_API_KEY=" + api_key,
                                     "OPENAVAIL_DATA_DIR=" + data_directory};
  std::vector<char*> environment;
  for (std::string& variable : variables) environment.push_back(variable.data());
  environment.push_back(nullptr);
  std::string name = "openavail", command = "mcp";
  std::array<char*, 3> arguments{name.data(), command.data(), nullptr};
  pid_t pid = 0;
  const int failed =
      posix_spawn(&pid, "/proc/self/exe", &actions, nullptr, arguments.data(), environment.data());
  posix_spawn_file_actions_destroy(&actions);
  close(to[0]);
  close(from[1]);
  if (failed != 0) {
    close(to[1]);
    close(from[0]);
    return fail(ErrorCode::internal, "an agent's process could not be started");
  }
  return McpChild(pid, to[1], from[0]);
}

McpChild::McpChild(McpChild&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)),
      in_fd_(std::exchange(other.in_fd_, -1)),
      out_fd_(std::exchange(other.out_fd_, -1)),
      buffer_(std::move(other.buffer_)) {}

McpChild::~McpChild() {
  if (pid_ == 0) return;
  close(in_fd_);
  close(out_fd_);
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

bool McpChild::send(const nlohmann::json& message) {
  const std::string line = message.dump() + "\n";
  std::size_t done = 0;
  while (done < line.size()) {
    const ssize_t n = ::write(in_fd_, line.data() + done, line.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    done += static_cast<std::size_t>(n);
  }
  return true;
}

nlohmann::json McpChild::receive() {
  for (;;) {
    if (const auto end = buffer_.find('\n'); end != std::string::npos) {
      auto message = nlohmann::json::parse(buffer_.substr(0, end), nullptr, false);
      buffer_.erase(0, end + 1);
      return message;
    }
    std::array<char, 16'384> chunk{};
    const ssize_t n = ::read(out_fd_, chunk.data(), chunk.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return nullptr;
    buffer_.append(chunk.data(), static_cast<std::size_t>(n));
  }
}

}  // namespace openavail::cmd
