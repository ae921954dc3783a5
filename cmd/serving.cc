#include "cmd/serving.h"

#include <malloc.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <mutex>
#include <thread>

#include "base/identifiers.h"
#include "cmd/commands.h"
#include "cmd/config.h"
#include "cmd/installation.h"
#include "cmd/mcp_door.h"
#include "cmd/text.h"
#include "http/app.h"
#include "transport/loader.h"

namespace openavail::cmd {
namespace {

constexpr std::chrono::seconds kSweepEvery{60};
constexpr std::chrono::seconds kCertificateLookEvery{2};
constexpr std::chrono::seconds kHealthKept{1};
// A clock this far behind the last recorded instant is not sane.
constexpr std::chrono::minutes kClockBehindMax{5};

void log_line(const std::string& line) {
  std::fprintf(stderr, "openavail: %s\n", plain(line).c_str());
}

bool is_loopback_listen(const std::string& listen) {
  return listen.rfind("unix:", 0) == 0 || listen.rfind("127.", 0) == 0 ||
         listen.rfind("[::1]:", 0) == 0 || listen.rfind("localhost:", 0) == 0;
}

// Which files, if any. Errors: validation_failed.
Result<std::optional<transport::TlsFiles>> tls_of(const Globals& globals, const ServeChoice& choice,
                                                  const std::string& listen) {
  if (choice.certificate_path.empty() != choice.key_path.empty()) {
    return fail(ErrorCode::validation_failed, "--tls-cert and --tls-key go together",
                "name both files");
  }
  if (!choice.certificate_path.empty()) {
    return std::optional(transport::TlsFiles{choice.certificate_path, choice.key_path});
  }
  const bool is_unix = listen.rfind("unix:", 0) == 0;
  if (choice.insecure_loopback || is_unix) {
    if (is_loopback_listen(listen)) return std::optional<transport::TlsFiles>{};
    return fail(ErrorCode::validation_failed,
                "--insecure-loopback serves this machine alone, not " + listen,
                "listen on 127.0.0.1, or name a certificate");
  }
  const std::string certificate = globals.data_directory + "/" + kCertificateFile;
  const std::string key = globals.data_directory + "/" + kCertificateKeyFile;
  if (std::filesystem::exists(certificate)) {
    return std::optional(transport::TlsFiles{certificate, key});
  }
  return fail(ErrorCode::validation_failed, "there is no certificate to serve with",
              "openavail tls self-signed makes one for a first try; else name --tls-cert and "
              "--tls-key");
}

http::RateSettings rates_of(const Config& config) {
  return {config.number("limits.search_per_minute"), config.number("limits.write_per_minute"),
          config.number("limits.other_per_minute"), config.number("limits.address_per_minute")};
}

// Whether decisions can be made and recorded now. Asked at most once a second.
class Health {
 public:
  Health(Installation& installation, const Clock& clock)
      : installation_(installation), clock_(clock) {}

  std::vector<http::HealthCheck> operator()() {
    const std::lock_guard lock(mutex_);
    const std::int64_t now = clock_.monotonic_ns();
    const std::int64_t kept = std::chrono::nanoseconds(kHealthKept).count();
    if (checks_.empty() || now - looked_at_ns_ > kept) {
      checks_ = look();
      looked_at_ns_ = now;
    }
    return checks_;
  }

 private:
  std::vector<http::HealthCheck> look() {
    bool is_sane = false;
    const bool is_writable = [&] {
      const auto tx = installation_.store().begin(ports::Access::write);
      if (!tx) return false;
      const Instant wall{clock_.wall_ms()};
      const auto now = (*tx)->now(wall);
      is_sane = now && *now - wall <= kClockBehindMax;
      return now.has_value();
    }();
    struct statvfs disk {};
    const bool has_room = ::statvfs(installation_.data_directory().c_str(), &disk) == 0 &&
                          disk.f_bavail * disk.f_frsize >= limits::kDiskFreeBytesMin;
    return {{"audit_log", is_writable && installation_.is_journal_healthy()},
            {"disk", has_room},
            {"clock", is_sane}};
  }

  Installation& installation_;
  const Clock& clock_;
  std::mutex mutex_;
  std::int64_t looked_at_ns_ = 0;
  std::vector<http::HealthCheck> checks_;
};

class Certificate {
 public:
  explicit Certificate(std::optional<transport::TlsFiles> files)
      : files_(std::move(files)), seen_(stamp()) {}

