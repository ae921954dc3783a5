// Checkpoints (c2sp.org/tlog-checkpoint): what the log says of its tree at one size, as a signed
// note of three lines: origin, size, root.
//
// The origin is "openavail/" and the id of the log's first signing key; it stays when keys change.
//
// Thread rule: plain values and free functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "audit/entry.h"
#include "audit/note.h"
#include "audit/proof.h"
#include "base/result.h"

namespace openavail::audit {

struct Checkpoint {
  std::string origin;
  TreeHead head;
};

std::string origin_of(const SigningKeyId& first_key);

// The text that is signed; its extension lines are none.
std::string checkpoint_text(const Checkpoint& checkpoint);
std::string sign_checkpoint(const Checkpoint& checkpoint, const crypto::Ed25519PrivateKey& key);

// Parses the note and verifies that one of `keys` signed it, under the origin as the key's name.
// Errors: verification_failed, naming what is wrong.
Result<Checkpoint> open_checkpoint(std::string_view note, const std::vector<TrustedKey>& keys);

}  // namespace openavail::audit
