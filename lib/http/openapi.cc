#include "http/openapi.h"

#include <set>

#include "base/error.h"
#include "http/routes.h"
#include "operations/operations.h"

namespace openavail::http {
namespace {

using nlohmann::json;
using operations::OperationInfo;

// Statuses that any call with a key may get besides its own.
constexpr int kUsualErrors[] = {400, 401, 403, 404, 409, 410, 413, 415, 422, 429, 500, 503};

json problem_schema() {
  return {{"type", "object"},
          {"required", {"error", "type", "title", "status"}},
          {"properties",
           {{"type", {{"type", "string"}}},
            {"title", {{"type", "string"}}},
            {"status", {{"type", "integer"}}},
            {"detail", {{"type", "string"}}},
            {"instance", {{"type", "string"}, {"description", "The request's id"}}},
            {"error",
             {{"type", "object"},
              {"required", {"code", "message"}},
              {"properties",
               {{"code", {{"type", "string"}}},
                {"message", {{"type", "string"}}},
                {"next", {{"type", "string"}, {"description", "What to do now"}}},
                {"reason", {{"type", "string"}}}}}}},
            {"pending_notifications", {{"type", "array"}, {"items", {{"type", "object"}}}}}}}};
}

std::set<std::string> members_of_path(const std::string& path) {
  std::set<std::string> members;
  for (auto open = path.find('{'); open != std::string::npos; open = path.find('{', open + 1)) {
    members.insert(path.substr(open + 1, path.find('}', open) - open - 1));
  }
  return members;
}

json parameter(const std::string& name, const char* in, bool required, const json& schema) {
  return {{"name", name}, {"in", in}, {"required", required}, {"schema", schema}};
}

bool is_required(const json& schema, const std::string& name) {
  for (const json& each : schema.value("required", json::array())) {
    if (each == name) return true;
  }
  return false;
}

json responses_of(const OperationInfo& info) {
  json responses;
  responses["200"] = {{"description", "Done"},
                      {"content", {{"application/json", {{"schema", schema_on_rest(info)}}}}}};
  for (const int status : kUsualErrors) {
    if (!info.needs_key && status != 429 && status != 500) continue;
    responses[std::to_string(status)] = {{"$ref", "#/components/responses/Problem"}};
  }
  return responses;
}

json operation_of(const OperationInfo& info) {
  json out = {{"operationId", info.name},
              {"summary", info.title},
              {"description", info.description},
              {"responses", responses_of(info)},
              {"security", info.needs_key ? json{{{"key", json::array()}}} : json::array()}};
  json parameters = json::array();
  const auto in_path = members_of_path(info.rest->path);
  json body = operations::input_schema(info, operations::Spelling::rest);
  const json properties = body.at("properties");
  const bool has_body = info.rest->method == "POST" || info.rest->method == "PATCH";
  for (const auto& [name, schema] : properties.items()) {
    const bool is_path = in_path.count(name) != 0;
    if (is_path || !has_body) {
      parameters.push_back(
          parameter(name, is_path ? "path" : "query", is_path || is_required(body, name), schema));
      body["properties"].erase(name);
    }
  }
  if (body.contains("required")) {
    json left = json::array();
    for (const json& name : body.at("required")) {
      if (body.at("properties").contains(name.get<std::string>())) left.push_back(name);
    }
    body["required"] = left;
    if (left.empty()) body.erase("required");
  }
  if (!info.is_read_only) {
    parameters.push_back(
        parameter("Idempotency-Key", "header", false, {{"type", "string"}, {"maxLength", 255}}));
  }
  if (!parameters.empty()) out["parameters"] = std::move(parameters);
  if (has_body && !body.at("properties").empty()) {
    out["requestBody"] = {{"required", body.contains("required")},
                          {"content", {{"application/json", {{"schema", std::move(body)}}}}}};
  }
  return out;
}

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

}  // namespace

json openapi_document(const std::string& version) {
  json paths = json::object();
  for (const OperationInfo& info : operations::operation_table()) {
    if (!info.rest) continue;
    paths[info.rest->path][lower(info.rest->method)] = operation_of(info);
  }
  return {{"openapi", "3.1.0"},
          {"info",
           {{"title", "Openavail"},
            {"version", version},
            {"description", "Decides every agent's booking by the calendar owner's rules."},
            {"license", {{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}}}}},
          {"servers", {{{"url", "/"}}}},
          {"paths", std::move(paths)},
          {"components",
           {{"securitySchemes",
             {{"key", {{"type", "http"}, {"scheme", "bearer"}, {"bearerFormat", "ak_…"}}}}},
            {"schemas", {{"Problem", problem_schema()}}},
            {"responses",
             {{"Problem",
               {{"description", "Refused, or failed: error.code says why"},
                {"content",
                 {{"application/problem+json",
                   {{"schema", {{"$ref", "#/components/schemas/Problem"}}}}}}}}}}}}}};
}

}  // namespace openavail::http
