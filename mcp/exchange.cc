#include "mcp/exchange.h"

#include <nlohmann/json.hpp>

namespace openavail::mcp {

bool Exchange::notify(const std::string& method, nlohmann::json parameters) {
  return send({{"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(parameters)}});
}

}  // namespace openavail::mcp
