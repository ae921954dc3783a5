// From method and path to an operation, and from a request to its input. Both come from the
// operations table; no route is written down twice.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "operations/operations.h"
#include "transport/message.h"

namespace openavail::http {

// "/v1/bookings?limit=5" cut at the question mark; nothing is decoded.
struct Target {
  std::string_view path;
  std::string_view query;
};
Target target_of(const transport::Request& request);

struct Route {
  const operations::OperationInfo* operation = nullptr;
  std::map<std::string, std::string> path_members;  // decoded after routing
};
// No operation at that path and method: the methods that the path has; empty for an unknown path.
struct NoRoute {
  std::vector<std::string> allowed;
};

// Thread rule: free functions; the table is read at the first call.
std::variant<Route, NoRoute> find_route(std::string_view method, std::string_view path);

// The operation's input: members of the path, and of the body or, without one, of the query.
// Errors: validation_failed (not JSON, no object, a query member twice, a number that is none, a
// damaged percent escape), unsupported_media_type.
Result<nlohmann::json> input_of(const Route& route, const transport::Request& request);

// Undoes %XX, and + as a space where `plus_is_space`. Nothing when an escape is damaged.
std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space);
// Everything but unreserved characters (RFC 3986, section 2.3) as %XX.
std::string percent_encoded(std::string_view text);

// An answer, and its schema, as REST has them: below a member, where the binding says so, beside
// the notifications. And back.
nlohmann::json as_on_rest(const operations::OperationInfo& operation, nlohmann::json answer);
nlohmann::json schema_on_rest(const operations::OperationInfo& operation);
nlohmann::json from_rest(const operations::OperationInfo& operation, nlohmann::json answer);

}  // namespace openavail::http