  bool has_changed() {
    if (!files_) return false;
    const auto now = stamp();
    if (now == seen_) return false;
    seen_ = now;
    return true;
  }

 private:
  std::pair<std::int64_t, std::int64_t> stamp() const {
    const auto of = [](const std::string& path) -> std::int64_t {
      struct stat info {};
      if (::stat(path.c_str(), &info) != 0) return 0;
      return info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec +
             static_cast<std::int64_t>(info.st_ino);
    };
    if (!files_) return {};
    return {of(files_->certificate_path), of(files_->key_path)};
  }

  std::optional<transport::TlsFiles> files_;
  std::pair<std::int64_t, std::int64_t> seen_;
};

sigset_t blocked_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

void reload(transport::Server& server) {
  const Status done = server.reload_tls();
  log_line(done ? "the certificate was read anew"
                : "the certificate could not be read and the present one stays: " +
                      done.error().message());
}

// What is served, and what goes along with it.
struct Served {
  std::string listen;
  std::optional<transport::TlsFiles> tls;
  std::function<transport::Response(transport::Request&&)> handle;
  std::function<transport::Response(const transport::Refusal&)> refuse;
  std::function<void(transport::Server&)> begin;
  std::function<void()> every_minute;
  std::function<void()> end;  // before the server stops
};

// Until a signal says to end.
void wait(transport::Server& server, const Served& served, const sigset_t& signals) {
  Certificate certificate(served.tls);
  auto next = std::chrono::steady_clock::now() + kSweepEvery;
  for (;;) {
    const timespec pause{std::chrono::seconds(kCertificateLookEvery).count(), 0};
    const int signal = sigtimedwait(&signals, nullptr, &pause);
    if (signal == SIGTERM || signal == SIGINT) return;
    if (signal == SIGHUP || certificate.has_changed()) reload(server);
    if (std::chrono::steady_clock::now() < next) continue;
    next = std::chrono::steady_clock::now() + kSweepEvery;
    served.every_minute();
  }
}

Status serve(const Globals& globals, transport::Transport& library, Served served,
             const sigset_t& signals) {
  transport::ServerSettings settings;
  settings.listen = served.listen;
  settings.tls = served.tls;
  settings.handle = served.handle;
  settings.refuse = served.refuse;
  settings.log = log_line;
  const auto server = library.make_server(std::move(settings));
  served.begin(*server);
  OA_TRY_STATUS(server->start());
  const std::string scheme = served.tls ? "https://" : "http://";
  const bool is_unix = served.listen.rfind("unix:", 0) == 0;
  say(globals,
      "serving on " + (is_unix ? served.listen
                               : scheme + served.listen.substr(0, served.listen.rfind(':') + 1) +
                                     std::to_string(server->port())));
  wait(*server, served, signals);
  say(globals, "ending: finishing what runs");
  served.end();
  if (!server->stop(limits::kHttpStopGrace)) {
    log_line("some requests did not finish in time; recovery settles what they were at");
  }
  return {};
}

// The suite judges the wire layer: no calendars, no keys.
Status serve_fixtures(const Globals& globals, transport::Transport& library, Served served,
                      const sigset_t& signals) {
  if (!is_loopback_listen(served.listen)) {
    return fail(ErrorCode::validation_failed,
                "fixtures ask for no key: they serve this machine alone", "listen on 127.0.0.1");
  }
  SystemClock clock;
  SystemEntropy entropy;
  const auto mcp = McpDoor::to_fixtures(clock, entropy);
  served.handle = [&](transport::Request&& request) {
    return mcp->handle(request, new_uuid_v7(clock.wall_ms(), entropy));
  };
  served.refuse = [](const transport::Refusal& refusal) {
    transport::Response response;
    response.status = refusal.status;
    return response;
  };
  served.begin = [](transport::Server&) {};
  served.every_minute = [] {};
  served.end = [&] { mcp->end_streams(); };
  return serve(globals, library, std::move(served), signals);
}

// With the library's eight heaps for each processor, what workers free stays spread over all of
// them, and a server that was busy once holds a third more.
void keep_heaps_few() {
  constexpr int kHeapsPerProcessor = 2;
  mallopt(M_ARENA_MAX,
          kHeapsPerProcessor * std::max(1, static_cast<int>(std::thread::hardware_concurrency())));
}

std::vector<std::string> comma_list(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t comma = std::min(text.find(',', from), text.size());
    std::string part = text.substr(from, comma - from);
    part.erase(0, part.find_first_not_of(' '));
    part.erase(part.find_last_not_of(' ') + 1);
    if (!part.empty()) parts.push_back(std::move(part));
    from = comma + 1;
  }
  return parts;
}

// Names that clients may call the server by: those that were said, and the address it listens on
// unless that means all of them.
McpAdmission admission_of(const Config& config, const ServeChoice& choice,
                          const std::string& listen) {
  McpAdmission admission{choice.allowed_hosts, choice.allowed_origins,
                         choice.accepts_legacy_version_header, log_line};
  for (const std::string& name : comma_list(config.text("server.host_names"))) {
    const bool is_origin = name.find("://") != std::string::npos;
    (is_origin ? admission.origins : admission.hosts).push_back(name);
  }
  const std::string address = listen.substr(0, listen.rfind(':'));
  const bool is_one = listen.rfind("unix:", 0) != 0 && address != "0.0.0.0" && address != "[::]";
  if (is_one) admission.hosts.push_back(address);
  return admission;
}

}  // namespace

