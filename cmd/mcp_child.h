// One `openavail mcp` process of our own, spoken to over pipes: how the demo's agents ask.
#pragma once

#include <sys/types.h>

#include <nlohmann/json.hpp>
#include <string>

#include "base/result.h"

namespace openavail::cmd {

class McpChild {
 public:
  // Starts this same binary on a data directory. Errors: internal.
  static Result<McpChild> start(const std::string& data_directory, const std::string& api_key);
  McpChild(McpChild&& other) noexcept;
  McpChild& operator=(McpChild&&) = delete;
  McpChild(const McpChild&) = delete;
  McpChild& operator=(const McpChild&) = delete;
  ~McpChild();

  bool send(const nlohmann::json& message);
  // The next message; null at the end.
  nlohmann::json receive();

 private:
  McpChild(pid_t pid, int in_fd, int out_fd) : pid_(pid), in_fd_(in_fd), out_fd_(out_fd) {}
  pid_t pid_;
  int in_fd_;
  int out_fd_;
  std::string buffer_;
};

}  // namespace openavail::cmd
