// Bringing a database to this binary's schema, forward only.
#pragma once

#include "base/result.h"
#include "store/sqlite/connection.h"

namespace openavail::store {

// In one transaction, under the write lock that the caller holds. Errors: internal when the
// database is newer than this binary.
Status migrate(Connection& connection);

// Errors: internal when another binary has migrated meanwhile.
Status check_schema(Connection& connection);

}  // namespace openavail::store
