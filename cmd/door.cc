#include "cmd/door.h"

#include <utility>

#include "base/identifiers.h"
#include "http/remote.h"
#include "transport/loader.h"

namespace openavail::cmd {
namespace {

constexpr std::size_t kSecretBytes = 32;

}  // namespace

Result<Door> Door::open(const Globals& globals) {
  if (!globals.server.empty()) return to_server(globals.server, globals.ca_file);
  Door door;
  door.installation_ = std::make_unique<Installation>(globals.data_directory);
  return door;
}

Result<Door> Door::to_server(const std::string& url, const std::string& ca_file) {
  OA_TRY(transport::Transport* const library, transport::load_transport());
  transport::ClientSettings settings;
  settings.base_url = url;
  if (!ca_file.empty()) settings.ca_file = ca_file;
  OA_TRY(auto client, library->make_client(std::move(settings)));
  Door door;
  door.remote_ = std::make_unique<http::Remote>(std::move(client));
  crypto::SecretBytes secret(kSecretBytes);
  door.entropy_->fill(secret.mutable_view());
  door.secret_ = std::make_shared<const crypto::SecretBytes>(std::move(secret));
  return door;
}

operations::Runner& Door::runner() {
  return installation_ ? static_cast<operations::Runner&>(installation_->operations()) : *remote_;
}

std::string Door::new_request_id() {
  if (installation_) return installation_->new_request_id();
  return new_uuid_v7(clock_.wall_ms(), *entropy_);
}

Result<std::shared_ptr<const crypto::SecretBytes>> Door::secret() {
  if (installation_) return installation_->secret();
  return secret_;
}

}  // namespace openavail::cmd
