// The audit log as administrators read it.
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "audit/export_lines.h"
#include "audit/handover.h"
#include "audit/receipt.h"
#include "service/admin_change.h"
#include "service/audit_lines.h"
#include "service/checkpoints.h"

namespace openavail::service {
namespace {

Result<ports::AuditFilter> filter_of(ports::Transaction& tx, const AuditSelection& selection) {
  ports::AuditFilter filter;
  filter.action = selection.action;
  filter.since = selection.since;
  filter.until = selection.until;
  filter.after_seq = selection.after_seq;
  filter.newest_first = selection.newest_first;
  filter.limit = selection.limit;
  if (selection.agent) {
    OA_TRY(const ports::Agent agent, agent_of(tx, *selection.agent));
    filter.agent_id = agent.id;
  }
  if (selection.owner_email) {
    OA_TRY(const ports::Owner owner, owner_of(tx, *selection.owner_email));
    filter.owner_id = owner.id;
  }
  return filter;
}

Status each_row(ports::Transaction& tx, const ports::AuditFilter& filter,
                const std::function<bool(const AuditRow&)>& sink) {
  OA_TRY(const auto emails, emails_of(tx));
  return tx.each_audit(filter, [&](const audit::SealedRow& row) {
    return sink({row, owner_email_of(row, emails)});
  });
}

tl::unexpected<Error> no_row(const std::string& id) {
  return fail(ErrorCode::not_found, "there is no audit row " + id,
              "openavail audit list shows them");
}

// The export's own row comes first and is part of it: the next one resumes behind it.
struct Export {
  ports::AuditFilter filter;
  ports::CheckpointRecord checkpoint;  // whose last row is the export's own
  std::vector<audit::NoteKey> keys;
};
Result<Export> begin_export(const Parts& parts, const AuditSelection& selection) {
  OA_TRY(auto tx, parts.store.begin(ports::Access::write));
  Export made;
  OA_TRY(made.filter, filter_of(*tx, selection));
  OA_TRY_STATUS(record_admin(parts, *tx, "audit.export", {}));
  OA_TRY(made.checkpoint, present_checkpoint(parts, *tx));
  OA_TRY(made.keys, log_keys(*tx));
  OA_TRY_STATUS(tx->commit());
  made.filter.before_seq = made.checkpoint.head.size + 1;
  return made;
}

// What the tables say of the tree, against the leaves as they are read.
class TreeTables {
 public:
  TreeTables(ports::Transaction& tx, const LogSink& sink) : tx_(tx), sink_(sink) {}

  Status take(audit::Hash leaf) {
    for (const audit::Node& node : tree_.append_leaf(std::move(leaf))) {
      if (node.id.level == 0 || node.id.level % 8 != 0) continue;
      const auto kept = tx_.audit_node(node.id);
      if (kept && *kept == node.hash) continue;
      sink_.problem(0, "the tree of rows " + std::to_string(node.id.first() + 1) + " to " +
                           std::to_string(node.id.end()) + " is not that of their leaves");
    }
    return {};
  }

  Status finish() {
    OA_TRY(const audit::CompactRange kept, tx_.audit_tree());
    if (kept.end() != tree_.end() || kept.hashes() != tree_.hashes()) {
      sink_.problem(0, "the tree is of " + std::to_string(kept.end()) + " rows and there are " +
                           std::to_string(tree_.end()) + ", or it is not that of their leaves");
    }
    OA_TRY(const auto misfiled, tx_.misfiled_audit_rows());
    for (const std::int64_t seq : misfiled) {
      sink_.problem(seq, "the row is filed under what it does not say, so filters miss it");
    }
    return {};
  }

