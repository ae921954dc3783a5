#include "transport/httplib/http_client.h"

#include <httplib.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include <mutex>
#include <optional>

#include "transport/httplib/client_url.h"
#include "transport/httplib/descriptor.h"
#include "transport/httplib/tls.h"
#include "transport/httplib/watchdog.h"

namespace openavail::transport {
namespace {

// TLS 1.2 at least. The name is checked by OpenSSL, besides httplib's own check, which knows
// partial wildcards and the common name.
bool restrict_client(SSL_CTX* context, const ClientUrl& url) {
  X509_VERIFY_PARAM* const check = SSL_CTX_get0_param(context);
  X509_VERIFY_PARAM_set_hostflags(
      check, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  const int named = url.is_address
                        ? X509_VERIFY_PARAM_set1_ip_asc(check, url.host.c_str())
                        : X509_VERIFY_PARAM_set1_host(check, url.host.c_str(), url.host.size());
  return named == 1 && SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1;
}

class HttpClient final : public Client {
 public:
  explicit HttpClient(ClientSettings settings) : settings_(std::move(settings)) {}

  Status open() {
    OA_TRY(const ClientUrl url, parse_client_url(settings_.base_url));
    if (url.is_tls) {
      OA_TRY_STATUS(open_tls(url));
    } else {
      http_ = std::make_unique<::httplib::ClientImpl>(url.host, url.port);
      // Whatever a resolver says: the key stays on this machine.
      if (!url.is_address) http_->set_hostname_addr_map({{url.host, "127.0.0.1"}});
    }
    http_->set_connection_timeout(settings_.connect_time_max);
    // The watchdog ends a call, and says so; the library's own limits are behind it, lest they come
    // first by a hair and the caller hears that the connection broke.
    http_->set_read_timeout(2 * settings_.total_time_max);
    http_->set_write_timeout(2 * settings_.total_time_max);
    http_->set_keep_alive(true);
    http_->set_follow_location(false);
    http_->set_decompress(false);
    http_->set_url_encode(false);
    http_->set_tcp_nodelay(true);
    http_->set_socket_options([this](int fd) {
      socket_fd_ = fd;
      if (watchdog_ != nullptr) watchdog_->watch(fd);
    });
    return {};
  }

  Result<Reply> send(const std::string& method, const std::string& target,
                     const std::vector<Header>& headers, const std::string& body) override {
    return call(method, target, headers, body, nullptr);
  }

  Result<Reply> stream(const std::string& method, const std::string& target,
                       const std::vector<Header>& headers, const std::string& body,
                       const std::function<bool(std::string_view)>& sink) override {
    return call(method, target, headers, body, &sink);
  }

 private:
  Status open_tls(const ClientUrl& url) {
    auto tls = std::make_unique<::httplib::SSLClient>(url.host, url.port);
    ERR_clear_error();
    if (!tls->is_valid() || !restrict_client(tls->ssl_context(), url)) {
      return fail(ErrorCode::internal, "TLS can't be set up: " + openssl_reason());
    }
    // httplib adds the system's store to it at the first connection.
    if (settings_.ca_file && SSL_CTX_load_verify_locations(
                                 tls->ssl_context(), settings_.ca_file->c_str(), nullptr) != 1) {
      return fail(ErrorCode::validation_failed,
                  "the CA file " + *settings_.ca_file + " can't be used: " + openssl_reason());
    }
    tls_ = tls.get();
    http_ = std::move(tls);
    return {};
  }

  // What one call has come to so far.
  struct Call {
    Reply reply;
    bool is_stopped = false;    // by the sink
    bool is_too_large = false;  // the answer
  };

  Result<Reply> call(const std::string& method, const std::string& target,
                     const std::vector<Header>& headers, const std::string& body,
                     const std::function<bool(std::string_view)>* sink) {
    const std::lock_guard<std::mutex> held(lock_);
    Watchdog watchdog(settings_.total_time_max);
    watchdog_ = &watchdog;
    if (http_->is_socket_open() != 0) watchdog.watch(socket_fd_);
    Call call;
    const auto result = http_->send(request_of(method, target, headers, body, sink, call));
    watchdog_ = nullptr;
    if (call.is_stopped) return std::move(call.reply);
    if (!result) return why(result.error(), call, watchdog.has_barked());
    take_head(*result, call.reply);
    return std::move(call.reply);
  }

  ::httplib::Request request_of(const std::string& method, const std::string& target,
                                const std::vector<Header>& headers, const std::string& body,
                                const std::function<bool(std::string_view)>* sink, Call& call) {
    ::httplib::Request request;
    request.method = method;
    request.path = target;
    request.body = body;
    request.headers = {{"User-Agent", "openavail"}, {"Accept-Encoding", "identity"}};
    for (const Header& header : headers) {
      request.headers.erase(header.name);
    }
    for (const Header& header : headers) request.set_header(header.name, header.value);
    request.response_handler = [&call](const ::httplib::Response& response) {
      take_head(response, call.reply);
      return true;
    };
    request.content_receiver = [this, &call, sink](const char* bytes, std::size_t size,
                                                   std::uint64_t, std::uint64_t) {
      const bool is_wanted = call.reply.status >= 200 && call.reply.status < 300;
      if (sink != nullptr && is_wanted) {
        watchdog_->extend();  // it may be long, as long as it moves
        call.is_stopped = !(*sink)({bytes, size});
        return !call.is_stopped;
      }
      call.is_too_large = call.reply.body.size() + size > limits::kClientReplyBytesMax;
      if (!call.is_too_large) call.reply.body.append(bytes, size);
      return !call.is_too_large;
    };
    return request;
  }

  static void take_head(const ::httplib::Response& response, Reply& reply) {
    reply.status = response.status;
    reply.headers.clear();
    for (const auto& [name, value] : response.headers) reply.headers.push_back({name, value});
  }

  tl::unexpected<Error> why(::httplib::Error error, const Call& call, bool is_over) const {
    const auto failed = [&](const std::string& what, std::string next) {
      return fail(ErrorCode::internal, "the server at " + settings_.base_url + " " + what,
                  std::move(next));
    };
    if (call.is_too_large) {
      return failed(
          "sent an answer larger than " + std::to_string(limits::kClientReplyBytesMax) + " bytes",
          "ask for less at a time");
    }
    if (is_over) return failed("did not answer in time", "try again, or check the server");
    using Kind = ::httplib::Error;
    if (error == Kind::SSLServerVerification && tls_ != nullptr) {
      const long result = tls_->get_openssl_verify_result();
      return failed(std::string("has a certificate that is not trusted: ") +
                        (result == X509_V_OK ? "its name is another one"
                                             : X509_verify_cert_error_string(result)),
                    "check the URL, or give the CA that signed the certificate");
    }
    if (error == Kind::SSLConnection) {
      return failed("can't be talked to through TLS", "check that it serves HTTPS at this port");
    }
    if (error == Kind::Connection || error == Kind::ConnectionTimeout ||
        error == Kind::BindIPAddress) {
      return failed("can't be reached", "check the URL and that the server runs");
    }
    return failed("broke the connection off", "check that the URL is one of this server");
  }

  const ClientSettings settings_;
  std::mutex lock_;  // one call after the other
  std::unique_ptr<::httplib::ClientImpl> http_;
  ::httplib::SSLClient* tls_ = nullptr;  // http_, if it is one
  Watchdog* watchdog_ = nullptr;         // of the present call
  int socket_fd_ = -1;                   // the latest that was opened
};

}  // namespace

Result<std::unique_ptr<Client>> make_http_client(ClientSettings settings) {
  auto client = std::make_unique<HttpClient>(std::move(settings));
  OA_TRY_STATUS(client->open());
  return client;
}

}  // namespace openavail::transport
