// Sends prepared requests over many kept connections, one at a time on each, and tells how they
// were answered. One thread.
//
//   bench_load ADDRESS:PORT REQUESTS [--connections N] [--seconds S] [--warm-up S] [--rate R]
//              [--once] [--plain] [--sources N]
//   bench_load ADDRESS:PORT --crowd IDLE DRIPPING [--plain] [--sources N]
//
// REQUESTS: a file of requests, each behind a line with its length in bytes. They are sent in turn
// and again from the first one; with --once the end of the file ends the run. --rate: so many are
// begun in a second, whatever becomes of the former ones, and times count from when each was due;
// without, each connection sends its next one when it was answered.
#include <sys/epoll.h>
#include <sys/resource.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <iterator>
#include <vector>

#include "load/answer.h"
#include "load/crowd.h"
#include "load/line.h"
#include "load/tally.h"

namespace {

using namespace openavail::bench;
using SteadyClock = std::chrono::steady_clock;

constexpr int kEventsPerRound = 256;

struct Options {
  Target target;
  std::string requests;
  int connections = 64;
  double seconds = 5;
  double warm_up = 1;
  double rate = 0;  // 0: as fast as they are answered
  bool once = false;
  int idle = -1, dripping = 0;
};

struct Client {
  std::unique_ptr<Line> line;
  int number = 0;
  bool is_connected = false;
  bool is_waiting = false;  // for an answer
  std::uint32_t watched = 0;
  std::string_view request;
  std::size_t sent = 0;
  std::string arrived;
  SteadyClock::time_point due;
};

class Load {
 public:
  explicit Load(const Options& options) : options_(options), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    read_requests();
    for (int i = 0; i < options_.connections; ++i) {
      clients_.emplace_back();
      clients_.back().number = i;
    }
  }

  void run() {
    for (Client& client : clients_) connect(client);
    while (connected_ < options_.connections) wait(100);
    began_ = measured_from_ = next_due_ = SteadyClock::now();
    const auto warm = began_ + seconds(options_.warm_up);
    const auto end = warm + seconds(options_.seconds);
    is_running_ = true;
    if (options_.rate <= 0) {
      for (Client& client : clients_) send_next(client, began_);
    }
    bool is_warm = options_.warm_up <= 0;
    while (is_running_) {
      const auto now = SteadyClock::now();
      if (now >= end) break;
      if (!is_warm && now >= warm) {
        is_warm = true;
        tally_.clear();
        measured_from_ = now;
      }
      if (options_.rate > 0) begin_due(now);
      wait(options_.rate > 0 ? 1 : 100);
    }
    const std::chrono::duration<double> lasted = SteadyClock::now() - measured_from_;
    tally_.print(lasted.count());
  }

 private:
  static SteadyClock::duration seconds(double count) {
    return std::chrono::duration_cast<SteadyClock::duration>(std::chrono::duration<double>(count));
  }

  void read_requests() {
    std::ifstream file(options_.requests, std::ios::binary);
    text_.assign(std::istreambuf_iterator<char>(file), {});
    for (std::size_t at = 0; at < text_.size();) {
      const std::size_t line_end = text_.find('\n', at);
      const std::size_t size = std::strtoul(text_.c_str() + at, nullptr, 10);
      if (line_end == std::string::npos || line_end + 1 + size > text_.size()) {
        give_up("not a file of requests: " + options_.requests);
      }
      requests_.push_back(std::string_view(text_).substr(line_end + 1, size));
      at = line_end + 1 + size;
    }
    if (requests_.empty()) give_up("no requests in " + options_.requests);
  }

  void watch(Client& client, std::uint32_t wanted) {
    if (client.watched == wanted) return;
    epoll_event event{};
    event.events = wanted;
    event.data.ptr = &client;
    const int how = client.watched == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
    if (epoll_ctl(epoll_, how, client.line->fd(), &event) != 0) give_up("epoll");
    client.watched = wanted;
  }

  void connect(Client& client) {
    client.line = std::make_unique<Line>(options_.target, client.number);
    client.watched = 0;  // the old one left epoll when it was closed
    client.is_connected = false;
    client.arrived.clear();
    watch(client, EPOLLIN | EPOLLOUT);
  }

  void wait(int most_ms) {
    epoll_event events[kEventsPerRound];
    const int count = epoll_wait(epoll_, events, kEventsPerRound, most_ms);
    for (int i = 0; i < count; ++i) on_ready(*static_cast<Client*>(events[i].data.ptr));
  }

