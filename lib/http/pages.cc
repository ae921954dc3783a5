#include "http/pages.h"

#include <algorithm>
#include <utility>

#include "http/headers.h"
#include "http/openapi.h"
#include "operations/operations.h"
#include "time/instant.h"

namespace openavail::http {
namespace {

using nlohmann::json;

// RFC 9116, section 2.5.5: less than a year ahead.
constexpr std::chrono::hours kSecurityTxtLife{24 * 180};

constexpr std::string_view kPaths[] = {"/health", "/metrics", "/openapi.json", "/llms.txt",
                                       "/.well-known/security.txt"};

transport::Response page(const Exchange& exchange, const char* type, std::string body) {
  transport::Response response;
  response.headers.push_back({"Content-Type", type});
  response.body = std::move(body);
  add_house_headers(response, exchange.request_id);
  return response;
}

// What a model needs to know of this server, as https://llmstxt.org has it.
std::string llms_txt() {
  std::string text =
      "# Openavail\n\n"
      "> The one place that agents ask before they write to a person's calendar. It reads the\n"
      "> calendars live, decides by the owner's rules, writes the event itself and leaves a "
      "signed\n"
      "> row for every decision.\n\n"
      "Every call needs an agent's key: `Authorization: Bearer ak_…`. MCP clients use `POST /mcp`\n"
      "with the same key. Times are RFC 3339 with an offset, in whole seconds. A refusal is an\n"
      "answer: take one of its alternatives, or next_available, instead of asking again.\n\n"
      "## Calls\n\n";
  for (const operations::OperationInfo& info : operations::operation_table()) {
    if (!info.rest) continue;
    text += "- `" + info.rest->method + " " + info.rest->path + "`: " + info.description + "\n";
  }
  text +=
      "\n## More\n\n"
      "- [OpenAPI](/openapi.json): every input, answer and error\n"
      "- [Health](/health): whether decisions can be made and recorded now\n";
  return text;
}

}  // namespace

Pages::Pages(PageSettings settings)
    : settings_(std::move(settings)), openapi_(openapi_document(settings_.version).dump()) {}

bool Pages::has(std::string_view path) const {
  return std::find(std::begin(kPaths), std::end(kPaths), path) != std::end(kPaths);
}

transport::Response Pages::answer(const transport::Request& request, std::string_view path,
                                  const Exchange& exchange) const {
  if (request.method != "GET" && request.method != "HEAD") {
    transport::Response response = problem(
        exchange, Error(ErrorCode::method_not_allowed, "this page can only be read", "use GET"));
    response.headers.push_back({"Allow", "GET, HEAD"});
    return response;
  }
  if (path == "/health") return health(exchange);
  if (path == "/openapi.json") return page(exchange, "application/json", openapi_);
  if (path == "/llms.txt") return page(exchange, "text/plain; charset=utf-8", llms_txt());
  return page(exchange, "text/plain; charset=utf-8", security_txt());
}

transport::Response Pages::health(const Exchange& exchange) const {
  const auto checks = settings_.health();
  json body = {{"version", settings_.version}, {"checks", json::object()}};
  std::string failed;
  for (const HealthCheck& check : checks) {
    body["checks"][check.name] = check.is_ok ? "ok" : "failed";
    if (!check.is_ok) failed += (failed.empty() ? "" : ", ") + check.name;
  }
  if (!failed.empty()) {
    return problem(exchange, 503, "UNHEALTHY", "not healthy: " + failed, std::move(body));
  }
  body["status"] = "ok";
  return json_answer(exchange, body);
}

std::string Pages::security_txt() const {
  const Instant expires{settings_.clock.wall_ms() +
                        std::chrono::milliseconds(kSecurityTxtLife).count()};
  return "Contact: " + settings_.security_contact + "\nExpires: " + time::format_instant(expires) +
         "\nPreferred-Languages: en\n";
}

}  // namespace openavail::http
