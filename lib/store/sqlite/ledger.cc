// Bookings, holds, intents, notifications and idempotency records.
#include <limits>

#include "store/sqlite/statements.h"

namespace openavail::store {
namespace {

#define BOOKING_COLUMNS                                                                        \
  "id, owner_id, calendar_id, class_id, agent_id, state, start_ms, end_ms, written_start_ms, " \
  "written_end_ms, created_ms, committed_ms, writer, event_place, event_uid, content_hash, "   \
  "decision_id, correlation_id, hold_id, displaced_by, undone"
#define HOLD_COLUMNS                                                                      \
  "id, owner_id, agent_id, class_id, calendar_id, scope, start_ms, end_ms, duration_ms, " \
  "until_ms, state, created_ms, decision_id, booking_id"

ports::Booking read_booking(SQLite::Statement& s) {
  ports::Booking b;
  b.id = BookingId(text_at(s, 0));
  b.owner_id = OwnerId(text_at(s, 1));
  b.calendar_id = CalendarId(text_at(s, 2));
  b.class_id = ClassId(text_at(s, 3));
  b.agent_id = AgentId(text_at(s, 4));
  b.state = ports::booking_state_from_text(text_at(s, 5)).value();
  b.interval = {instant_at(s, 6), instant_at(s, 7)};
  b.written = {instant_at(s, 8), instant_at(s, 9)};
  b.created_at = instant_at(s, 10);
  b.committed_at = maybe_instant_at(s, 11);
  b.writer = maybe_id_at<WriterId>(s, 12);
  b.event_place = text_at(s, 13);
  b.event_uid = text_at(s, 14);
  b.content_hash = text_at(s, 15);
  b.decision_id = DecisionId(text_at(s, 16));
  b.correlation_id = text_at(s, 17);
  b.hold_id = maybe_id_at<HoldId>(s, 18);
  b.displaced_by = maybe_id_at<BookingId>(s, 19);
  b.undone = flag_at(s, 20);
  return b;
}

std::string to_text(ports::HoldState state) {
  switch (state) {
    case ports::HoldState::live:
      return "live";
    case ports::HoldState::promoting:
      return "promoting";
    case ports::HoldState::promoted:
      return "promoted";
    case ports::HoldState::released:
      return "released";
    case ports::HoldState::expired:
      return "expired";
  }
  return "";
}

ports::HoldState hold_state(const std::string& text) {
  using ports::HoldState;
  for (const HoldState state :
       {HoldState::live, HoldState::promoting, HoldState::promoted, HoldState::released}) {
    if (to_text(state) == text) return state;
  }
  return HoldState::expired;
}

ports::Hold read_hold(SQLite::Statement& s) {
  ports::Hold h;
  h.id = HoldId(text_at(s, 0));
  h.owner_id = OwnerId(text_at(s, 1));
  h.agent_id = AgentId(text_at(s, 2));
  h.class_id = ClassId(text_at(s, 3));
  h.calendar_id = CalendarId(text_at(s, 4));
  h.scope = text_at(s, 5) == "window" ? ports::HoldScope::window : ports::HoldScope::candidate;
  h.interval = {instant_at(s, 6), instant_at(s, 7)};
  h.duration = Millis{s.getColumn(8).getInt64()};
  h.until = instant_at(s, 9);
  h.state = hold_state(text_at(s, 10));
  h.created_at = instant_at(s, 11);
  h.decision_id = DecisionId(text_at(s, 12));
  h.booking_id = maybe_id_at<BookingId>(s, 13);
  return h;
}

std::string to_text(ports::IntentKind kind) {
  switch (kind) {
    case ports::IntentKind::show_displaced:
      return "show_displaced";
    case ports::IntentKind::show_restored:
      return "show_restored";
    case ports::IntentKind::remove_event:
      return "remove_event";
  }
  return "";
}

ports::Intent read_intent(SQLite::Statement& s) {
  ports::Intent i;
  i.id = s.getColumn(0).getInt64();
  const std::string kind = text_at(s, 1);
  i.kind = kind == "show_displaced"  ? ports::IntentKind::show_displaced
           : kind == "show_restored" ? ports::IntentKind::show_restored
                                     : ports::IntentKind::remove_event;
  i.owner_id = OwnerId(text_at(s, 2));
  i.booking_id = BookingId(text_at(s, 3));
  i.created_at = instant_at(s, 4);
  i.attempts = s.getColumn(5).getInt();
  i.writer = maybe_id_at<WriterId>(s, 6);
  return i;
}

ports::Notification read_notification(SQLite::Statement& s) {
  ports::Notification n;
  n.id = NotificationId(text_at(s, 0));
  n.agent_id = AgentId(text_at(s, 1));
  n.kind = text_at(s, 2);
  n.owner_id = OwnerId(text_at(s, 3));
  n.booking_id = BookingId(text_at(s, 4));
  n.meeting_class = text_at(s, 5);
  n.interval = {instant_at(s, 6), instant_at(s, 7)};
  const auto previous_start = maybe_instant_at(s, 8);
  const auto previous_end = maybe_instant_at(s, 9);
  if (previous_start && previous_end)
    n.previous_interval = Interval{*previous_start, *previous_end};
  n.winner = maybe_id_at<BookingId>(s, 10);
  n.created_at = instant_at(s, 11);
  n.acknowledged_at = maybe_instant_at(s, 12);
  return n;
}

}  // namespace

Status SqliteTransaction::insert_booking(const ports::Booking& b) {
  return run(
      "INSERT INTO bookings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
      "?, ?)",
      b.id, b.owner_id, b.calendar_id, b.class_id, b.agent_id, std::string(ports::to_text(b.state)),
      b.interval.start, b.interval.end, b.written.start, b.written.end, b.created_at,
      b.committed_at, b.writer, b.event_place, b.event_uid, b.content_hash, b.decision_id,
      b.correlation_id, b.hold_id, b.displaced_by, b.undone);
}

Status SqliteTransaction::update_booking(const ports::Booking& b) {
  return run(
      "UPDATE bookings SET calendar_id = ?, class_id = ?, agent_id = ?, state = ?, "
      "start_ms = ?, end_ms = ?, written_start_ms = ?, written_end_ms = ?, "
      "committed_ms = ?, writer = ?, event_place = ?, event_uid = ?, content_hash = ?, "
      "decision_id = ?, correlation_id = ?, hold_id = ?, displaced_by = ?, undone = ? "
      "WHERE id = ?",
      b.calendar_id, b.class_id, b.agent_id, std::string(ports::to_text(b.state)), b.interval.start,
      b.interval.end, b.written.start, b.written.end, b.committed_at, b.writer, b.event_place,
      b.event_uid, b.content_hash, b.decision_id, b.correlation_id, b.hold_id, b.displaced_by,
      b.undone, b.id);
}

Result<std::optional<ports::Booking>> SqliteTransaction::find_booking(const BookingId& id) {
  return row<ports::Booking>("SELECT " BOOKING_COLUMNS " FROM bookings WHERE id = ?", read_booking,
                             id);
}

Result<std::vector<ports::Booking>> SqliteTransaction::occupying_bookings(const OwnerId& owner,
                                                                          const Interval& window) {
  return rows<ports::Booking>(
      "SELECT " BOOKING_COLUMNS
      " FROM bookings WHERE owner_id = ? AND end_ms > ? AND start_ms < ? "
      "AND state IN ('writing', 'committed', 'displacing') ORDER BY start_ms, id",
      read_booking, owner, window.start, window.end);
}

Result<std::vector<ports::Booking>> SqliteTransaction::bookings_with_events(const OwnerId& owner,
                                                                            Instant since) {
  return rows<ports::Booking>(
      "SELECT " BOOKING_COLUMNS
      " FROM bookings b WHERE owner_id = ?1 AND (end_ms > ?2 OR written_end_ms > ?2) "
      "AND (state IN ('writing', 'committed', 'displacing', 'needs_reschedule') OR EXISTS "
      "(SELECT 1 FROM intents i WHERE i.booking_id = b.id AND i.kind = 'remove_event')) "
      "ORDER BY start_ms, id",
      read_booking, owner, since);
}

Result<std::vector<ports::Booking>> SqliteTransaction::list_bookings(
    const ports::BookingQuery& query) {
  return rows<ports::Booking>(
      "SELECT " BOOKING_COLUMNS
      " FROM bookings WHERE owner_id = ?1 AND start_ms >= ?2 AND start_ms < ?3 "
      "AND state IN ('committed', 'displacing', 'needs_reschedule') "
      "AND (?4 IS NULL OR calendar_id = ?4) "
      "AND (?5 IS NULL OR (start_ms, id) > (?6, ?5)) ORDER BY start_ms, id LIMIT ?7",
      read_booking, query.owner_id, query.start_within.start, query.start_within.end,
      query.calendar_id, query.after_id, query.after_start, query.limit);
}

Result<std::vector<ports::Booking>> SqliteTransaction::bookings_displaced_by(
    const BookingId& winner) {
  return rows<ports::Booking>("SELECT " BOOKING_COLUMNS
                              " FROM bookings WHERE displaced_by = ? ORDER BY start_ms, id",
                              read_booking, winner);
}

Result<std::vector<ports::Booking>> SqliteTransaction::unsettled_bookings(
    const std::optional<OwnerId>& owner) {
  return rows<ports::Booking>("SELECT " BOOKING_COLUMNS
                              " FROM bookings WHERE state IN ('writing', 'displacing') "
                              "AND (?1 IS NULL OR owner_id = ?1) ORDER BY start_ms, id",
                              read_booking, owner);
}

Status SqliteTransaction::insert_hold(const ports::Hold& h) {
  return run("INSERT INTO holds VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", h.id,
             h.owner_id, h.agent_id, h.class_id, h.calendar_id,
             h.scope == ports::HoldScope::window ? "window" : "candidate", h.interval.start,
             h.interval.end, std::int64_t{h.duration.count()}, h.until, to_text(h.state),
             h.created_at, h.decision_id, h.booking_id);
}

Status SqliteTransaction::update_hold(const ports::Hold& h) {
  return run("UPDATE holds SET state = ?, booking_id = ? WHERE id = ?", to_text(h.state),
             h.booking_id, h.id);
}

Result<std::optional<ports::Hold>> SqliteTransaction::find_hold(const HoldId& id) {
  return row<ports::Hold>("SELECT " HOLD_COLUMNS " FROM holds WHERE id = ?", read_hold, id);
}

Result<std::vector<ports::Hold>> SqliteTransaction::live_holds(const OwnerId& owner,
                                                               const Interval& window,
                                                               Instant now) {
  return rows<ports::Hold>(
      "SELECT " HOLD_COLUMNS
      " FROM holds WHERE owner_id = ? AND start_ms < ? AND end_ms > ? "
      "AND state IN ('live', 'promoting') AND (state = 'promoting' OR until_ms > ?) "
      "ORDER BY start_ms, id",
      read_hold, owner, window.end, window.start, now);
}

Result<int> SqliteTransaction::count_live_holds(const AgentId& agent, Instant now) {
  return count("SELECT count(*) FROM holds WHERE agent_id = ? AND state = 'live' AND until_ms > ?",
               agent, now);
}

Result<std::vector<ports::Hold>> SqliteTransaction::lapsed_holds(const OwnerId& owner,
                                                                 Instant now) {
  return rows<ports::Hold>("SELECT " HOLD_COLUMNS
                           " FROM holds WHERE owner_id = ? AND state = 'live' AND until_ms <= ? "
                           "AND state IN ('live', 'promoting') "
                           "ORDER BY until_ms, id",
                           read_hold, owner, now);
}

Result<std::int64_t> SqliteTransaction::insert_intent(const ports::Intent& i) {
  OA_TRY_STATUS(
      run("INSERT INTO intents (kind, owner_id, booking_id, created_ms, attempts, writer) "
          "VALUES (?, ?, ?, ?, ?, ?)",
          to_text(i.kind), i.owner_id, i.booking_id, i.created_at, i.attempts, i.writer));
  return std::int64_t{connection().database().getLastInsertRowid()};
}

Status SqliteTransaction::update_intent(const ports::Intent& i) {
  return run("UPDATE intents SET attempts = ?, writer = ? WHERE id = ?", i.attempts, i.writer,
             i.id);
}

Status SqliteTransaction::remove_intent(std::int64_t id) {
  return run("DELETE FROM intents WHERE id = ?", id);
}

Result<std::vector<ports::Intent>> SqliteTransaction::intents(const std::optional<OwnerId>& owner) {
  return rows<ports::Intent>(
      "SELECT id, kind, owner_id, booking_id, created_ms, attempts, writer "
      "FROM intents WHERE ?1 IS NULL OR owner_id = ?1 ORDER BY id",
      read_intent, owner);
}

Status SqliteTransaction::insert_notification(const ports::Notification& n) {
  std::optional<Instant> previous_start, previous_end;
  if (n.previous_interval) {
    previous_start = n.previous_interval->start;
    previous_end = n.previous_interval->end;
  }
  return run("INSERT INTO notifications VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", n.id,
             n.agent_id, n.kind, n.owner_id, n.booking_id, n.meeting_class, n.interval.start,
             n.interval.end, previous_start, previous_end, n.winner, n.created_at,
             n.acknowledged_at);
}

Result<std::vector<ports::Notification>> SqliteTransaction::notifications(const AgentId& agent,
                                                                          Instant since,
                                                                          bool acknowledged_too) {
  return rows<ports::Notification>(
      "SELECT id, agent_id, kind, owner_id, booking_id, meeting_class, start_ms, end_ms, "
      "previous_start_ms, previous_end_ms, winner, created_ms, acknowledged_ms FROM notifications "
      "WHERE agent_id = ? AND created_ms >= ? AND (? OR acknowledged_ms IS NULL) "
      "ORDER BY created_ms, id",
      read_notification, agent, since, acknowledged_too);
}

Result<int> SqliteTransaction::acknowledge(const AgentId& agent,
                                           const std::vector<NotificationId>& ids, Instant at) {
  int done = 0;
  for (const NotificationId& id : ids) {
    OA_TRY_STATUS(
        run("UPDATE notifications SET acknowledged_ms = ? "
            "WHERE id = ? AND agent_id = ? AND acknowledged_ms IS NULL",
            at, id, agent));
    done += connection().database().getChanges();
  }
  return done;
}

Result<std::optional<ports::IdempotencyRecord>> SqliteTransaction::find_idempotency(
    const AgentId& agent, const std::string& key_digest) {
  return row<ports::IdempotencyRecord>(
      "SELECT agent_id, key_digest, parameters_digest, is_running, writer, booking_id, "
      "decision_id, outcome, created_ms FROM idempotency WHERE agent_id = ? AND key_digest = ?",
      [](SQLite::Statement& s) {
        ports::IdempotencyRecord r;
        r.agent_id = AgentId(text_at(s, 0));
        r.key_digest = text_at(s, 1);
        r.parameters_digest = text_at(s, 2);
        r.is_running = flag_at(s, 3);
        r.writer = WriterId(text_at(s, 4));
        r.booking_id = maybe_id_at<BookingId>(s, 5);
        r.decision_id = DecisionId(text_at(s, 6));
        r.outcome = text_at(s, 7);
        r.created_at = instant_at(s, 8);
        return r;
      },
      agent, key_digest);
}

Status SqliteTransaction::put_idempotency(const ports::IdempotencyRecord& r) {
  return run("INSERT OR REPLACE INTO idempotency VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", r.agent_id,
             r.key_digest, r.parameters_digest, r.is_running, r.writer, r.booking_id, r.decision_id,
             r.outcome, r.created_at);
}

Status SqliteTransaction::remove_idempotency(const AgentId& agent, const std::string& key_digest) {
  return run("DELETE FROM idempotency WHERE agent_id = ? AND key_digest = ?", agent, key_digest);
}

Status SqliteTransaction::remove_idempotency_of(const BookingId& booking) {
  return run("DELETE FROM idempotency WHERE booking_id = ? AND is_running = 1", booking);
}

Status SqliteTransaction::complete_idempotency_of(const BookingId& booking,
                                                  const std::string& outcome) {
  return run(
      "UPDATE idempotency SET is_running = 0, outcome = ? "
      "WHERE booking_id = ? AND is_running = 1",
      outcome, booking);
}

Status SqliteTransaction::purge_idempotency(Instant created_before) {
  return run("DELETE FROM idempotency WHERE created_ms < ? AND is_running = 0", created_before);
}

#undef BOOKING_COLUMNS
#undef HOLD_COLUMNS

}  // namespace openavail::store
