// The module's only way in.
#include <httplib.h>
#include <openssl/crypto.h>

#include "transport/httplib/http_client.h"
#include "transport/httplib/http_server.h"
#include "transport/loader.h"

namespace openavail::transport {
namespace {

class HttplibTransport final : public Transport {
 public:
  std::unique_ptr<Server> make_server(ServerSettings settings) override {
    return make_http_server(std::move(settings));
  }
  Result<std::unique_ptr<Client>> make_client(ClientSettings settings) override {
    return make_http_client(std::move(settings));
  }
  std::string libraries() const override {
    return "httplib " CPPHTTPLIB_VERSION ", OpenSSL " +
           std::string(OpenSSL_version(OPENSSL_VERSION_STRING));
  }
};

}  // namespace
}  // namespace openavail::transport

extern "C" __attribute__((visibility("default"))) openavail::transport::Transport*
openavail_transport_entry() {
  static openavail::transport::HttplibTransport transport;
  return &transport;
}
