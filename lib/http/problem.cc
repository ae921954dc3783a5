#include "http/problem.h"

#include <utility>

#include "http/headers.h"
#include "operations/operations.h"

namespace openavail::http {
namespace {

using nlohmann::json;

constexpr const char* kTypePrefix = "urn:openavail:problem:";
// Where waiting can help and nothing says for how long.
constexpr const char* kRetryAfterSeconds = "1";

std::string_view title_of(int status) {
  switch (status) {
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 411:
      return "Length Required";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return status < 500 ? "Bad Request" : "Internal Server Error";
  }
}

// "permission_denied:preempt" is of the type permission-denied.
std::string type_of(std::string code) {
  code.resize(std::min(code.find(':'), code.size()));
  for (char& c : code) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == '_') c = '-';
  }
  return kTypePrefix + code;
}

std::string text_of(const json& body) {
  return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

// A calendar that a person has to look at first is no better in a second.
bool can_waiting_help(const json& body) {
  const std::string cause = body.value("cause", "");
  return cause != "unreadable" && cause != "changed_identity" && cause != "unwritable";
}

void add_challenge(transport::Response& response, const json& error) {
  const std::string code = error.value("code", "");
  std::string challenge = "Bearer realm=\"openavail\"";
  if (response.status == 403) {
    challenge += ", error=\"insufficient_scope\"";
    const auto colon = code.find(':');
    if (colon != std::string::npos) challenge += ", scope=\"" + code.substr(colon + 1) + "\"";
  } else {
    challenge += ", error=\"invalid_token\"";
  }
  response.headers.push_back({"WWW-Authenticate", challenge});
}

transport::Response answer(const Exchange& exchange, int status, json body) {
  transport::Response response;
  response.status = status;
  const json error = body.at("error");
  body["type"] = type_of(error.value("code", ""));
  body["title"] = title_of(status);
  body["status"] = status;
  body["detail"] = error.value("message", "");
  body["instance"] = exchange.request_id;
  response.headers.push_back({"Content-Type", exchange.wants_plain_json
                                                  ? "application/json"
                                                  : "application/problem+json"});
  if (status == 401 || status == 403) add_challenge(response, error);
  if (status == 503 && can_waiting_help(body)) {
    response.headers.push_back({"Retry-After", kRetryAfterSeconds});
  }
  response.body = text_of(body);
  add_house_headers(response, exchange.request_id);
  return response;
}

}  // namespace

transport::Response problem(const Exchange& exchange, ErrorCode code, json body) {
  if (code == ErrorCode::internal) body["request_id"] = exchange.request_id;
  return answer(exchange, info(code).http_status, std::move(body));
}

transport::Response problem(const Exchange& exchange, const Error& error) {
  return problem(exchange, error.code(), operations::wire_error(error));
}

transport::Response problem(const Exchange& exchange, int status, const std::string& wire_code,
                            const std::string& message, json body) {
  body["error"] = {{"code", wire_code}, {"message", message}};
  body["pending_notifications"] = json::array();
  return answer(exchange, status, std::move(body));
}

transport::Response json_answer(const Exchange& exchange, const json& body) {
  transport::Response response;
  response.headers.push_back({"Content-Type", "application/json"});
  response.body = text_of(body);
  add_house_headers(response, exchange.request_id);
  return response;
}

}  // namespace openavail::http
