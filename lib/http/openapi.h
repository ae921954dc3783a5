// The OpenAPI 3.1 document, made from the operations table: what /openapi.json serves.
//
// Thread rule: a free function without state.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace openavail::http {

nlohmann::json openapi_document(const std::string& version);

}  // namespace openavail::http
