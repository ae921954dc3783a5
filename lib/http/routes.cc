#include "http/routes.h"

#include <charconv>
#include <optional>

#include "http/headers.h"
#include "operations/json_guard.h"
#include "operations/schema.h"

namespace openavail::http {
namespace {

using nlohmann::json;

std::vector<std::string_view> segments_of(std::string_view path) {
  std::vector<std::string_view> segments;
  while (!path.empty()) {
    if (path.front() != '/') return {};
    path.remove_prefix(1);
    const auto slash = path.find('/');
    segments.push_back(path.substr(0, slash));
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash);
  }
  return segments;
}

bool is_member(std::string_view segment) { return segment.size() > 2 && segment.front() == '{'; }

std::optional<std::map<std::string, std::string>> match(
    const std::string& pattern, const std::vector<std::string_view>& segments) {
  const auto wanted = segments_of(pattern);
  if (wanted.size() != segments.size()) return std::nullopt;
  std::map<std::string, std::string> members;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (!is_member(wanted[i])) {
      if (wanted[i] != segments[i]) return std::nullopt;
      continue;
    }
    const auto value = percent_decoded(segments[i], false);
    if (!value || value->empty()) return std::nullopt;
    members[std::string(wanted[i].substr(1, wanted[i].size() - 2))] = *value;
  }
  return members;
}

Error invalid(const std::string& path, const std::string& message) {
  return Error(ErrorCode::validation_failed, "the request is not valid: " + path + " " + message,
               "mend what issues lists and call again")
      .with_details({{"issues", {{{"path", path}, {"message", message}}}}});
}

// A query has text alone; the schema says what it stands for.
Result<json> typed(const json& schema, const std::string& name, const std::string& text) {
  const std::string type = schema.value("type", "string");
  if (type == "integer") {
    int number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) {
      return fail(invalid("/" + name, "is not a whole number"));
    }
    return json(number);
  }
  if (type == "boolean") {
    if (text != "true" && text != "false") {
      return fail(invalid("/" + name, "is neither true nor false"));
    }
    return json(text == "true");
  }
  return json(text);
}

Status add_query(const operations::OperationInfo& operation, std::string_view query, json& input) {
  if (query.empty()) return {};
  const json& properties = operations::ready_input_schema(operation, operations::Spelling::rest)
                               .document()
                               .at("properties");
  while (!query.empty()) {
    const auto ampersand = query.find('&');
    const std::string_view pair = query.substr(0, ampersand);
    query.remove_prefix(ampersand == std::string_view::npos ? query.size() : ampersand + 1);
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    const auto name = percent_decoded(pair.substr(0, equals), true);
    const auto value = percent_decoded(
        equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1), true);
    if (!name || !value) return fail(invalid("", "a percent escape in the query is damaged"));
    if (input.contains(*name)) return fail(invalid("/" + *name, "occurs twice"));
    const json schema = properties.value(*name, json::object());
    OA_TRY(input[*name], typed(schema, *name, *value));
  }
  return {};
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

Target target_of(const transport::Request& request) {
  const std::string_view target = request.target;
  const auto mark = target.find('?');
  if (mark == std::string_view::npos) return {target, {}};
  return {target.substr(0, mark), target.substr(mark + 1)};
}

std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return out;
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  constexpr std::string_view kUnreserved = "-._~";
  std::string out;
  for (const char c : text) {
    const bool is_alphanumeric =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (is_alphanumeric || kUnreserved.find(c) != std::string_view::npos) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kHex[byte >> 4];
    out += kHex[byte & 0x0f];
  }
  return out;
}

std::variant<Route, NoRoute> find_route(std::string_view method, std::string_view path) {
  const auto segments = segments_of(path);
  NoRoute none;
  for (const operations::OperationInfo& operation : operations::operation_table()) {
    if (!operation.rest) continue;
    auto members = match(operation.rest->path, segments);
    if (!members) continue;
    if (operation.rest->method == method) return Route{&operation, std::move(*members)};
    none.allowed.push_back(operation.rest->method);
  }
  return none;
}

Result<json> input_of(const Route& route, const transport::Request& request) {
  json input = json::object();
  const bool has_body = request.method != "GET" && !request.body.empty();
  if (has_body) {
    if (!is_json(request)) {
      return fail(ErrorCode::unsupported_media_type, "the body has to be JSON in UTF-8",
                  "send Content-Type: application/json");
    }
    OA_TRY(input, operations::parse_json(request.body));
    if (!input.is_object()) return fail(invalid("", "the body has to be a JSON object"));
  }
  for (const auto& [name, value] : route.path_members) {
    if (input.contains(name)) return fail(invalid("/" + name, "stands in the path already"));
    input[name] = value;
  }
  OA_TRY_STATUS(add_query(*route.operation, target_of(request).query, input));
  return input;
}

json as_on_rest(const operations::OperationInfo& operation, json answer) {
  if (operation.rest->below.empty()) return answer;
  json beside = std::move(answer["pending_notifications"]);
  answer.erase("pending_notifications");
  return {{operation.rest->below, std::move(answer)}, {"pending_notifications", std::move(beside)}};
}

json schema_on_rest(const operations::OperationInfo& operation) {
  json schema = operations::output_schema(operation);
  if (const json other = operations::other_output_schema(operation); other.is_object()) {
    return {{"anyOf", {std::move(schema), other}}};
  }
  if (operation.rest->below.empty()) return schema;
  // The bare answer need not name what stands beside it.
  json beside = {{"type", "array"}, {"items", {{"type", "object"}}}};
  json& properties = schema.at("properties");
  if (const auto named = properties.find("pending_notifications"); named != properties.end()) {
    beside = std::move(*named);
    properties.erase(named);
  }
  json inner = json::array();
  for (json& name : schema["required"]) {
    if (name != "pending_notifications") inner.push_back(std::move(name));
  }
  schema["required"] = std::move(inner);
  return {
      {"type", "object"},
      {"required", {operation.rest->below, "pending_notifications"}},
      {"properties",
       {{operation.rest->below, std::move(schema)}, {"pending_notifications", std::move(beside)}}}};
}

json from_rest(const operations::OperationInfo& operation, json answer) {
  if (operation.rest->below.empty()) return answer;
  json bare = std::move(answer.at(operation.rest->below));
  bare["pending_notifications"] = std::move(answer.at("pending_notifications"));
  return bare;
}

}  // namespace openavail::http
