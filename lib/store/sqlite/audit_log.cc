// The audit log: leaves that never change, contents beside them.
#include <nlohmann/json.hpp>

#include "store/sqlite/audit_tree.h"
#include "store/sqlite/statements.h"

namespace openavail::store {
namespace {

audit::SealedRow read_row(SQLite::Statement& s) {
  audit::SealedRow row;
  row.seq = s.getColumn(0).getInt64();
  row.canonical = text_at(s, 1);
  row.leaf_hash = blob_at(s, 2);
  row.signature = blob_at(s, 3);  // empty where there is none
  row.row_signature = blob_at(s, 4);
  row.signing_key_id = SigningKeyId(text_at(s, 5));
  return row;
}

constexpr const char* kSelect =
    "SELECT c.seq, c.canonical, l.leaf_hash, l.signature, l.row_signature, l.signing_key_id "
    "FROM audit_contents c JOIN audit_leaves l ON l.seq = c.seq";

}  // namespace

Result<std::int64_t> SqliteTransaction::next_audit_seq() {
  OA_TRY(const auto last, row<std::int64_t>("SELECT coalesce(max(seq), 0) FROM audit_leaves",
                                            [](SQLite::Statement& s) -> std::int64_t {
                                              return s.getColumn(0).getInt64();
                                            }));
  return last.value_or(0) + 1;
}

Status SqliteTransaction::append_audit(const audit::Entry& entry, const audit::SealedRow& sealed) {
  OA_TRY_STATUS(guarded([&]() -> Status {
    SQLite::Statement& s =
        connection().statement("INSERT INTO audit_leaves VALUES (?, ?, ?, ?, ?)");
    s.bind(1, sealed.seq);
    bind_blob(s, 2, sealed.leaf_hash);
    if (sealed.is_signed()) {
      bind_blob(s, 3, sealed.signature);
      bind_blob(s, 4, sealed.row_signature);
    }
    s.bind(5, sealed.signing_key_id.text());
    s.exec();
    s.reset();
    return {};
  }));
  OA_TRY_STATUS(guarded([&] { return grow_audit_tree(connection(), sealed.leaf_hash); }));
  return run("INSERT INTO audit_contents VALUES (?, ?, ?, ?, ?, ?, ?, ?)", sealed.seq,
             entry.decision_id, std::string(audit::to_text(entry.kind)), entry.action,
             entry.agent_id, entry.calendar_owner, entry.timestamp, sealed.canonical);
}

Result<std::optional<audit::SealedRow>> SqliteTransaction::find_audit(const DecisionId& id) {
  static const std::string sql = std::string(kSelect) +
                                 " WHERE c.decision_id = ? AND "
                                 "c.seq > (SELECT hidden_through FROM audit_retention)";
  return row<audit::SealedRow>(sql.c_str(), read_row, id);
}

Status SqliteTransaction::each_audit(const ports::AuditFilter& filter,
                                     const std::function<bool(const audit::SealedRow&)>& sink) {
  return guarded([&]() -> Status {
    std::string sql = kSelect;
    std::vector<std::function<void(SQLite::Statement&, int)>> bindings;
    const auto add = [&](const char* condition, const auto& value) {
      if (!value) return;
      sql += bindings.empty() ? " WHERE " : " AND ";
      sql += condition;
      bindings.emplace_back(
          [held = *value](SQLite::Statement& s, int i) { bind_value(s, i, held); });
    };
    std::optional<std::string> kind;
    if (filter.kind) kind = std::string(audit::to_text(*filter.kind));
    add("c.agent_id = ?", filter.agent_id);
    add("c.owner_id = ?", filter.owner_id);
    add("c.action = ?", filter.action);
    add("c.kind = ?", kind);
    // The plus keeps SQLite from walking the index by time, which would need a sort of all rows
    // found. Where to start is read from that index alone: rows of a group may be written a little
    // after their time, so time and order are not the same.
    add("c.seq >= (SELECT min(seq) FROM audit_contents WHERE timestamp_ms >= ?)", filter.since);
    add("+c.timestamp_ms >= ?", filter.since);
    add("+c.timestamp_ms < ?", filter.until);
    add("c.seq > max(?, (SELECT hidden_through FROM audit_retention))",
        filter.hidden_too ? std::nullopt : std::optional(filter.after_seq.value_or(0)));
    add("c.seq > ?", filter.hidden_too ? filter.after_seq : std::nullopt);
    add("c.seq < ?", filter.before_seq);
    if (filter.scope) {
      nlohmann::json owners = nlohmann::json::array();
      for (const OwnerId& owner : filter.scope->owners) owners.push_back(owner.text());
      const std::optional<std::string> list = owners.dump();
      add("(c.owner_id IS NULL OR c.owner_id IN (SELECT value FROM json_each(?)))", list);
      add("(c.owner_id IS NOT NULL OR c.agent_id = ?)", std::optional(filter.scope->agent_id));
    }
    sql += filter.newest_first ? " ORDER BY c.seq DESC" : " ORDER BY c.seq";
    sql += " LIMIT " + std::to_string(filter.limit.value_or(-1));
    SQLite::Statement s(connection().database(), sql);
    for (std::size_t i = 0; i < bindings.size(); ++i) bindings[i](s, static_cast<int>(i) + 1);
    while (s.executeStep()) {
      if (!sink(read_row(s))) break;
    }
    return {};
  });
}

Result<ports::AuditRetention> SqliteTransaction::audit_retention() {
  OA_TRY(const auto found,
         row<ports::AuditRetention>(
             "SELECT hidden_through, hidden_ms, erased_through FROM audit_retention",
             [](SQLite::Statement& s) {
               return ports::AuditRetention{s.getColumn(0).getInt64(), instant_at(s, 1),
                                            s.getColumn(2).getInt64()};
             }));
  return found.value_or(ports::AuditRetention{});
}

Status SqliteTransaction::set_audit_retention(const ports::AuditRetention& retention) {
  return run("UPDATE audit_retention SET hidden_through = ?, hidden_ms = ?, erased_through = ?",
             retention.hidden_through, retention.hidden_at, retention.erased_through);
}

Result<std::int64_t> SqliteTransaction::last_audit_before(Instant at) {
  OA_TRY(const auto first,
         row<std::int64_t>(
             "SELECT coalesce((SELECT min(seq) FROM audit_contents WHERE timestamp_ms >= ?), "
             "(SELECT max(seq) + 1 FROM audit_leaves), 1)",
             [](SQLite::Statement& s) -> std::int64_t { return s.getColumn(0).getInt64(); }, at));
  return first.value_or(1) - 1;
}

Status SqliteTransaction::erase_audit_contents(std::int64_t through) {
  return run("DELETE FROM audit_contents WHERE seq <= ?", through);
}

Result<std::vector<std::int64_t>> SqliteTransaction::misfiled_audit_rows() {
  return rows<std::int64_t>(
      "SELECT c.seq FROM audit_contents c JOIN audit_leaves l ON l.seq = c.seq WHERE "
      "NOT json_valid(c.canonical) OR c.seq IS NOT c.canonical ->> '$.seq' OR "
      "c.decision_id IS NOT c.canonical ->> '$.decision_id' OR "
      "c.kind IS NOT c.canonical ->> '$.kind' OR c.action IS NOT c.canonical ->> '$.action' OR "
      "c.agent_id IS NOT c.canonical ->> '$.agent_id' OR "
      "c.owner_id IS NOT c.canonical ->> '$.calendar_owner' OR "
      "l.signing_key_id IS NOT c.canonical ->> '$.signing_key_id' OR "
      "c.timestamp_ms IS NOT CAST(round((julianday(c.canonical ->> '$.timestamp') - 2440587.5) "
      "* 86400000) AS INTEGER) ORDER BY c.seq LIMIT 100",
      [](SQLite::Statement& s) -> std::int64_t { return s.getColumn(0).getInt64(); });
}

Status SqliteTransaction::insert_signing_key(const ports::SigningKeyRecord& key) {
  return run("INSERT INTO signing_keys VALUES (?, ?, ?, ?)", key.id, key.public_key_pem,
             key.created_at, key.retired_at);
}

Result<std::vector<ports::SigningKeyRecord>> SqliteTransaction::signing_keys() {
  return rows<ports::SigningKeyRecord>(
      "SELECT id, public_key_pem, created_ms, retired_ms FROM signing_keys ORDER BY rowid",
      [](SQLite::Statement& s) {
        return ports::SigningKeyRecord{SigningKeyId(text_at(s, 0)), text_at(s, 1), instant_at(s, 2),
                                       maybe_instant_at(s, 3)};
      });
}

Result<SigningKeyId> SqliteTransaction::present_signing_key() {
  OA_TRY(const auto found,
         row<SigningKeyId>("SELECT id FROM signing_keys WHERE retired_ms IS NULL",
                           [](SQLite::Statement& s) { return SigningKeyId(text_at(s, 0)); }));
  if (!found) return fail(damaged("no signing key is in use"));
  return *found;
}

Status SqliteTransaction::retire_signing_key(const SigningKeyId& id, Instant at) {
  return run("UPDATE signing_keys SET retired_ms = ? WHERE id = ?", at, id);
}

}  // namespace openavail::store
