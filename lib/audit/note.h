// Signed notes (c2sp.org/signed-note) with Ed25519 keys: text, an empty line, a line per signature.
//
// Thread rule: plain values and free functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/ed25519.h"

namespace openavail::audit {

inline constexpr std::size_t kNoteBytesMax = 64 * 1024;
inline constexpr std::size_t kNoteSignaturesMax = 100;

// A key as a note names it. The name is not empty and holds neither white space nor a plus.
struct NoteKey {
  std::string name;
  crypto::Ed25519PublicKey key;
};

bool is_note_name(std::string_view name);

// 4 raw bytes: the beginning of SHA-256(name || 0x0A || 0x01 || key).
std::string note_key_id(const NoteKey& key);

// "name+hex of the id+base64 of 0x01 and the key".
std::string to_vkey(const NoteKey& key);
Result<NoteKey> from_vkey(std::string_view text);  // validation_failed

struct NoteSignature {
  std::string name;
  std::string key_id;     // 4 raw bytes
  std::string signature;  // raw; of a key that we know: 64 bytes
};

struct Note {
  std::string text;  // ends with a newline
  std::vector<NoteSignature> signatures;
};

// `text` is UTF-8, ends with a newline and has no other control characters.
std::string sign_note(const std::string& text, const std::string& name,
                      const crypto::Ed25519PrivateKey& key);

// Says nothing about the signatures yet. Errors: verification_failed.
Result<Note> parse_note(std::string_view bytes);

// That one of `keys` signed it, and that no signature in the name of one of them is wrong.
// Signatures of others are left out of account. Errors: verification_failed.
Status verify_note(const Note& note, const std::vector<NoteKey>& keys);

}  // namespace openavail::audit
