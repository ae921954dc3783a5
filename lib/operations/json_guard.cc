#include "operations/json_guard.h"

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "base/limits.h"

namespace openavail::operations {
namespace {

// Watches the parser's events; builds nothing.
class Guard final : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override {
    keys_.emplace_back();
    return deeper();
  }
  bool end_object() override {
    keys_.pop_back();
    --depth_;
    return true;
  }
  bool start_array(std::size_t) override { return deeper(); }
  bool end_array() override {
    --depth_;
    return true;
  }
  bool key(string_t& name) override {
    if (keys_.back().insert(name).second) return true;
    problem = "a key occurs twice in one object";
    return false;
  }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::json::exception&) override {
    problem = "not JSON, or not UTF-8, at byte " + std::to_string(position);
    return false;
  }

  std::string problem;

 private:
  bool deeper() {
    if (++depth_ <= limits::kJsonDepthMax) return true;
    problem = "nested deeper than " + std::to_string(limits::kJsonDepthMax);
    return false;
  }
  std::vector<std::set<std::string>> keys_;
  int depth_ = 0;
};

}  // namespace

Result<nlohmann::json> parse_json(std::string_view text) {
  Guard guard;
  if (!nlohmann::json::sax_parse(text, &guard)) {
    return fail(Error(ErrorCode::validation_failed, "the input is refused: " + guard.problem,
                      "send one JSON object in UTF-8")
                    .with_details({{"issues", {{{"path", ""}, {"message", guard.problem}}}}}));
  }
  return nlohmann::json::parse(text);
}

}  // namespace openavail::operations