 private:
  ports::Transaction& tx_;
  const LogSink& sink_;
  audit::CompactRange tree_;
};

}  // namespace

Result<std::map<std::string, std::string>> emails_of(ports::Transaction& tx) {
  OA_TRY(const auto owners, tx.owners());
  std::map<std::string, std::string> emails;
  for (const ports::Owner& owner : owners) emails[owner.id.text()] = owner.email;
  return emails;
}

std::optional<std::string> owner_email_of(const audit::SealedRow& row,
                                          const std::map<std::string, std::string>& emails) {
  // Of canonical bytes: a quote within a text is escaped, so the first of these is the member, and
  // ids are plain. Parsing each row would cost an export half of its time.
  constexpr std::string_view kMember = R"(,"calendar_owner":")";
  const std::size_t at = row.canonical.find(kMember);
  if (at == row.canonical.npos) return std::nullopt;
  const std::size_t begin = at + kMember.size();
  const auto found =
      emails.find(row.canonical.substr(begin, row.canonical.find('"', begin) - begin));
  if (found == emails.end()) return std::nullopt;
  return found->second;
}

Status Administration::each_audit(const AuditSelection& selection,
                                  const std::function<bool(const AuditRow&)>& sink) {
  OA_TRY(auto tx, parts_.store.begin(ports::Access::read));
  OA_TRY(const auto filter, filter_of(*tx, selection));
  return each_row(*tx, filter, sink);
}

Status Administration::export_audit_rows(const AuditSelection& selection,
                                         const std::function<bool(const AuditRow&)>& sink) {
  OA_TRY(const Export begun, begin_export(parts_, selection));
  OA_TRY(auto tx, parts_.store.begin(ports::Access::read));
  return each_row(*tx, begun.filter, sink);
}

Status Administration::export_audit(const AuditSelection& selection,
                                    const std::function<bool(const std::string&)>& sink) {
  OA_TRY(const Export begun, begin_export(parts_, selection));
  OA_TRY(auto tx, parts_.store.begin(ports::Access::read));
  ExportLines lines(*tx, 0, sink);
  bool goes_on = true;
  Status done;
  OA_TRY_STATUS(each_row(*tx, begun.filter, [&](const AuditRow& row) {
    auto said = lines.row(row.row, row.owner_email);
    if (!said) done = fail(std::move(said).error());
    goes_on = said && *said;
    return goes_on;
  }));
  OA_TRY_STATUS(std::move(done));
  return goes_on ? lines.finish(begun.checkpoint, begun.keys) : Status{};
}

Status Administration::read_log(const LogSink& sink) {
  OA_TRY(auto tx, parts_.store.begin(ports::Access::read));
  OA_TRY(const std::int64_t end, tx->next_audit_seq());
  sink.total(end - 1);
  TreeTables tables(*tx, sink);
  std::optional<ports::CheckpointRecord> checkpoint;
  Status done;
  std::int64_t expected = 1;
  const auto take = [&](const audit::SealedRow& row) -> Status {
    // At the beginning retention may have erased them: the verifier wants to see the row of that.
    if (expected == 1 && row.seq > 1) {
      OA_TRY(const auto erased, audit::read_range(0, row.seq - 1, node_reader(*tx)));
      sink.line(audit::left_out_line(erased));
    }
    const bool is_head = expected == 1;
    if (is_head) {
      OA_TRY(checkpoint, tx->find_checkpoint(row.seq));
    }
    for (; expected < row.seq; ++expected) {
      if (!is_head) sink.problem(expected, "the row's content is gone");
      OA_TRY(audit::Hash leaf, tx->audit_node({0, expected - 1}));
      OA_TRY_STATUS(tables.take(std::move(leaf)));
    }
    ++expected;
    if (row.is_signed() && row.leaf_hash != audit::hash_leaf(row.canonical)) {
      sink.problem(row.seq, "the leaf is not the hash of the row");
    }
    OA_TRY_STATUS(tables.take(row.leaf_hash));
    sink.line(audit::export_line(row, std::nullopt));
    while (checkpoint && checkpoint->head.size <= row.seq) {
      sink.line(audit::checkpoint_line(checkpoint->note));
      OA_TRY(checkpoint, tx->find_checkpoint(checkpoint->head.size + 1));
    }
    return {};
  };
  ports::AuditFilter everything;
  everything.hidden_too = true;
  OA_TRY_STATUS(tx->each_audit(everything, [&](const audit::SealedRow& row) {
    done = take(row);
    return done.has_value();
  }));
  OA_TRY_STATUS(std::move(done));
  for (; checkpoint;) {
    sink.line(audit::checkpoint_line(checkpoint->note));
    OA_TRY(checkpoint, tx->find_checkpoint(checkpoint->head.size + 1));
  }
  return tables.finish();
}

