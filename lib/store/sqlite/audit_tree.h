// Internal to this room: the audit log's Merkle tree in tables. One row holds the subtrees that the
// tree consists of; of the others those of 256 leaves, 65,536 and so on are kept, and what lies
// between is computed from these. So an append touches one row, and every 256th time two.
#pragma once

#include "audit/merkle.h"
#include "base/result.h"
#include "store/sqlite/connection.h"

namespace openavail::store {

// Takes one more leaf into the tree, in the transaction that inserts the leaf. Throws as SQLiteCpp.
Status grow_audit_tree(Connection& connection, const audit::Hash& leaf);

// Takes all leaves into a tree that is empty: for a database that had none.
Status build_audit_tree(Connection& connection);

}  // namespace openavail::store
