// Files that hold a secret: mode 0600, made once, never replaced (security design, B2 and N).
//
// Thread rule: free functions, any thread and any number of processes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/entropy.h"
#include "base/result.h"
#include "crypto/secret_bytes.h"

namespace openavail::crypto {

inline constexpr std::size_t kPrivateFileBytesMax = 64 * 1024;

// Makes `path` with exactly `contents` and mode 0600, whatever the umask, and makes sure that it is
// on the disk. The name appears only when the contents are whole; of two that make it at once, one
// wins. Errors: state_conflict if something of that name exists (and stays as it is), internal.
Status create_private_file(const std::string& path, std::string_view contents, Entropy& entropy);

// The contents. Refused is a file that is no regular file, that another user owns, that group or
// others may read, write or execute, or that is larger than kPrivateFileBytesMax. Errors: internal;
// which file and why is in the operator's detail.
Result<SecretText> load_private_file(const std::string& path);

}  // namespace openavail::crypto
