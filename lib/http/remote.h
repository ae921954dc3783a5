// Operations run by a server: REST as a client speaks it, from the same table that routes it.
#pragma once

#include <memory>

#include "operations/operations.h"
#include "transport/client.h"

namespace openavail::http {

// Thread rule: safe from any thread; calls run one after the other.
class Remote final : public operations::Runner {
 public:
  explicit Remote(std::unique_ptr<transport::Client> client) : client_(std::move(client)) {}

  // An operation that is not on REST is not_found; a server that can't be reached is an internal
  // error that says so.
  operations::Outcome run(std::string_view name, nlohmann::json input, std::string_view api_key,
                          service::Call call,
                          operations::Spelling spelling = operations::Spelling::rest) override;
  Result<operations::KeyHolder> holder(std::string_view api_key,
                                       const service::Call& call) override;

 private:
  std::unique_ptr<transport::Client> client_;
};

}  // namespace openavail::http
