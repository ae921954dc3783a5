// The audit log as agents with read_audit see it: as far as their owner scope goes.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "service/admin_change.h"
#include "service/agent_service.h"
#include "service/audit_lines.h"
#include "service/checkpoints.h"
#include "service/cursor.h"
#include "service/use.h"

namespace openavail::service {
namespace {

using policy::Permission;

std::string cursor_filters(const DecisionQuery& query) {
  return nlohmann::json{"decisions",
                        query.agent_id.value_or(""),
                        query.owner_email.value_or(""),
                        query.action.value_or(""),
                        query.since ? query.since->unix_ms : -1,
                        query.until ? query.until->unix_ms : -1}
      .dump();
}

// Nothing: the agent reads all of the log.
std::optional<ports::AuditScope> scope_of(const ports::Agent& agent) {
  if (agent.is_for_all_owners) return std::nullopt;
  return ports::AuditScope{agent.owners, agent.id};
}

// An owner or an agent that the caller may know nothing of looks like one that is not there.
Result<ports::AuditFilter> filter_of(ports::Transaction& tx, const ports::Agent& caller,
                                     const DecisionQuery& query) {
  ports::AuditFilter filter;
  filter.scope = scope_of(caller);
  if (query.agent_id) {
    const auto agent = agent_of(tx, *query.agent_id);
    if (!agent && !filter.scope) return fail(agent.error());
    filter.agent_id = agent ? agent->id : AgentId(*query.agent_id);
  }
  if (query.owner_email) {
    OA_TRY(const auto owner, tx.find_owner_by_address(*query.owner_email));
    if (!owner || !in_scope(caller, owner->id)) {
      return fail(ErrorCode::owner_scope_denied, "this agent may not read that owner's decisions",
                  "use an owner of this agent's scope (get-agent-context lists them)");
    }
    filter.owner_id = owner->id;
  }
  filter.action = query.action;
  filter.since = query.since;
  filter.until = query.until;
  return filter;
}

// The same for one row: it says itself whom it is about.
bool may_read(const ports::Agent& caller, const audit::SealedRow& row) {
  if (caller.is_for_all_owners) return true;
  const auto fields = nlohmann::json::parse(row.canonical);
  const auto text_of = [&fields](const char* name) {
    const auto found = fields.find(name);
    return found != fields.end() && found->is_string() ? found->get<std::string>() : "";
  };
  const std::string owner = text_of("calendar_owner");
  if (owner.empty()) return text_of("agent_id") == caller.id.text();
  return in_scope(caller, OwnerId(owner));
}

Result<std::vector<AuditLine>> rows_of(ports::Transaction& tx, const ports::AuditFilter& filter) {
  OA_TRY(const auto emails, emails_of(tx));
  std::vector<AuditLine> rows;
  OA_TRY_STATUS(tx.each_audit(filter, [&](const audit::SealedRow& row) {
    rows.push_back({row, owner_email_of(row, emails), {}});
    return true;
  }));
  return rows;
}

// An export ends with a checkpoint: the first page's is of everything up to its own row. Who names
// another end gets the next checkpoint behind it.
Result<ports::CheckpointRecord> end_of_export(const Parts& parts, ports::Transaction& tx,
                                              const std::optional<std::int64_t>& until_seq) {
  if (until_seq) {
    OA_TRY(auto found, tx.find_checkpoint(std::max<std::int64_t>(*until_seq, 1)));
    if (found) return std::move(*found);
  }
  return present_checkpoint(parts, tx);
}

}  // namespace

Result<DecisionList> AgentService::decisions(const AgentCall& call, const DecisionQuery& query) {
  Use use(parts_, call, "decisions");
  bool has_row = false;
  auto answer = [&]() -> Result<DecisionList> {
    OA_TRY(auto tx, parts_.store.begin(ports::Access::write));
    OA_TRY(const Authorized who, use.authorize(*tx, Permission::read_audit));
    OA_TRY(ports::AuditFilter filter, filter_of(*tx, who.agent, query));
    filter.newest_first = true;
    filter.limit = query.limit + 1;
    if (query.cursor) {
      OA_TRY(const auto position, open_cursor(parts_, *query.cursor, cursor_filters(query)));
      filter.before_seq = position.at(0).get<std::int64_t>();
    }
    DecisionList list;
    OA_TRY(list.rows, rows_of(*tx, filter));
    if (static_cast<int>(list.rows.size()) > query.limit) {
      list.rows.pop_back();
      OA_TRY(list.next_cursor,
             seal_cursor(parts_, nlohmann::json::array({list.rows.back().row.seq}),
                         cursor_filters(query)));
    }
    OA_TRY_STATUS(use.record(*tx, audit::Kind::access, "decisions"));
    OA_TRY_STATUS(tx->commit());
    has_row = true;
    return list;
  }();
  if (!answer && !has_row) return fail(use.refuse(std::move(answer).error()));
  return answer;
}

Result<AuditLine> AgentService::decision(const AgentCall& call, const DecisionId& id) {
  Use use(parts_, call, "decision");
  auto answer = [&]() -> Result<AuditLine> {
    OA_TRY(auto tx, parts_.store.begin(ports::Access::write));
    OA_TRY(const Authorized who, use.authorize(*tx, Permission::read_audit));
    OA_TRY(const auto row, tx->find_audit(id));
    if (!row || !may_read(who.agent, *row)) {
      return fail(ErrorCode::not_found, "there is no such decision", "list the decisions");
    }
    OA_TRY(const auto emails, emails_of(*tx));
    AuditLine line{*row, owner_email_of(*row, emails), {}};
    OA_TRY(line.inclusion, inclusion_of(parts_, *tx, row->seq));
    OA_TRY_STATUS(use.record(*tx, audit::Kind::access, "decision"));
    OA_TRY_STATUS(tx->commit());
    return line;
  }();
  if (!answer) return fail(use.refuse(std::move(answer).error()));
  return answer;
}

Result<ExportPage> AgentService::export_audit(const AgentCall& call, const ExportQuery& query) {
  Use use(parts_, call, "audit.export");
  auto answer = [&]() -> Result<ExportPage> {
    OA_TRY(auto tx, parts_.store.begin(ports::Access::write));
    OA_TRY(const Authorized who, use.authorize(*tx, Permission::read_audit));
    OA_TRY(ports::AuditFilter filter, filter_of(*tx, who.agent, query.filters));
    // The export's own row comes first and is part of it, as on the command line.
    OA_TRY_STATUS(use.record(*tx, audit::Kind::admin, "audit.export"));
    ExportPage page;
    page.leaves_rows_out = filter.scope || filter.agent_id || filter.owner_id || filter.action ||
                           filter.since || filter.until;
    page.last_seq = query.after_seq;
    OA_TRY(const auto checkpoint, end_of_export(parts_, *tx, query.until_seq));
    page.until_seq = checkpoint.head.size;
    filter.after_seq = query.after_seq;
    filter.before_seq = page.until_seq + 1;
    filter.limit = query.filters.limit + 1;
    OA_TRY(auto rows, rows_of(*tx, filter));
    page.is_complete = static_cast<int>(rows.size()) <= query.filters.limit;
    if (!page.is_complete) rows.pop_back();
    if (!rows.empty()) page.last_seq = rows.back().row.seq;
    // Later pages go on behind the last row of the page before; the first accounts for all.
    ExportLines lines(*tx, query.until_seq ? query.after_seq : 0, [&](const std::string& line) {
      page.lines.push_back(line);
      return true;
    });
    for (const AuditLine& line : rows) {
      OA_TRY_STATUS(lines.row(line.row, line.owner_email).map([](bool) {}));
    }
    if (page.is_complete) {
      OA_TRY(const auto keys, log_keys(*tx));
      OA_TRY_STATUS(lines.finish(checkpoint, keys));
    }
    OA_TRY_STATUS(tx->commit());
    return page;
  }();
  if (!answer) return fail(use.refuse(std::move(answer).error()));
  return answer;
}

Result<std::vector<ports::SigningKeyRecord>> AgentService::signing_keys() {
  OA_TRY(auto tx, parts_.store.begin(ports::Access::read));
  return tx->signing_keys();
}

}  // namespace openavail::service
