#include "http/app.h"

#include <utility>

#include "base/identifiers.h"
#include "http/headers.h"

namespace openavail::http {
namespace {

using nlohmann::json;

constexpr const char* kMcpPath = "/mcp";

// "Idempotency-Key: "8e03978e-…"" as draft-ietf-httpapi-idempotency-key-header has it, or bare as
// clients send it.
std::optional<std::string> idempotency_key_of(const transport::Request& request) {
  const auto sent = transport::find_header(request.headers, "Idempotency-Key");
  if (!sent) return std::nullopt;
  std::string_view key = *sent;
  if (key.size() >= 2 && key.front() == '"' && key.back() == '"') {
    key = key.substr(1, key.size() - 2);
  }
  return std::string(key);
}

// An IPv6 client has a whole /64 to itself.
std::string address_bucket(const std::string& address) {
  if (address.find(':') == std::string::npos) return address;
  std::size_t end = 0;
  for (int groups = 0; groups < 4 && end != std::string::npos; ++groups) {
    end = address.find(':', end + (groups > 0 ? 1 : 0));
  }
  return address.substr(0, end);
}

}  // namespace

App::App(AppSettings settings)
    : settings_(std::move(settings)),
      pages_(settings_.pages),
      per_key_(settings_.clock, limits::kRateKeysMax),
      per_address_(settings_.clock, limits::kRateKeysMax),
      limited_(settings_.operations, per_key_, settings_.rates) {}

transport::Response App::refuse(const transport::Refusal& refusal) {
  Exchange exchange;
  exchange.request_id =
      request_id_of(refusal.request_id, new_uuid_v7(settings_.clock.wall_ms(), settings_.entropy));
  switch (refusal.status) {
    case 413:
      return problem(exchange, Error(ErrorCode::payload_too_large, refusal.message));
    case 415:
      return problem(exchange, Error(ErrorCode::unsupported_media_type, refusal.message));
    case 503:
      return problem(exchange, 503, "OVERLOADED", refusal.message);
    default:
      return problem(exchange, refusal.status, "VALIDATION_FAILED", refusal.message);
  }
}

transport::Response App::handle(transport::Request&& request) {
  Exchange exchange;
  exchange.request_id = request_id_of(transport::find_header(request.headers, "X-Request-Id"),
                                      new_uuid_v7(settings_.clock.wall_ms(), settings_.entropy));
  exchange.wants_plain_json = wants_plain_json(request);
  const std::int64_t began_ns = settings_.clock.monotonic_ns();
  std::string route = "none";
  transport::Response response;
  try {
    response = routed(request, exchange, route);
  } catch (const std::exception& exception) {
    // A broken promise of ours: the client learns that and nothing of its inside.
    settings_.log("request " + exchange.request_id + ": " + exception.what());
    response = problem(exchange, Error(ErrorCode::internal, "something went wrong inside",
                                       "repeat the call; tell an administrator the request_id"));
  }
  metrics_.count(route, response.status,
                 std::chrono::nanoseconds(settings_.clock.monotonic_ns() - began_ns));
  return response;
}

transport::Response App::routed(const transport::Request& request, const Exchange& exchange,
                                std::string& route) {
  if (const auto name = repeated_header(request)) {
    return problem(exchange, Error(ErrorCode::validation_failed, *name + " stands there twice",
                                   "send it once"));
  }
  const std::string path(target_of(request).path);
  if (settings_.mcp && path == kMcpPath) {
    route = "mcp";
    if (request.method != "POST") {
      transport::Response refused = problem(
          exchange, Error(ErrorCode::method_not_allowed, "only POST is served here", "use POST"));
      refused.headers.push_back({"Allow", "POST"});
      return refused;
    }
    transport::Response response = settings_.mcp(request, exchange.request_id);
    add_house_headers(response, exchange.request_id);
    return response;
  }
  if (settings_.only_mcp) {
    return problem(exchange, Error(ErrorCode::not_found, "only /mcp is served here",
                                   "openavail serve offers REST as well"));
  }
  if (pages_.has(path)) {
    route = path.substr(1);
    const RatePolicy policy{"address", settings_.rates.address};
    const RateVerdict verdict = per_address_.take(address_bucket(request.peer_address), policy);
    transport::Response response;
    if (!verdict.is_allowed) {
      response = problem(exchange, too_many("too many requests from this address", verdict));
    } else if (path == "/metrics") {
      response = metrics(request, exchange);
    } else {
      response = pages_.answer(request, path, exchange);
    }
    add_rate_headers(response.headers, policy, verdict);
    return response;
  }
  auto found = find_route(request.method, path);
  if (auto* none = std::get_if<NoRoute>(&found)) {
    if (none->allowed.empty()) {
      return problem(exchange, Error(ErrorCode::not_found, "there is no such route",
                                     "GET /openapi.json lists them"));
    }
    transport::Response response =
        problem(exchange, Error(ErrorCode::method_not_allowed, "the route has no such method",
                                "use one that Allow names"));
    std::string allowed;
    for (const std::string& method : none->allowed) {
      allowed += (allowed.empty() ? "" : ", ") + method;
    }
    response.headers.push_back({"Allow", allowed});
    return response;
  }
  const Route& to = std::get<Route>(found);
  route = to.operation->name;
  return run(to, request, exchange);
}

Result<keys::VerifiedKey> App::authenticate(std::string_view key, const transport::Request& request,
                                            const service::Call& call,
                                            std::vector<transport::Header>& told) {
  if (key.empty()) return fail(keys::unknown_key());
  // Who is known already costs microseconds; for everyone else a slow hash may be due.
  if (!settings_.operations.has_verified(key)) {
    const RatePolicy policy{"address", settings_.rates.address};
    const RateVerdict verdict = per_address_.take(address_bucket(request.peer_address), policy);
    if (!verdict.is_allowed) {
      add_rate_headers(told, policy, verdict);
      return fail(too_many("too many keys tried from this address", verdict));
    }
    auto verified = settings_.operations.authenticate(key, call);
    if (!verified) add_rate_headers(told, policy, verdict);
    return verified;
  }
  return settings_.operations.authenticate(key, call);
}

Status App::admit(const std::string& api_key, const transport::Request& request,
                  const std::string& request_id, std::vector<transport::Header>& told) {
  service::Call call;
  call.request_id = request_id;
  call.counts_unknown_keys = true;
  OA_TRY(const keys::VerifiedKey key, authenticate(api_key, request, call, told));
  const RatePolicy policy{"mcp", settings_.rates.other};
  const RateVerdict verdict = per_key_.take(key.ref.text(), policy);
  add_rate_headers(told, policy, verdict);
  if (!verdict.is_allowed) {
    return fail(too_many("this key has used up its MCP requests of this minute", verdict));
  }
  return settings_.operations.holder(key, call).map([](const auto&) {});
}

transport::Response App::metrics(const transport::Request& request, const Exchange& exchange) {
  if (!request.is_loopback) {
    service::Call call;
    call.request_id = exchange.request_id;
    call.counts_unknown_keys = true;
    std::vector<transport::Header> told;  // the page's own are told in any case
    const auto key = authenticate(bearer_of(request), request, call, told);
    if (!key) return problem(exchange, key.error());
    const Status may =
        settings_.operations.permit(*key, call, policy::Permission::read_audit, "metrics");
    if (!may) return problem(exchange, may.error());
  }
  transport::Response response;
  response.headers.push_back({"Content-Type", "text/plain; version=0.0.4; charset=utf-8"});
  response.body = metrics_.text(settings_.counters(), settings_.pages.version);
  add_house_headers(response, exchange.request_id);
  return response;
}

transport::Response App::run(const Route& route, const transport::Request& request,
                             const Exchange& exchange) {
  service::Call call;
  call.request_id = exchange.request_id;
  call.idempotency_key = idempotency_key_of(request);
  call.counts_unknown_keys = true;
  if (!route.operation->needs_key) {
    auto outcome = settings_.operations.run_open(route.operation->name);
    return outcome.ok ? json_answer(exchange, outcome.body)
                      : problem(exchange, outcome.code, std::move(outcome.body));
  }
  std::vector<transport::Header> told;
  const auto key = authenticate(bearer_of(request), request, call, told);
  if (!key) {
    transport::Response response = problem(exchange, key.error());
    response.headers.insert(response.headers.end(), told.begin(), told.end());
    return response;
  }
  const RatePolicy policy = policy_of(*route.operation, settings_.rates);
  const RateVerdict verdict = per_key_.take(key->ref.text(), policy);
  transport::Response response;
  if (!verdict.is_allowed) {
    response = problem(
        exchange,
        too_many("this key has used up its " + policy.name + " requests of this minute", verdict));
  } else if (auto input = input_of(route, request); !input) {
    auto outcome = settings_.operations.refuse(*route.operation, *key, call, input.error());
    response = problem(exchange, outcome.code, std::move(outcome.body));
  } else {
    auto outcome = settings_.operations.run(route.operation->name, std::move(*input), *key, call);
    response = outcome.ok
                   ? json_answer(exchange, as_on_rest(*route.operation, std::move(outcome.body)))
                   : problem(exchange, outcome.code, std::move(outcome.body));
  }
  add_rate_headers(response.headers, policy, verdict);
  return response;
}

}  // namespace openavail::http
