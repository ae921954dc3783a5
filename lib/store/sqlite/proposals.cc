// Proposals.
#include <nlohmann/json.hpp>

#include "store/sqlite/statements.h"

namespace openavail::store {
namespace {

#define PROPOSAL_COLUMNS                                                                  \
  "id, owner_id, agent_id, class_id, calendar_id, status, duration_ms, window_start_ms, " \
  "window_end_ms, created_ms, expires_ms, available_count, curated, candidates, "         \
  "sealed_text, sealed_note, approved_candidate, booking_id, decision"

// Bytes, where `bind` would take text.
struct Blob {
  const std::optional<std::string>& bytes;
};

void bind_value(SQLite::Statement& s, int i, const Blob& v) {
  if (v.bytes) {
    s.bind(i, v.bytes->data(), static_cast<int>(v.bytes->size()));
  } else {
    s.bind(i);
  }
}

std::string to_json(const std::vector<ports::ProposalCandidate>& candidates) {
  nlohmann::json list = nlohmann::json::array();
  for (const ports::ProposalCandidate& c : candidates) {
    list.push_back({c.id, c.interval.start.unix_ms, c.interval.end.unix_ms, c.rank, c.is_preferred,
                    c.is_preemptable, c.invalid_reason});
  }
  return list.dump();
}

std::vector<ports::ProposalCandidate> candidates_of(const std::string& text) {
  std::vector<ports::ProposalCandidate> candidates;
  for (const nlohmann::json& row : nlohmann::json::parse(text)) {
    ports::ProposalCandidate c;
    c.id = row.at(0).get<std::string>();
    c.interval = {{row.at(1).get<std::int64_t>()}, {row.at(2).get<std::int64_t>()}};
    c.rank = row.at(3).get<int>();
    c.is_preferred = row.at(4).get<bool>();
    c.is_preemptable = row.at(5).get<bool>();
    c.invalid_reason = row.at(6).get<std::string>();
    candidates.push_back(std::move(c));
  }
  return candidates;
}

ports::Proposal read_proposal(SQLite::Statement& s) {
  ports::Proposal p;
  p.id = ProposalId(text_at(s, 0));
  p.owner_id = OwnerId(text_at(s, 1));
  p.agent_id = AgentId(text_at(s, 2));
  p.class_id = ClassId(text_at(s, 3));
  p.calendar_id = CalendarId(text_at(s, 4));
  p.status = ports::proposal_status_from_text(text_at(s, 5)).value();
  p.duration = Millis{s.getColumn(6).getInt64()};
  p.window = {instant_at(s, 7), instant_at(s, 8)};
  p.created_at = instant_at(s, 9);
  p.expires_at = instant_at(s, 10);
  p.available_count = s.getColumn(11).getInt();
  p.is_curated = flag_at(s, 12);
  p.candidates = candidates_of(text_at(s, 13));
  p.sealed_text = maybe_text_at(s, 14);
  p.sealed_note = maybe_text_at(s, 15);
  p.approved_candidate = maybe_text_at(s, 16);
  p.booking_id = maybe_id_at<BookingId>(s, 17);
  p.decision = maybe_text_at(s, 18);
  return p;
}

}  // namespace

Status SqliteTransaction::insert_proposal(const ports::Proposal& p) {
  return run(
      "INSERT INTO proposals VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      p.id, p.owner_id, p.agent_id, p.class_id, p.calendar_id,
      std::string(ports::to_text(p.status)), std::int64_t{p.duration.count()}, p.window.start,
      p.window.end, p.created_at, p.expires_at, p.available_count, p.is_curated,
      to_json(p.candidates), Blob{p.sealed_text}, Blob{p.sealed_note}, p.approved_candidate,
      p.booking_id, p.decision);
}

Status SqliteTransaction::update_proposal(const ports::Proposal& p) {
  OA_TRY_STATUS(
      run("UPDATE proposals SET status = ?, candidates = ?, sealed_text = ?, sealed_note = ?, "
          "approved_candidate = ?, booking_id = ?, decision = ? WHERE id = ?",
          std::string(ports::to_text(p.status)), to_json(p.candidates), Blob{p.sealed_text},
          Blob{p.sealed_note}, p.approved_candidate, p.booking_id, p.decision, p.id));
  if (!p.sealed_text) connection().owe_erasure();
  return {};
}

Result<std::optional<ports::Proposal>> SqliteTransaction::find_proposal(const ProposalId& id) {
  return row<ports::Proposal>("SELECT " PROPOSAL_COLUMNS " FROM proposals WHERE id = ?",
                              read_proposal, id);
}

Result<std::vector<ports::Proposal>> SqliteTransaction::proposals(
    const std::optional<OwnerId>& owner, int limit) {
  return rows<ports::Proposal>("SELECT " PROPOSAL_COLUMNS
                               " FROM proposals WHERE ?1 IS NULL OR owner_id = ?1 "
                               "ORDER BY created_ms DESC, id DESC LIMIT ?2",
                               read_proposal, owner, limit);
}

Result<std::vector<ports::Proposal>> SqliteTransaction::lapsed_proposals(Instant now) {
  return rows<ports::Proposal>("SELECT " PROPOSAL_COLUMNS
                               " FROM proposals WHERE sealed_text IS NOT NULL "
                               "AND (expires_ms <= ? OR status = 'approved_executing') "
                               "ORDER BY id",
                               read_proposal, now);
}

#undef PROPOSAL_COLUMNS

}  // namespace openavail::store
