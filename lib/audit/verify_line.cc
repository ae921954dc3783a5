#include <nlohmann/json.hpp>

#include "audit/canonical.h"
#include "audit/entry.h"
#include "audit/row_fields.h"
#include "base/limits.h"
#include "crypto/digest.h"

namespace openavail::audit {
namespace {

using Json = nlohmann::json;

tl::unexpected<Error> wrong(std::string what) {
  return fail(ErrorCode::verification_failed, std::move(what));
}

// True when the text nests at most limits::kJsonDepthMax deep; outside of strings only.
bool shallow(std::string_view text) {
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

std::optional<std::string> signature_of(const Json& line, const char* name) {
  const auto member = line.find(name);
  if (member == line.end() || !member->is_string()) return std::nullopt;
  return crypto::from_base64(member->get_ref<const std::string&>());
}

}  // namespace

Result<std::int64_t> verify_line(std::string_view line, const std::vector<TrustedKey>& keys) {
  if (line.size() > limits::kJsonLineBytesMax) return wrong("the line is too long");
  if (!shallow(line)) return wrong("the line is not an exported row: too deeply nested");
  const Json parsed = Json::parse(line, nullptr, false);
  if (!parsed.is_object()) return wrong("the line is not an exported row: not a JSON object");
  const auto row = parsed.find("row");
  const auto email = parsed.find("owner_email");
  const auto row_signature = signature_of(parsed, "row_signature");
  const auto signature = signature_of(parsed, "signature");
  if (row == parsed.end() || email == parsed.end() || parsed.size() != 4) {
    return wrong(
        "the line is not an exported row: it must hold owner_email, row, row_signature "
        "and signature");
  }
  if (!email->is_null() && !email->is_string()) return wrong("owner_email has the wrong type");
  if (!row_signature || !signature) return wrong("a signature is not base64");
  if (row->is_object() && row->contains("row_version") && row->at("row_version") != kRowVersion) {
    return wrong("the row has a row_version that this program does not know");
  }
  if (auto problem = row_problem(*row)) return wrong(std::move(*problem));
  if (!can_be_canonical(*row)) return wrong("the row is not in canonical form");

  // Whatever a second reader could read differently (white space, escapes, the order of members,
  // a member twice) makes the line differ from the one that is written from what was read here.
  SealedRow sealed;
  sealed.canonical = canonical_json(*row);
  sealed.signature = *signature;
  sealed.row_signature = *row_signature;
  const auto address =
      email->is_null() ? std::nullopt : std::optional<std::string>(email->get<std::string>());
  if (export_line(sealed, address) != line) return wrong("the row is not in canonical form");

  const auto seq = row->at("seq").get<std::int64_t>();
  if (seq < 1) return wrong("seq is not a positive number");
  const SigningKeyId key_id(row->at("signing_key_id").get<std::string>());
  const auto key = std::find_if(keys.begin(), keys.end(),
                                [&](const TrustedKey& trusted) { return trusted.id == key_id; });
  if (key == keys.end()) {
    return wrong("the row names the signing key " + key_id.text() +
                 ", which is none of the public keys given");
  }
  if (!key->key.verify(sealed.canonical, sealed.row_signature)) {
    return wrong("row_signature does not match the row");
  }
  if (!key->key.verify(signed_text_of(*row), sealed.signature)) {
    return wrong("signature does not match the row");
  }
  return seq;
}

}  // namespace openavail::audit
