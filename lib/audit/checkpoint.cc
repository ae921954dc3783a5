#include "audit/checkpoint.h"

#include <charconv>
#include <utility>

#include "base/check.h"
#include "crypto/digest.h"

namespace openavail::audit {
namespace {

tl::unexpected<Error> wrong(const char* what) { return fail(ErrorCode::verification_failed, what); }

// Takes a line off the text.
std::optional<std::string_view> next_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == text.npos) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

std::optional<std::int64_t> size_in(std::string_view text) {
  std::int64_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  const bool is_whole = error == std::errc() && end == text.data() + text.size();
  // One way to write a number: no sign, no zeros in front.
  if (!is_whole || size > kTreeSizeMax || std::to_string(size) != text || size < 0) {
    return std::nullopt;
  }
  return size;
}

}  // namespace

std::string origin_of(const SigningKeyId& first_key) { return "openavail/" + first_key.text(); }

std::string checkpoint_text(const Checkpoint& checkpoint) {
  OA_CHECK(is_note_name(checkpoint.origin) && checkpoint.head.root.size() == kHashBytes);
  return checkpoint.origin + '\n' + std::to_string(checkpoint.head.size) + '\n' +
         crypto::to_base64(checkpoint.head.root) + '\n';
}

std::string sign_checkpoint(const Checkpoint& checkpoint, const crypto::Ed25519PrivateKey& key) {
  return sign_note(checkpoint_text(checkpoint), checkpoint.origin, key);
}

Result<Checkpoint> open_checkpoint(std::string_view bytes, const std::vector<TrustedKey>& keys) {
  OA_TRY(const Note note, parse_note(bytes));
  std::string_view text = note.text;
  const auto origin = next_line(text);
  const auto size_text = next_line(text);
  const auto root_text = next_line(text);
  if (!origin || !size_text || !root_text) return wrong("the checkpoint has too few lines");
  if (!text.empty()) return wrong("the checkpoint has lines that this program does not know");
  if (!is_note_name(*origin)) return wrong("the checkpoint names no log");
  const auto size = size_in(*size_text);
  if (!size) return wrong("the checkpoint's size is not a number of rows");
  const auto root = crypto::from_base64(*root_text);
  if (!root || root->size() != kHashBytes) return wrong("the checkpoint's root is not a hash");
  std::vector<NoteKey> named;
  for (const TrustedKey& key : keys) named.push_back({std::string(*origin), key.key});
  OA_TRY_STATUS(verify_note(note, named));
  return Checkpoint{std::string(*origin), {*size, *root}};
}

}  // namespace openavail::audit
