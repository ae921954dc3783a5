// serve: REST and MCP over HTTP. tls: a certificate for a first try.
#include <sys/stat.h>

#include <filesystem>

#include "cmd/commands.h"
#include "cmd/serving.h"
#include "crypto/certificate.h"
#include "crypto/private_file.h"

namespace openavail::cmd {
namespace {

struct TlsOptions {
  std::vector<std::string> hosts;
  int days = 90;
  std::string folder;
};

Status write_public(const std::string& path, const std::string& contents, Entropy& entropy) {
  OA_TRY_STATUS(crypto::create_private_file(path, contents, entropy));
  ::chmod(path.c_str(), 0644);
  return {};
}

Status make_certificate(const Globals& globals, const TlsOptions& o) {
  const std::string folder = o.folder.empty() ? globals.data_directory : o.folder;
  std::vector<std::string> names = o.hosts;
  if (names.empty()) names = {"localhost", "127.0.0.1", "::1"};
  SystemEntropy entropy;
  OA_TRY(const auto made, crypto::make_self_signed(names, SystemClock().wall_ms(),
                                                   std::chrono::hours(24 * o.days), entropy));
  const std::string certificate = folder + "/" + kCertificateFile;
  const std::string key = folder + "/" + kCertificateKeyFile;
  if (std::filesystem::exists(certificate) || std::filesystem::exists(key)) {
    return fail(ErrorCode::state_conflict, "there is a certificate already: " + certificate,
                "remove " + certificate + " and " + key + " first");
  }
  OA_TRY_STATUS(crypto::create_private_file(key, made.key_pem.reveal(), entropy));
  OA_TRY_STATUS(write_public(certificate, made.certificate_pem, entropy));
  print_object(globals, {{"certificate", certificate}, {"key", key}}, {"certificate", "key"});
  say(globals, "clients have to trust it: curl --cacert " + certificate);
  return {};
}

}  // namespace

void add_listening_options(CLI::App& command, ServeChoice& choice, CLI::Option* listen) {
  const std::vector<CLI::Option*> options = {
      command.add_option("--tls-cert", choice.certificate_path, "PEM, the chain"),
      command.add_option("--tls-key", choice.key_path, "PEM, readable by its owner alone"),
      command.add_flag("--insecure-loopback", choice.insecure_loopback,
                       "Plain HTTP; only to this machine itself"),
      command.add_option("--allow-host", choice.allowed_hosts,
                         "Name that /mcp is called by besides this machine's (server.host_names)"),
      command.add_option("--allow-origin", choice.allowed_origins,
                         "Origin of web pages that may call /mcp: https://app.example.org"),
      command.add_flag("--accept-legacy-version-header", choice.accepts_legacy_version_header,
                       "Serve MCP clients whose header names an older revision than their body")};
  for (CLI::Option* option : options) {
    if (listen != nullptr) option->needs(listen);
  }
}

void add_serve_commands(CLI::App& app, Globals& globals) {
  auto o = std::make_shared<ServeChoice>();
  CLI::App* serve = app.add_subcommand("serve", "Serve REST and MCP over HTTPS to many agents");
  serve->footer(
      footer("  openavail tls self-signed && openavail serve\n"
             "  openavail serve --listen 0.0.0.0:8443 --tls-cert chain.pem --tls-key "
             "key.pem\n"
             "  openavail serve --listen 127.0.0.1:8080 --insecure-loopback\n"
             "  openavail serve --allow-host calendar.example.org\n"
             "  openavail serve --listen unix:/run/openavail/socket",
             "0 ended by a signal, 1 failed, 2 settings"));
  serve->add_option("--listen", o->listen, "ADDR:PORT or unix:PATH; default 127.0.0.1:8443");
  add_listening_options(*serve, *o, nullptr);
  serve->add_option("--config", o->config_file, "Instead of config.toml in the data directory");
  serve->callback(
      [&globals, o] { run(globals, [&] { return serve_until_signalled(globals, *o); }); });

  auto t = std::make_shared<TlsOptions>();
  CLI::App* tls = add_group(app, "tls", "Certificates", "  openavail tls self-signed");
  CLI::App* self = tls->add_subcommand("self-signed", "Make a certificate for a first try");
  self->footer(footer("  openavail tls self-signed --host calendar.example.org",
                      "0 done, 2 not a host, 5 there is one already"));
  self->add_option("--host", t->hosts, "Name or address; default: this machine alone");
  self->add_option("--days", t->days, "How long it is valid")->check(CLI::Range(1, 398));
  self->add_option("--out", t->folder, "Where; default: the data directory");
  self->callback([&globals, t] { run(globals, [&] { return make_certificate(globals, *t); }); });
}

}  // namespace openavail::cmd
