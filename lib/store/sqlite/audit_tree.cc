#include "store/sqlite/audit_tree.h"

#include <algorithm>
#include <utility>

#include "store/sqlite/statements.h"

namespace openavail::store {
namespace {

constexpr int kKeptLevels = 8;  // every eighth level is kept: 256 hashes make one

Result<audit::CompactRange> tree_in(std::int64_t size, const std::string& bytes) {
  std::vector<audit::Hash> hashes;
  for (std::size_t at = 0; at < bytes.size(); at += audit::kHashBytes) {
    hashes.push_back(bytes.substr(at, audit::kHashBytes));
  }
  auto tree = audit::CompactRange::of(0, size, std::move(hashes));
  if (!tree) return fail(damaged("the audit tree does not fit its size"));
  return tree;
}

Result<audit::CompactRange> read_tree(Connection& connection) {
  SQLite::Statement& s = connection.statement("SELECT size, hashes FROM audit_tree");
  if (!s.executeStep()) return fail(damaged("there is no audit tree"));
  auto tree = tree_in(s.getColumn(0).getInt64(), blob_at(s, 1));
  s.reset();
  return tree;
}

void write_nodes(Connection& connection, const std::vector<audit::Node>& made) {
  for (const audit::Node& node : made) {
    if (node.id.level == 0 || node.id.level % kKeptLevels != 0) continue;
    SQLite::Statement& s = connection.statement("INSERT INTO audit_nodes VALUES (?, ?, ?)");
    bind_all(s, node.id.level, node.id.index);
    bind_blob(s, 3, node.hash);
    s.exec();
    s.reset();
  }
}

std::string joined(const std::vector<audit::Hash>& hashes) {
  std::string bytes;
  for (const audit::Hash& hash : hashes) bytes += hash;
  return bytes;
}

ports::CheckpointRecord read_checkpoint(SQLite::Statement& s) {
  return {{s.getColumn(0).getInt64(), blob_at(s, 1)}, instant_at(s, 2), text_at(s, 3)};
}

}  // namespace

Status grow_audit_tree(Connection& connection, const audit::Hash& leaf) {
  OA_TRY(audit::CompactRange tree, read_tree(connection));
  write_nodes(connection, tree.append_leaf(leaf));
  SQLite::Statement& s = connection.statement("UPDATE audit_tree SET size = ?, hashes = ?");
  s.bind(1, tree.end());
  bind_blob(s, 2, joined(tree.hashes()));
  s.exec();
  s.reset();
  return {};
}

Status build_audit_tree(Connection& connection) {
  audit::CompactRange tree;
  SQLite::Statement leaves(connection.database(),
                           "SELECT seq, leaf_hash FROM audit_leaves ORDER BY seq");
  while (leaves.executeStep()) {
    if (leaves.getColumn(0).getInt64() != tree.end() + 1) {
      return fail(damaged("audit rows are missing"));
    }
    write_nodes(connection, tree.append_leaf(blob_at(leaves, 1)));
  }
  // Not by an update: it grows with each leaf, and these have been there.
  SQLite::Statement& s = connection.statement("INSERT INTO audit_tree VALUES (1, ?, ?)");
  s.bind(1, tree.end());
  bind_blob(s, 2, joined(tree.hashes()));
  s.exec();
  s.reset();
  return {};
}

Result<audit::CompactRange> SqliteTransaction::audit_tree() {
  return guarded([&]() -> Result<audit::CompactRange> { return read_tree(connection()); });
}

Result<audit::Hash> SqliteTransaction::audit_node(const audit::NodeId& id) {
  // From the kept level below, or the leaves.
  const int kept = id.level - id.level % kKeptLevels;
  const int above = id.level - kept;
  const std::int64_t first = id.index << above;
  const std::int64_t end = (id.index + 1) << above;
  const auto read = [](SQLite::Statement& s) { return blob_at(s, 0); };
  OA_TRY(auto hashes,
         kept == 0 ? rows<audit::Hash>("SELECT leaf_hash FROM audit_leaves WHERE seq > ? AND "
                                       "seq <= ? ORDER BY seq",
                                       read, first, end)
                   : rows<audit::Hash>("SELECT hash FROM audit_nodes WHERE level = ? AND "
                                       "position >= ? AND position < ? ORDER BY position",
                                       read, kept, first, end));
  if (static_cast<std::int64_t>(hashes.size()) != end - first) {
    return fail(damaged("the audit tree lacks a node"));
  }
  for (; hashes.size() > 1; hashes.resize(hashes.size() / 2)) {
    for (std::size_t i = 0; i < hashes.size() / 2; ++i) {
      hashes[i] = audit::hash_node(hashes[2 * i], hashes[2 * i + 1]);
    }
  }
  return std::move(hashes.front());
}

Status SqliteTransaction::insert_checkpoint(const ports::CheckpointRecord& checkpoint) {
  return guarded([&]() -> Status {
    SQLite::Statement& s =
        connection().statement("INSERT INTO audit_checkpoints VALUES (?, ?, ?, ?)");
    s.bind(1, checkpoint.head.size);
    bind_blob(s, 2, checkpoint.head.root);
    bind_value(s, 3, checkpoint.created_at);
    bind_value(s, 4, checkpoint.note);
    s.exec();
    s.reset();
    return {};
  });
}

Result<std::optional<ports::CheckpointRecord>> SqliteTransaction::find_checkpoint(
    std::int64_t size_min) {
  return row<ports::CheckpointRecord>(
      "SELECT size, root, created_ms, note FROM audit_checkpoints WHERE size >= ? ORDER BY size "
      "LIMIT 1",
      read_checkpoint, size_min);
}

Result<std::optional<ports::CheckpointRecord>> SqliteTransaction::last_checkpoint() {
  return row<ports::CheckpointRecord>(
      "SELECT size, root, created_ms, note FROM audit_checkpoints ORDER BY size DESC LIMIT 1",
      read_checkpoint);
}

}  // namespace openavail::store
