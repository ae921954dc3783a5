// The audit log of a server, read with a key that has read_audit.
//
// Thread rule: one call at a time; it prints.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "base/result.h"
#include "cmd/gzip_output.h"
#include "cmd/terminal.h"

namespace openavail::cmd {

struct RemoteAudit {
  nlohmann::json filters;  // agent_id, owner_email, action, since, until
  std::string key_file;
};

// Newest first, at most `limit`. Errors of all: those of the key; what the server refuses is
// printed and leaves its exit code in `globals`.
Status list_remote(Globals& globals, const RemoteAudit& audit, int limit);
// Rows behind `after` as they come, one JSON object per line; those of this command's own reading
// are left out.
Status tail_remote(Globals& globals, const RemoteAudit& audit, std::int64_t after, bool follow);
// Every row behind `after` up to now, exactly once.
Status export_remote(Globals& globals, const RemoteAudit& audit, std::int64_t after, bool csv,
                     LineOutput& output);

}  // namespace openavail::cmd
