#include "audit/canonical.h"

#include <nlohmann/json.hpp>

#include "base/check.h"
#include "base/limits.h"

namespace openavail::audit {
namespace {

using Json = nlohmann::json;

// Beyond this a JSON number is not exact everywhere.
constexpr std::int64_t kIntegerMax = (std::int64_t{1} << 53) - 1;

bool is_ascii(const std::string& text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

}  // namespace

bool can_be_canonical(const Json& value) {
  switch (value.type()) {
    case Json::value_t::null:
    case Json::value_t::boolean:
    case Json::value_t::string:
      return true;
    case Json::value_t::number_unsigned:
      return value.get<std::uint64_t>() <= static_cast<std::uint64_t>(kIntegerMax);
    case Json::value_t::number_integer:
      return value.get<std::int64_t>() >= -kIntegerMax && value.get<std::int64_t>() <= kIntegerMax;
    case Json::value_t::array:
      return std::all_of(value.begin(), value.end(), can_be_canonical);
    case Json::value_t::object:
      for (const auto& [name, member] : value.items()) {
        if (!is_ascii(name) || !can_be_canonical(member)) return false;
      }
      return true;
    case Json::value_t::number_float:
    case Json::value_t::binary:
    case Json::value_t::discarded:
      return false;
  }
  return false;
}

bool is_shallow(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > limits::kJsonDepthMax) return false;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return true;
}

std::string canonical_json(const Json& value) {
  OA_CHECK(can_be_canonical(value));
  // The library keeps members sorted by byte, which for ASCII is RFC 8785's order, and escapes
  // exactly the quote, the backslash and the control characters, in RFC 8785's forms.
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace openavail::audit
