// Checkpoints that are kept away from the log, so that a log which was cut back or rewritten shows.
//
// Thread rule: free functions; one call at a time for a folder.
#pragma once

#include <string>
#include <vector>

#include "audit/checkpoint.h"
#include "base/entropy.h"
#include "base/result.h"

namespace openavail::cmd {

// The checkpoint note in a file: a note alone, the last one of an export, or that of a receipt.
// Errors: not_found, verification_failed when there is none.
Result<std::string> read_note(const std::string& path);

// All that a witness kept, verified, by size: a folder of checkpoint-….txt, or one file as above.
// Errors: not_found; verification_failed, naming the file.
Result<std::vector<audit::Checkpoint>> read_witness(const std::string& path,
                                                    const std::vector<audit::TrustedKey>& keys);

// Puts a note of `size` rows into the folder, which is made where it is missing. What is there
// stays as it is. Errors: internal, verification_failed when another of that size is there.
Status keep_note(const std::string& folder, std::int64_t size, const std::string& note);

// Sends it to an address, as POST text/plain. Errors: validation_failed, internal.
Status send_note(const std::string& url, const std::string& ca_file, const std::string& note);

}  // namespace openavail::cmd
