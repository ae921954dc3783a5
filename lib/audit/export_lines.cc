#include "audit/export_lines.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "audit/canonical.h"
#include "base/limits.h"
#include "crypto/digest.h"

namespace openavail::audit {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kLeftOut = R"({"left_out":)";
constexpr std::string_view kCheckpoint = R"({"checkpoint":)";

tl::unexpected<Error> wrong(const char* what) { return fail(ErrorCode::verification_failed, what); }

bool all_texts(const Json& value) {
  return value.is_array() &&
         std::all_of(value.begin(), value.end(), [](const Json& each) { return each.is_string(); });
}

Result<BesideLine> left_out_in(const Json& value) {
  const auto is_size = [&](const char* name) {
    return value.contains(name) && value.at(name).is_number_integer() && value.at(name) >= 0 &&
           value.at(name) <= kTreeSizeMax;
  };
  if (!value.is_object() || !is_size("after") || !is_size("through") || !value.contains("hashes") ||
      !all_texts(value.at("hashes"))) {
    return wrong("left_out does not say which rows and their hashes");
  }
  std::vector<Hash> hashes;
  for (const Json& text : value.at("hashes")) {
    hashes.push_back(crypto::from_base64(text.get_ref<const std::string&>()).value_or(""));
  }
  OA_TRY(auto range, CompactRange::of(value.at("after").get<std::int64_t>(),
                                      value.at("through").get<std::int64_t>(), std::move(hashes)));
  return LeftOutLine{std::move(range)};
}

Result<BesideLine> checkpoint_in(const Json& line) {
  const Json& note = line.at("checkpoint");
  if (!note.is_string()) return wrong("checkpoint is not a note");
  CheckpointLine found{note.get<std::string>(), {}};
  if (!line.contains("public_keys")) return found;
  if (!all_texts(line.at("public_keys"))) return wrong("public_keys is not a list of vkeys");
  for (const Json& text : line.at("public_keys")) {
    auto key = from_vkey(text.get_ref<const std::string&>());
    if (!key) return wrong("public_keys holds what is no vkey");
    found.keys.push_back(std::move(*key));
  }
  return found;
}

std::string line_of(const BesideLine& line) {
  if (const auto* left_out = std::get_if<LeftOutLine>(&line)) return left_out_line(left_out->range);
  const auto& checkpoint = std::get<CheckpointLine>(line);
  return checkpoint_line(checkpoint.note, checkpoint.keys);
}

bool begins(std::string_view line, std::string_view with) {
  return line.substr(0, with.size()) == with;
}

}  // namespace

std::string left_out_line(const CompactRange& range) {
  Json hashes = Json::array();
  for (const Hash& hash : range.hashes()) hashes.push_back(crypto::to_base64(hash));
  return canonical_json(
      {{"left_out",
        {{"after", range.begin()}, {"hashes", std::move(hashes)}, {"through", range.end()}}}});
}

std::string checkpoint_line(std::string_view note, const std::vector<NoteKey>& keys) {
  Json line = {{"checkpoint", std::string(note)}};
  for (const NoteKey& key : keys) line["public_keys"].push_back(to_vkey(key));
  return canonical_json(line);
}

Result<std::optional<BesideLine>> parse_beside_line(std::string_view line) {
  const bool is_left_out = begins(line, kLeftOut);
  if (!is_left_out && !begins(line, kCheckpoint)) return std::optional<BesideLine>{};
  if (line.size() > limits::kJsonLineBytesMax) return wrong("the line is too long");
  if (!is_shallow(line)) return wrong("the line is too deeply nested");
  const Json parsed = Json::parse(line, nullptr, false);
  if (!parsed.is_object()) return wrong("the line is not a JSON object");
  std::optional<BesideLine> found;
  if (is_left_out) {
    OA_TRY(found, left_out_in(parsed.at("left_out")));
  } else {
    OA_TRY(found, checkpoint_in(parsed));
  }
  // One way to write it, so that every reader reads the same.
  if (line_of(*found) != line) return wrong("the line is not in canonical form");
  return found;
}

}  // namespace openavail::audit
