#include "audit/note.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/utf8.h"
#include "crypto/digest.h"

namespace openavail::audit {
namespace {

constexpr std::string_view kDash = "\xE2\x80\x94 ";  // U+2014
constexpr char kEd25519 = '\x01';
constexpr std::size_t kKeyIdBytes = 4;
constexpr std::size_t kSignatureBytes = 64;

tl::unexpected<Error> wrong(const char* what) { return fail(ErrorCode::verification_failed, what); }

bool is_note_text(std::string_view text) {
  return !text.empty() && text.back() == '\n' && is_utf8(text) &&
         std::all_of(text.begin(), text.end(), [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return byte >= 0x20 || c == '\n';
         });
}

Result<NoteSignature> parse_signature(std::string_view line) {
  if (line.substr(0, kDash.size()) != kDash) return wrong("a signature line of the note is none");
  line.remove_prefix(kDash.size());
  const std::size_t space = line.find(' ');
  if (space == line.npos || !is_note_name(line.substr(0, space))) {
    return wrong("a signature line of the note names no key");
  }
  const auto bytes = crypto::from_base64(line.substr(space + 1));
  if (!bytes || bytes->size() <= kKeyIdBytes) return wrong("a signature of the note is not base64");
  return NoteSignature{std::string(line.substr(0, space)), bytes->substr(0, kKeyIdBytes),
                       bytes->substr(kKeyIdBytes)};
}

}  // namespace

bool is_note_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > ' ' && byte != 0x7f && c != '+';
  });
}

std::string note_key_id(const NoteKey& key) {
  return crypto::sha256(key.name + '\n' + kEd25519 + key.key.raw()).substr(0, kKeyIdBytes);
}

std::string to_vkey(const NoteKey& key) {
  return key.name + '+' + crypto::to_hex(note_key_id(key)) + '+' +
         crypto::to_base64(kEd25519 + key.key.raw());
}

Result<NoteKey> from_vkey(std::string_view text) {
  const auto invalid = [] {
    return fail(ErrorCode::validation_failed, "that is no vkey of an Ed25519 key",
                "give name+id+key, as openavail audit public-key --vkey prints it");
  };
  const std::size_t first = text.find('+');
  const std::size_t second = first == text.npos ? first : text.find('+', first + 1);
  if (second == text.npos || !is_note_name(text.substr(0, first))) return invalid();
  const auto raw = crypto::from_base64(text.substr(second + 1));
  if (!raw || raw->empty() || raw->front() != kEd25519) return invalid();
  auto key = crypto::Ed25519PublicKey::from_raw(std::string_view(*raw).substr(1));
  if (!key) return invalid();
  NoteKey found{std::string(text.substr(0, first)), std::move(*key)};
  if (to_vkey(found) != text) return invalid();
  return found;
}

std::string sign_note(const std::string& text, const std::string& name,
                      const crypto::Ed25519PrivateKey& key) {
  OA_CHECK(is_note_text(text) && is_note_name(name));
  const std::string id = note_key_id({name, key.public_key()});
  return text + '\n' + std::string(kDash) + name + ' ' + crypto::to_base64(id + key.sign(text)) +
         '\n';
}

Result<Note> parse_note(std::string_view bytes) {
  if (bytes.size() > kNoteBytesMax) return wrong("the note is too long");
  if (!is_note_text(bytes)) return wrong("the note is not lines of text");
  const std::size_t empty_line = bytes.rfind("\n\n");
  if (empty_line == bytes.npos) return wrong("the note has no signature");
  Note note;
  note.text = std::string(bytes.substr(0, empty_line + 1));
  bytes.remove_prefix(empty_line + 2);
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    OA_TRY(auto signature, parse_signature(bytes.substr(0, end)));
    note.signatures.push_back(std::move(signature));
    if (note.signatures.size() > kNoteSignaturesMax)
      return wrong("the note has too many signatures");
    bytes.remove_prefix(end + 1);
  }
  if (note.signatures.empty()) return wrong("the note has no signature");
  return note;
}

Status verify_note(const Note& note, const std::vector<NoteKey>& keys) {
  bool is_signed = false;
  for (const NoteSignature& signature : note.signatures) {
    for (const NoteKey& key : keys) {
      if (key.name != signature.name || note_key_id(key) != signature.key_id) continue;
      if (signature.signature.size() != kSignatureBytes ||
          !key.key.verify(note.text, signature.signature)) {
        return wrong("the checkpoint's signature is wrong");
      }
      is_signed = true;
    }
  }
  if (is_signed) return {};
  return wrong("the checkpoint is signed by none of the public keys given");
}

}  // namespace openavail::audit
