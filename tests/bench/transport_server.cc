// A server that answers every request with a few bytes, to load from outside (README.md):
//   bench_transport ADDRESS:PORT [CERTIFICATE KEY]
#include <csignal>
#include <cstdio>

#include "transport/loader.h"

using namespace openavail;

int main(int argc, char** argv) {
  if (argc != 2 && argc != 4) {
    std::fprintf(stderr, "usage: bench_transport ADDRESS:PORT [CERTIFICATE KEY]\n");
    return 2;
  }
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  sigprocmask(SIG_BLOCK, &ends, nullptr);  // for all threads: this one waits for them below

  transport::ServerSettings settings;
  settings.listen = argv[1];
  if (argc == 4) settings.tls = transport::TlsFiles{argv[2], argv[3]};
  settings.limits.connections_per_address_max = settings.limits.connections_max;
  settings.handle = [](transport::Request&&) {
    transport::Response response;
    response.headers = {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}};
    response.body = "{\"status\":\"ok\"}";
    return response;
  };
  settings.refuse = [](const transport::Refusal& refusal) {
    transport::Response response;
    response.status = refusal.status;
    response.body = refusal.message;
    return response;
  };
  settings.log = [](const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); };

  const auto loaded = transport::load_transport();
  if (!loaded) {
    std::fprintf(stderr, "%s\n", loaded.error().message().c_str());
    return 1;
  }
  const auto server = (*loaded)->make_server(settings);
  if (const Status started = server->start(); !started) {
    std::fprintf(stderr, "%s\n", started.error().message().c_str());
    return 1;
  }
  int signal = 0;
  sigwait(&ends, &signal);
  return server->stop(limits::kHttpStopGrace) ? 0 : 1;
}