Result<AuditRow> Administration::audit_row(const DecisionId& id) {
  OA_TRY(auto tx, parts_.store.begin(ports::Access::read));
  OA_TRY(const auto row, tx->find_audit(id));
  if (!row) return no_row(id.text());
  OA_TRY(const auto emails, emails_of(*tx));
  return AuditRow{*row, owner_email_of(*row, emails)};
}

Result<AuditRow> Administration::audit_row_named(const std::string& name) {
  const bool is_seq =
      !name.empty() && name.size() < 18 && name.find_first_not_of("0123456789") == name.npos;
  if (!is_seq) return audit_row(DecisionId(name));
  AuditSelection selection;
  selection.after_seq = std::stoll(name) - 1;
  selection.limit = 1;
  std::optional<AuditRow> found;
  OA_TRY_STATUS(each_audit(selection, [&](const AuditRow& row) {
    found = row;
    return false;
  }));
  if (found && std::to_string(found->row.seq) == name) return *found;
  return no_row(name);
}

Result<std::string> Administration::receipt(const DecisionId& id) {
  OA_TRY(auto tx, parts_.store.begin(ports::Access::write));
  OA_TRY(const auto row, tx->find_audit(id));
  if (!row) return no_row(id.text());
  OA_TRY(const auto inclusion, inclusion_of(parts_, *tx, row->seq));
  OA_TRY_STATUS(tx->commit());
  return audit::write_receipt(*row, inclusion);
}

Result<Continuation> Administration::continuation(std::int64_t old_size) {
  OA_TRY(auto tx, parts_.store.begin(ports::Access::write));
  Continuation found;
  OA_TRY(found.checkpoint, present_checkpoint(parts_, *tx));
  const std::int64_t size = found.checkpoint.head.size;
  if (old_size > size) {
    return fail(ErrorCode::verification_failed,
                "the log was cut back: that checkpoint is of " + std::to_string(old_size) +
                    " rows, and the log has " + std::to_string(size));
  }
  OA_TRY(found.proof, audit::prove_consistency(old_size, size, node_reader(*tx)));
  OA_TRY_STATUS(tx->commit());
  return found;
}

Result<ports::CheckpointRecord> Administration::checkpoint() {
  OA_TRY(auto tx, parts_.store.begin(ports::Access::write));
  OA_TRY(auto made, present_checkpoint(parts_, *tx));
  OA_TRY_STATUS(tx->commit());
  return made;
}

Result<std::vector<ports::SigningKeyRecord>> Administration::signing_keys() {
  OA_TRY(auto tx, parts_.store.begin(ports::Access::read));
  return tx->signing_keys();
}

Status Administration::change_signing_key(const audit::SigningKey& next) {
  OA_TRY(auto tx, parts_.store.begin(ports::Access::write));
  OA_TRY(const SigningKeyId old, tx->present_signing_key());
  OA_TRY_STATUS(
      record_admin(parts_, *tx, audit::kHandoverAction, audit::handover_subject(old, next.key())));
  OA_TRY(const Instant now, tx->now(Instant{parts_.clock.wall_ms()}));
  OA_TRY_STATUS(tx->retire_signing_key(old, now));
  OA_TRY_STATUS(tx->insert_signing_key({next.id(), next.public_key().pem(), now, std::nullopt}));
  return tx->commit();
}

}  // namespace openavail::service