  void on_ready(Client& client) {
    if (!client.is_connected) return go_on_connecting(client);
    if (client.is_waiting && client.sent < client.request.size()) write(client);
    const Line::Step step = client.line->read(client.arrived);
    if (step == Line::Step::done) {
      if (const auto end = answer_end(client.arrived); end && client.is_waiting) {
        return answered(client, *end);
      }
    } else if (step == Line::Step::broken) {
      lose(client);
    }
  }

  void go_on_connecting(Client& client) {
    switch (client.line->connect()) {
      case Line::Step::again:
        return;
      case Line::Step::broken:
        if (!is_running_) give_up("a connection was refused");
        tally_.broken();
        return connect(client);
      case Line::Step::done:
        break;
    }
    client.is_connected = true;
    watch(client, EPOLLIN);
    ++connected_;
    if (client.is_waiting) {  // what it was to send is still due
      write(client);
    } else if (is_running_) {
      be_free(client);
    } else {
      free_.push_back(&client);
    }
  }

  void lose(Client& client) {
    if (client.is_waiting) tally_.broken();
    client.is_waiting = false;
    reconnect(client);
  }

  void reconnect(Client& client) {
    --connected_;
    tally_.reconnected();
    for (auto each = free_.begin(); each != free_.end(); ++each) {
      if (*each != &client) continue;
      free_.erase(each);
      break;
    }
    connect(client);
  }

  void be_free(Client& client) {
    if (options_.rate > 0) {
      free_.push_back(&client);
    } else {
      send_next(client, SteadyClock::now());
    }
  }

  void begin_due(SteadyClock::time_point now) {
    const auto step = seconds(1 / options_.rate);
    for (; is_running_ && next_due_ <= now; next_due_ += step) {
      if (free_.empty()) {
        tally_.unsent();
        continue;
      }
      Client& client = *free_.front();
      free_.pop_front();
      send_next(client, next_due_);
    }
  }

  void send_next(Client& client, SteadyClock::time_point due) {
    if (next_request_ == requests_.size()) {
      if (options_.once) {
        is_running_ = false;
        return;
      }
      next_request_ = 0;
    }
    client.request = requests_[next_request_++];
    client.sent = 0;
    client.due = due;
    client.is_waiting = true;
    write(client);
  }

  void write(Client& client) {
    const Line::Step step = client.line->write(client.request.substr(client.sent), client.sent);
    watch(client, step == Line::Step::again ? EPOLLIN | EPOLLOUT : EPOLLIN);
    // What is broken shows when it is read, behind what the other side may have said.
  }

  void answered(Client& client, const AnswerEnd& end) {
    const auto now = SteadyClock::now();
    tally_.answer(end.status,
                  std::chrono::duration_cast<std::chrono::nanoseconds>(now - client.due).count());
    client.is_waiting = false;
    client.arrived.erase(0, end.bytes);
    if (end.closes) return reconnect(client);
    be_free(client);
  }

  const Options options_;
  const int epoll_;
  std::string text_;
  std::vector<std::string_view> requests_;
  std::size_t next_request_ = 0;
  std::deque<Client> clients_;
  std::deque<Client*> free_;
  int connected_ = 0;
  bool is_running_ = false;
  SteadyClock::time_point began_, measured_from_, next_due_;
  Tally tally_;
};

Options read_options(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() < 2) give_up("usage: bench_load ADDRESS:PORT REQUESTS [options]");
  Options options;
  options.target = target_from(words[0]);
  std::size_t at = 1;
  const auto next = [&] {
    if (at >= words.size()) give_up("an option lacks its value");
    return words[at++];
  };
  if (words[1][0] != '-') options.requests = next();
  while (at < words.size()) {
    const std::string word = next();
    if (word == "--connections") {
      options.connections = std::stoi(next());
    } else if (word == "--seconds") {
      options.seconds = std::stod(next());
    } else if (word == "--warm-up") {
      options.warm_up = std::stod(next());
    } else if (word == "--rate") {
      options.rate = std::stod(next());
    } else if (word == "--sources") {
      options.target.sources = std::stoi(next());
    } else if (word == "--once") {
      options.once = true;
    } else if (word == "--plain") {
      options.target.is_tls = false;
    } else if (word == "--crowd") {
      options.idle = std::stoi(next());
      options.dripping = std::stoi(next());
    } else {
      give_up("no such option: " + word);
    }
  }
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = read_options(argc, argv);
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  if (options.idle >= 0) {
    stand_about(options.target, options.idle, options.dripping);
  } else {
    Load(options).run();
  }
  return 0;
}
