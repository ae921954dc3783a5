#include "transport/httplib/http_server.h"

#include <sys/resource.h>

#include <algorithm>
#include <mutex>
#include <thread>

#include "transport/httplib/event_streams.h"
#include "transport/httplib/reactor.h"

namespace openavail::transport {
namespace {

// Connections must not take the descriptors that answering them needs.
void fit_descriptors(ServerSettings& settings) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const auto spared = static_cast<rlim_t>(limits::kHttpDescriptorsSpared);
  const rlim_t wanted = static_cast<rlim_t>(settings.limits.connections_max) + spared;
  if (limit.rlim_cur < wanted) {
    limit.rlim_cur = std::min(wanted, limit.rlim_max);
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
  }
  if (limit.rlim_cur >= wanted) return;
  const rlim_t left = limit.rlim_cur > 2 * spared ? limit.rlim_cur - spared : limit.rlim_cur / 2;
  settings.limits.connections_max = static_cast<int>(left);
  settings.log("the limit of open files allows " + std::to_string(left) + " connections");
}

class HttpServer final : public Server {
 public:
  explicit HttpServer(ServerSettings settings) : settings_(std::move(settings)) {}

  ~HttpServer() override { stop(std::chrono::milliseconds(0)); }

  Status start() override {
    const std::lock_guard<std::mutex> held(lock_);
    if (reactor_) return fail(ErrorCode::internal, "the server was started before");
    if (settings_.tls) {
      OA_TRY(tls_, load_tls(*settings_.tls));
    }
    OA_TRY(Listener listener, Listener::open(settings_.listen));
    port_ = listener.port();
    fit_descriptors(settings_);
    reactor_ = std::make_unique<Reactor>(settings_, counters_, std::move(listener),
                                         [this] { return tls(); });
    streams_ = std::make_unique<EventStreams>(
        settings_, counters_, [this](Connection& connection) { reactor_->give_back(connection); });
    workers_ = std::make_unique<Workers>(
        settings_, counters_,
        [this](Connection& connection, Exchange& exchange) { serve(connection, exchange); },
        [this](Connection& connection, Exchange& exchange) {
          --counters_.requests;
          ++counters_.refusals;
          send(connection, exchange.refusal(too_busy(connection.request), connection.form));
        });
    OA_TRY_STATUS(reactor_->prepare(*workers_));
    thread_ = std::thread([this] { reactor_->run(); });
    return {};
  }

  int port() const override { return port_; }

  Status reload_tls() override {
    if (!settings_.tls) return {};
    OA_TRY(TlsContext fresh, load_tls(*settings_.tls));
    const std::lock_guard<std::mutex> held(tls_lock_);
    tls_.swap(fresh);
    return {};
  }

  bool stop(std::chrono::milliseconds grace) override {
    const std::lock_guard<std::mutex> held(lock_);
    if (!thread_.joinable()) return all_answered_;
    streams_->wind_down();
    reactor_->wind_down();
    all_answered_ = reactor_->wait_until_answered(std::chrono::steady_clock::now() + grace);
    streams_->end();
    workers_->end();
    reactor_->end();
    thread_.join();
    return all_answered_;
  }

  ServerCounters counters() const override { return counters_.read(); }

 private:
  TlsContext tls() {
    const std::lock_guard<std::mutex> held(tls_lock_);
    return tls_;
  }

  // A worker's part: from a whole request to the bytes of its answer.
  void serve(Connection& connection, Exchange& exchange) {
    Answer answer = exchange.answer(connection.form, [&] {
      Response response = settings_.handle(std::move(connection.request));
      if (reactor_->is_winding_down()) response.close = true;
      return response;
    });
    if (answer.stream) {
      if (streams_->start(connection, answer)) return;
      ++counters_.refusals;
      answer = exchange.refusal({503, "too many event streams; try again", std::nullopt},
                                {connection.form.head_only, 1, true});
    }
    send(connection, std::move(answer));
  }

  void send(Connection& connection, Answer answer) {
    connection.close = answer.close;
    connection.out = std::move(answer.bytes);
    connection.out_sent = 0;
    write_out(connection);  // what does not fit now, the reactor writes
    reactor_->give_back(connection);
  }

  ServerSettings settings_;
  Counters counters_;
  int port_ = 0;

  std::mutex tls_lock_;
  TlsContext tls_;

  std::mutex lock_;  // of start and stop
  bool all_answered_ = true;
  std::thread thread_;
  // In this order: at the end workers and streams, which may still run, go first.
  std::unique_ptr<Reactor> reactor_;
  std::unique_ptr<EventStreams> streams_;
  std::unique_ptr<Workers> workers_;
};

}  // namespace

std::unique_ptr<Server> make_http_server(ServerSettings settings) {
  return std::make_unique<HttpServer>(std::move(settings));
}

}  // namespace openavail::transport
