#include "mcp/http_headers.h"

#include "crypto/digest.h"

namespace openavail::mcp {
namespace {

using nlohmann::json;
using Headers = std::vector<transport::Header>;

constexpr std::string_view kEncodedBegin = "=?base64?";
constexpr std::string_view kEncodedEnd = "?=";
constexpr int kBadRequest = 400;

RpcError mismatch(const std::string& message) {
  return {code::kHeaderMismatch, message, nullptr, kBadRequest};
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

struct Found {
  bool is_there = false;
  std::optional<std::string> value;  // nothing although there: sent twice, or broken
};

// A header that is sent twice could be read differently by what stands between.
Found find_one(const Headers& headers, const std::string& name) {
  Found found;
  for (const transport::Header& header : headers) {
    if (!transport::same_name(header.name, name)) continue;
    if (found.is_there) return {true, std::nullopt};
    found = {true, decoded_header(header.value)};
  }
  return found;
}

std::optional<RpcError> compare(const Headers& headers, const std::string& name,
                                const std::string& expected) {
  const Found found = find_one(headers, name);
  if (!found.is_there) return mismatch("the header " + name + " is missing");
  if (found.value && *found.value == expected) return std::nullopt;
  return mismatch("the header " + name + " says something else than the body");
}

// The member of params that Mcp-Name repeats.
const char* named_member(const std::string& method) {
  if (method == "tools/call" || method == "prompts/get") return "name";
  if (method == "resources/read") return "uri";
  return method.compare(0, 6, "tasks/") == 0 ? "taskId" : nullptr;
}

bool says(const std::string& header, const json& value) {
  if (value.is_string()) return header == value.get<std::string>();
  if (value.is_boolean()) return header == (value.get<bool>() ? "true" : "false");
  const json number = json::parse(header, nullptr, false);
  return number.is_number() && number == value;
}

std::optional<RpcError> check_properties(const json& schema, const json& arguments,
                                         const Headers& headers) {
  const json properties = schema.value("properties", json::object());
  for (const auto& [member, property] : properties.items()) {
    const json value = arguments.is_object() ? arguments.value(member, json()) : json();
    if (property.value("type", json()) == "object") {
      if (auto problem = check_properties(property, value, headers)) return problem;
    }
    const json annotation = property.value("x-mcp-header", json());
    if (!annotation.is_string()) continue;
    const std::string name = "Mcp-Param-" + annotation.get<std::string>();
    const Found found = find_one(headers, name);
    if (value.is_null()) {
      if (found.is_there) return mismatch("the header " + name + " is there without its argument");
      continue;
    }
    if (!found.is_there) return mismatch("the header " + name + " is missing");
    if (!found.value || !says(*found.value, value)) {
      return mismatch("the header " + name + " says something else than the body");
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> decoded_header(std::string_view value) {
  const std::string_view text = trimmed(value);
  const bool is_encoded = text.size() >= kEncodedBegin.size() + kEncodedEnd.size() &&
                          text.substr(0, kEncodedBegin.size()) == kEncodedBegin &&
                          text.substr(text.size() - kEncodedEnd.size()) == kEncodedEnd;
  if (!is_encoded) return std::string(text);
  return crypto::from_base64(
      text.substr(kEncodedBegin.size(), text.size() - kEncodedBegin.size() - kEncodedEnd.size()));
}

std::optional<RpcError> check_version_header(const Request& request, const Headers& headers,
                                             bool accepts_legacy) {
  const json version = request.meta().value(kVersionKey, json());
  if (!version.is_string()) return std::nullopt;  // the envelope's own fault
  auto problem = compare(headers, kVersionHeader, version.get<std::string>());
  if (problem && accepts_legacy) {
    const Found found = find_one(headers, kVersionHeader);
    if (found.value && is_legacy_version(*found.value)) return std::nullopt;
  }
  return problem;
}

std::optional<RpcError> check_standard_headers(const Request& request, const Headers& headers) {
  if (auto problem = compare(headers, "Mcp-Method", request.method)) return problem;
  const char* const member = named_member(request.method);
  if (member == nullptr) return std::nullopt;
  const json name = request.parameters.value(member, json());
  if (!name.is_string()) return std::nullopt;  // the method refuses it
  return compare(headers, "Mcp-Name", name.get<std::string>());
}

std::optional<RpcError> check_parameter_headers(const Request& request, const Headers& headers,
                                                const json& input_schema) {
  if (!input_schema.is_object()) return std::nullopt;
  return check_properties(input_schema, request.parameters.value("arguments", json::object()),
                          headers);
}

}  // namespace openavail::mcp
