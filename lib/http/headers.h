// The headers that stand on every answer (security design, E), and reading those of requests.
//
// Thread rule: free functions without state.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "transport/message.h"

namespace openavail::http {

// HSTS for a year with subdomains, nosniff, no referrer, same-origin resource policy, a content
// security policy that allows nothing, no-store, X-Request-Id.
void add_house_headers(transport::Response& response, const std::string& request_id);

// The name of a header that decides something and stands there twice: a proxy before us may have
// taken the other one. Nothing when there is none.
std::optional<std::string> repeated_header(const transport::Request& request);

// The client's X-Request-Id, if it is 1 to 128 visible ASCII characters, else `made`.
std::string request_id_of(std::optional<std::string_view> sent, std::string made);

// Is application/json asked for in Accept, and application/problem+json not?
bool wants_plain_json(const transport::Request& request);

// The media type of the body is application/json, with charset=utf-8 at most.
bool is_json(const transport::Request& request);

// "Bearer ak_…": what stands behind the scheme (compared without case); empty when there is none.
std::string_view bearer_of(const transport::Request& request);

}  // namespace openavail::http
