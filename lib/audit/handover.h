// The row by which a log changes its signing key: the old key signs it as it signs every row, and
// it holds the new key and that one's signature, so both have said so.
//
// Thread rule: free functions without state.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "audit/entry.h"
#include "base/result.h"
#include "crypto/ed25519.h"

namespace openavail::audit {

inline constexpr const char* kHandoverAction = "audit.rotate_key";

// The subject of that row.
std::vector<std::pair<std::string, std::string>> handover_subject(
    const SigningKeyId& old_key, const crypto::Ed25519PrivateKey& new_key);

// The new key of a row whose signatures are right; nothing in any other row. Errors:
// verification_failed when the new key has not signed.
Result<std::optional<TrustedKey>> next_key_in(const nlohmann::json& row);

}  // namespace openavail::audit
