#include "operations/schema.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "base/check.h"
#include "base/limits.h"
#include "base/nearest.h"
#include "keys/key_text.h"
#include "operations/operations.h"

namespace openavail::operations {
namespace {

using nlohmann::json;

// A member's name as a step of a JSON Pointer (RFC 6901). Names that nobody meant are cut, so that
// an answer stays small whatever came in.
std::string step_of(const std::string& name) {
  std::string step = "/";
  // Before it is cut, which would leave most of a key and no key's form.
  for (const char c : keys::without_keys(name)) {
    const bool is_start =
        (static_cast<unsigned char>(c) & 0xc0U) != 0x80;  // not inside a character
    if (is_start && step.size() > limits::kIssueNameBytesMax) return step + "…";
    if (c == '~') {
      step += "~0";
    } else if (c == '/') {
      step += "~1";
    } else {
      step += c;
    }
  }
  return step;
}

class Issues {
 public:
  void add(const std::string& path, const std::string& message) {
    if (list_.size() < limits::kIssuesMax) list_.push_back({{"path", path}, {"message", message}});
  }
  bool is_full() const { return list_.size() == limits::kIssuesMax; }
  const json& list() const { return list_; }

 private:
  json list_ = json::array();
};

std::string range_of(const json& node, const char* least, const char* most) {
  if (!node.contains(least) && !node.contains(most)) return "";
  if (!node.contains(most)) return " of at least " + node.at(least).dump();
  if (!node.contains(least)) return " of at most " + node.at(most).dump();
  if (node.at(least) == node.at(most)) return " of " + node.at(most).dump();
  return " of " + node.at(least).dump() + " to " + node.at(most).dump();
}

// What a member has to be, in the words of its schema.
std::string expectation(const json& node) {
  if (node.contains("enum")) {
    std::string words;
    for (const json& word : node.at("enum")) {
      words += (words.empty() ? "" : ", ") + word.get<std::string>();
    }
    return "has to be one of: " + words;
  }
  const std::string type = node.value("type", "value");
  if (type == "integer") return "has to be an integer" + range_of(node, "minimum", "maximum");
  if (type == "array") {
    const std::string range = range_of(node, "minItems", "maxItems");
    return "has to be an array" + range + (range.empty() ? "" : " entries");
  }
  if (type == "string") {
    const std::string range = range_of(node, "minLength", "maxLength");
    return "has to be a string" + range + (range.empty() ? "" : " bytes");
  }
  return "has to be " + std::string(type == "object" ? "an " : "a ") + type;
}

std::string unknown_member(const std::string& name, const json& properties) {
  std::vector<std::string> known;
  std::string all;
  for (const auto& [other, ignored] : properties.items()) {
    known.push_back(other);
    all += (all.empty() ? "" : ", ") + other;
  }
  if (known.empty()) return "unknown member; there are none";
  const std::string nearest = nearest_name(name, known);
  return "unknown member; " +
         (nearest.empty() ? "known are: " + all : "did you mean " + nearest + "?");
}

// valijson says of an unknown member only that it is not allowed, where callers want to know which
// one they may have meant; and it counts characters, where calendars and limits count bytes.
void find_unknown_and_long(const json& schema, const json& value, const std::string& path,
                           Issues& issues) {
  if (issues.is_full()) return;
  if (value.is_string() && schema.contains("maxLength") &&
      value.get_ref<const std::string&>().size() > schema.at("maxLength").get<std::size_t>()) {
    issues.add(path, expectation(schema));
  }
  if (value.is_array() && schema.contains("items")) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      find_unknown_and_long(schema.at("items"), value[i], path + "/" + std::to_string(i), issues);
    }
  }
  if (!value.is_object() || !schema.contains("properties")) return;
  const json& properties = schema.at("properties");
  const bool is_closed = schema.value("additionalProperties", true) == false;
  for (const auto& [name, member] : value.items()) {
    if (issues.is_full()) return;
    if (properties.contains(name)) {
      find_unknown_and_long(properties.at(name), member, path + step_of(name), issues);
      continue;
    }
    if (!is_closed) continue;
    issues.add(path + step_of(name), unknown_member(name, properties));
  }
}

// valijson's report of one failed rule, in words that say what to send. Of a failure inside a
// member it also reports every object around it; those are nothing to mend.
void explain(const json& schema, const valijson::ValidationResults::Error& error, Issues& issues) {
  const std::string around[] = {"Failed to validate against schema", "Failed to validate item"};
  for (const std::string& start : around) {
    if (error.description.rfind(start, 0) == 0) return;
  }
  std::string path;
  const json* node = &schema;
  for (const std::string& part : error.context) {
    if (part == "<root>") continue;
    // valijson writes "[name]".
    const std::string name =
        part.size() > 2 && part.front() == '[' ? part.substr(1, part.size() - 2) : part;
    path += step_of(name);
    if (node->contains("properties") && node->at("properties").contains(name)) {
      node = &node->at("properties").at(name);
    } else if (node->contains("items")) {
      node = &node->at("items");
    }
  }
  const std::string missing = "Missing required property '";
  if (error.description.rfind(missing, 0) == 0) {
    const auto end = error.description.find('\'', missing.size());
    issues.add(path + "/" + error.description.substr(missing.size(), end - missing.size()),
               "is missing");
  } else {
    issues.add(path, expectation(*node));
  }
}

}  // namespace

struct InputSchema::Ready {
  explicit Ready(json schema) : document(std::move(schema)) {
    valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
    parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(document), parsed);
  }
  const json document;
  valijson::Schema parsed;
};

InputSchema::InputSchema(json document)
    : ready_(std::make_unique<const Ready>(std::move(document))) {}
InputSchema::~InputSchema() = default;

const json& InputSchema::document() const { return ready_->document; }

Status InputSchema::validate(const json& input) const {
  const json& schema = ready_->document;
  Issues issues;
  find_unknown_and_long(schema, input, "", issues);
  if (issues.list().empty()) {
    valijson::Validator validator;  // keeps expressions that it made: each call has its own
    valijson::ValidationResults results;
    const valijson::adapters::NlohmannJsonAdapter target(input);
    if (validator.validate(ready_->parsed, target, &results)) return {};
    valijson::ValidationResults::Error error;
    while (results.popError(error)) explain(schema, error, issues);
  }
  if (issues.list().empty()) issues.add("", "does not fit the schema of this input");
  const json& first = issues.list().front();
  const std::string path = first.at("path");
  return fail(Error(ErrorCode::validation_failed,
                    "the input is not valid: " + (path.empty() ? "it" : path) + " " +
                        first.at("message").get<std::string>(),
                    "mend what issues lists and call again")
                  .with_details({{"issues", issues.list()}}));
}

Status validate(const json& schema, const json& input) {
  return InputSchema(schema).validate(input);
}

const InputSchema& ready_input_schema(const OperationInfo& info, Spelling spelling) {
  struct Kept {
    std::once_flag once;
    std::unique_ptr<const InputSchema> schema;
  };
  using BySpelling = std::array<Kept, 2>;
  const std::vector<OperationInfo>& table = operation_table();
  static const auto kept = std::make_unique<BySpelling[]>(table.size());
  const auto place = static_cast<std::size_t>(&info - table.data());
  OA_CHECK(place < table.size());
  Kept& wanted = kept[place][spelling == Spelling::tool ? 1 : 0];
  std::call_once(wanted.once, [&] {
    wanted.schema = std::make_unique<const InputSchema>(input_schema(info, spelling));
  });
  return *wanted.schema;
}

}  // namespace openavail::operations
