#include "mcp/page.h"

#include <charconv>
#include <nlohmann/json.hpp>

#include "crypto/digest.h"

namespace openavail::mcp {
namespace {

using nlohmann::json;

// "<list>:<entries before it>", encoded so that nobody is tempted to count in it.
std::string cursor_of(const std::string& list, std::size_t begin) {
  return crypto::to_base64(list + ":" + std::to_string(begin));
}

std::optional<std::size_t> begin_of(const std::string& list, const std::string& cursor) {
  const auto text = crypto::from_base64(cursor);
  const std::string prefix = list + ":";
  if (!text || text->compare(0, prefix.size(), prefix) != 0) return std::nullopt;
  std::size_t begin = 0;
  const char* const end = text->data() + text->size();
  const auto [stop, problem] = std::from_chars(text->data() + prefix.size(), end, begin);
  if (problem != std::errc{} || stop != end) return std::nullopt;
  return begin;
}

}  // namespace

RpcResult<json> page_of(const std::string& list, const json& entries, const json& parameters,
                        std::size_t entries_max) {
  std::size_t begin = 0;
  if (const auto cursor = parameters.find("cursor"); cursor != parameters.end() && *cursor != "") {
    const auto found =
        cursor->is_string() ? begin_of(list, cursor->get<std::string>()) : std::nullopt;
    if (!found || *found >= entries.size()) {
      return rpc_fail(code::kInvalidParameters, "there is no page of that cursor");
    }
    begin = *found;
  }
  json page = json::array();
  std::size_t at = begin;
  for (; at < entries.size() && page.size() < entries_max; ++at) page.push_back(entries[at]);
  json result = {{list, std::move(page)}};
  if (at < entries.size()) result["nextCursor"] = cursor_of(list, at);
  return result;
}

}  // namespace openavail::mcp