Status serve_until_signalled(const Globals& globals, const ServeChoice& said) {
  OA_TRY(const Config config, read_config(globals.data_directory, said.config_file));
  ServeChoice choice = said;
  if (choice.certificate_path.empty() && choice.key_path.empty()) {
    choice.certificate_path = config.text("server.tls_cert");
    choice.key_path = config.text("server.tls_key");
  }
  const std::string listen = choice.listen.empty() ? config.text("server.listen") : choice.listen;
  OA_TRY(const auto tls, tls_of(globals, choice, listen));
  const sigset_t signals = blocked_signals();  // before any thread is started
  keep_heaps_few();
  OA_TRY(transport::Transport* const library, transport::load_transport());
  Served served;
  served.listen = listen;
  served.tls = tls;
  if (choice.offer == Offer::fixtures) {
    return serve_fixtures(globals, *library, std::move(served), signals);
  }
  Installation installation(globals.data_directory);
  installation.serve_many({std::chrono::milliseconds(config.number("arbitration.round_ms")),
                           config.text("audit.access") == "grouped"});
  OA_TRY_STATUS(installation.store().begin(ports::Access::read).map([](const auto&) {}));
  // Without it nothing can be decided, and who starts a server is there to be told.
  OA_TRY_STATUS(installation.check_signing_key());
  // A calendar that can't be asked now keeps nobody from being served: what concerns it is settled
  // when it is asked for.
  if (const auto recovered = installation.administration().recover(); !recovered) {
    log_line("not all that a crash left behind could be settled: " + recovered.error().message());
    if (!recovered.error().operator_detail().empty()) log_line(recovered.error().operator_detail());
  } else if (*recovered > 0) {
    log_line("settled what a crash left behind: " + std::to_string(*recovered));
  }

  SystemClock clock;
  SystemEntropy entropy;
  Health health(installation, clock);
  transport::Server* server_seen = nullptr;
  http::App* app_seen = nullptr;
  const auto mcp = McpDoor::to_calendars(
      installation, [&]() -> http::App& { return *app_seen; },
      admission_of(config, choice, listen));
  http::App app({installation.operations(), clock, entropy, rates_of(config),
                 http::PageSettings{clock, kVersion, config.text("server.security_contact"),
                                    [&] { return health(); }},
                 [&](const transport::Request& request, const std::string& request_id) {
                   return mcp->handle(request, request_id);
                 },
                 choice.offer == Offer::mcp, [&] { return server_seen->counters(); }, log_line});
  app_seen = &app;
  served.handle = [&](transport::Request&& request) { return app.handle(std::move(request)); };
  served.refuse = [&](const transport::Refusal& refusal) { return app.refuse(refusal); };
  served.begin = [&](transport::Server& server) { server_seen = &server; };
  const int kept_days = config.number("audit.retention_days");
  served.every_minute = [&] {
    if (kept_days > 0) {
      const auto retired =
          installation.administration().apply_retention(std::chrono::hours(24) * kept_days);
      if (!retired) log_line("retention could not be applied: " + retired.error().message());
    }
    if (const auto rotated = installation.rotate_old_signing_key(); !rotated) {
      log_line("the audit log's signing key could not be changed: " + rotated.error().message());
    }
    if (const auto swept = installation.administration().sweep_proposals(); !swept) {
      log_line("proposals could not be swept: " + swept.error().message());
    }
  };
  served.end = [&] { mcp->end_streams(); };
  served.every_minute();
  return serve(globals, *library, std::move(served), signals);
}

}  // namespace openavail::cmd
