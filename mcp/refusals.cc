#include "mcp/refusals.h"

namespace openavail::mcp {
namespace {

using nlohmann::json;

RpcError refusal(const json& body, ErrorCode code) {
  const json& inner = body.at("error");
  json data = {{"error", inner.at("code")}};
  if (inner.contains("next")) data["next"] = inner.at("next");
  const int status = info(code).http_status;
  const bool is_kept = status == 401 || status == 403 || status == 429 || status == 503;
  return {code::kRefused, inner.at("message"), std::move(data), is_kept ? status : 200};
}

}  // namespace

RpcError refusal_of(const operations::Outcome& outcome) {
  return refusal(outcome.body, outcome.code);
}

RpcError refusal_of(const Error& error) {
  return refusal(operations::wire_error(error), error.code());
}

}  // namespace openavail::mcp
