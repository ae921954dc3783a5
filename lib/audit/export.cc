// The two forms of the export: JSONL, which can be verified, and CSV, which people read.
#include <nlohmann/json.hpp>

#include "audit/canonical.h"
#include "audit/entry.h"
#include "audit/row_fields.h"
#include "base/check.h"
#include "crypto/digest.h"

namespace openavail::audit {
namespace {

using Json = nlohmann::json;

// Spreadsheets take a cell that begins so for a formula.
bool leads_a_formula(char c) {
  return c == '=' || c == '+' || c == '-' || c == '@' || c == '\t' || c == '\r' || c == '\n';
}

// RFC 4180. The apostrophe makes a spreadsheet show the text as it is.
std::string cell(std::string text) {
  if (!text.empty() && leads_a_formula(text.front())) text.insert(text.begin(), '\'');
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string joined(const Json& texts) {
  std::string all;
  for (const Json& text : texts) {
    if (!all.empty()) all += ' ';
    all += text.get<std::string>();
  }
  return all;
}

std::string cells_of(const Json& value, FieldType type) {
  switch (type) {
    case FieldType::text:
    case FieldType::text_or_null:
      return value.is_null() ? std::string() : cell(value.get<std::string>());
    case FieldType::integer:
      return value.dump();
    case FieldType::interval_or_null:
      if (value.is_null()) return ",";
      return cell(value.at("start").get<std::string>()) + "," +
             cell(value.at("end").get<std::string>());
    case FieldType::texts:
      return cell(joined(value));
    case FieldType::trace:
    case FieldType::text_object:
      return cell(canonical_json(value));
  }
  check_failed("every field type has a cell", __FILE__, __LINE__);
}

// "requested_interval" is two columns: requested_start and requested_end.
std::string interval_columns(std::string_view name) {
  const std::string stem(name.substr(0, name.rfind("interval")));
  return stem + "start," + stem + "end";
}

}  // namespace

std::string export_line(const SealedRow& row, const std::optional<std::string>& owner_email) {
  const Json email = owner_email ? Json(*owner_email) : Json(nullptr);
  const std::string beside = R"("owner_email":)" + canonical_json(email) + R"(,"row":)";
  if (!row.is_signed()) {
    return R"({"leaf_hash":")" + crypto::to_base64(row.leaf_hash) + R"(",)" + beside +
           row.canonical + R"(,"row_signature":null,"signature":null})";
  }
  return '{' + beside + row.canonical + R"(,"row_signature":")" +
         crypto::to_base64(row.row_signature) + R"(","signature":")" +
         crypto::to_base64(row.signature) + R"("})";
}

std::string csv_header() {
  std::string line;
  for (const Field& field : kRowFields) {
    line += field.type == FieldType::interval_or_null ? interval_columns(field.name)
                                                      : std::string(field.name);
    line += ',';
  }
  return line + "owner_email";
}

std::string csv_line(const SealedRow& row, const std::optional<std::string>& owner_email) {
  const Json members = Json::parse(row.canonical, nullptr, false);
  OA_CHECK(!members.is_discarded() && !row_problem(members));
  std::string line;
  for (const Field& field : kRowFields) {
    line += cells_of(members.at(std::string(field.name)), field.type);
    line += ',';
  }
  return line + cell(owner_email.value_or(std::string()));
}

}  // namespace openavail::audit
