// Measures `openavail mcp` from process start to the answer of the first tools/list, beside an
// empty program, and the most memory it has held by then. Usage: startup_bench OPENAVAIL EMPTY
// [RUNS]
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

extern char** environ;

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kRunsDefault = 300;
constexpr const char* kRequest =
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{}}\n";

[[noreturn]] void give_up(const char* what) {
  std::fprintf(stderr, "startup_bench: %s\n", what);
  std::exit(1);
}

struct Child {
  pid_t pid = 0;
  int in = -1;   // its standard input
  int out = -1;  // its standard output
};

Child start(const std::vector<std::string>& words) {
  int in[2];
  int out[2];
  if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) give_up("no pipe");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  Child child;
  if (posix_spawn(&child.pid, argv[0], &actions, nullptr, argv.data(), environ) != 0) {
    give_up("the program can't be started");
  }
  posix_spawn_file_actions_destroy(&actions);
  close(in[0]);
  close(out[1]);
  child.in = in[1];
  child.out = out[0];
  return child;
}

void end(const Child& child) {
  close(child.in);
  close(child.out);
  int status = 0;
  if (waitpid(child.pid, &status, 0) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    give_up("the program did not end with 0");
  }
}

double ms_since(Clock::time_point begun) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begun).count();
}

double run_empty(const std::string& program) {
  const auto begun = Clock::now();
  const Child child = start({program});
  end(child);
  return ms_since(begun);
}

long memory_kib(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmHWM:", 0) == 0) return std::atol(line.c_str() + 6);
  }
  give_up("no VmHWM");
}

struct Listed {
  double ms = 0;
  std::size_t bytes = 0;
  long memory_kib = 0;
};

Listed run_list(const std::string& program) {
  Listed listed;
  const auto begun = Clock::now();
  const Child child = start({program, "mcp"});
  const std::string request = kRequest;
  if (write(child.in, request.data(), request.size()) < 0) give_up("the request was not taken");
  std::vector<char> buffer(1 << 16);
  for (bool done = false; !done;) {
    const ssize_t n = read(child.out, buffer.data(), buffer.size());
    if (n <= 0) give_up("no answer");
    listed.bytes += static_cast<std::size_t>(n);
    done = buffer[static_cast<std::size_t>(n) - 1] == '\n';
  }
  listed.ms = ms_since(begun);
  listed.memory_kib = memory_kib(child.pid);
  end(child);
  return listed;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) give_up("usage: startup_bench OPENAVAIL EMPTY [RUNS]");
  const int runs = argc > 3 ? std::atoi(argv[3]) : kRunsDefault;
  if (runs < 1) give_up("at least one run");
  // Listing tools checks no key; any text lets them be listed.
  setenv("OPENAVAIL_API_KEY", "unchecked", 1);
  std::vector<double> empty_ms;
  std::vector<double> list_ms;
  long memory = 0;
  std::size_t bytes = 0;
  for (int i = 0; i < runs; ++i) {  // in turn, so that both see the same load
    empty_ms.push_back(run_empty(argv[2]));
    const Listed listed = run_list(argv[1]);
    list_ms.push_back(listed.ms);
    memory = std::max(memory, listed.memory_kib);
    bytes = listed.bytes;
  }
  const double empty_min = *std::min_element(empty_ms.begin(), empty_ms.end());
  const double list_min = *std::min_element(list_ms.begin(), list_ms.end());
  std::printf("%d runs, an answer of %zu bytes\n", runs, bytes);
  std::printf("empty program, start to end      median %6.2f ms   min %6.2f ms\n", median(empty_ms),
              empty_min);
  std::printf("start to answer of tools/list    median %6.2f ms   min %6.2f ms\n", median(list_ms),
              list_min);
  std::printf("times an empty program           median %6.2f      min %6.2f\n",
              median(list_ms) / median(empty_ms), list_min / empty_min);
  std::printf("memory by then, at most          %.1f MB\n", static_cast<double>(memory) / 1024.0);
  return 0;
}
