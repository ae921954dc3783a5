// What agents ask and what they are answered, as types (wire contract, section 3). Doors turn these
// into JSON; nothing here knows about JSON or transports.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "arbiter/decision.h"
#include "audit/entry.h"
#include "audit/receipt.h"
#include "base/id.h"
#include "base/limits.h"
#include "calendar/event.h"
#include "policy/rules.h"
#include "ports/records.h"
#include "time/instant.h"

namespace openavail::service {

using ports::CalendarType;

// Which owner, and where to write. A key with one owner may leave owner_email out.
struct Target {
  std::optional<std::string> owner_email;
  std::optional<CalendarType> calendar_type;
};

struct Warning {
  std::string code;  // CALENDAR_TYPE_FALLBACK | WORKING_HOURS_NOT_CONFIGURED
  std::string message;
  std::optional<CalendarType> requested, resolved;  // CALENDAR_TYPE_FALLBACK
  std::optional<std::string> severity, agent_guidance;
};

// Kept by nobody but the caller.
struct SituationCopy {
  std::string canonical_json;
  std::string digest;
};

struct SearchRequest {
  Target target;
  int duration_minutes = 0;
  Instant earliest_start, latest_end;
  std::string meeting_class;
  int lookahead_hours = limits::kLookaheadHoursMax;
  int max_results = limits::kSearchResultsDefault;
};
struct SearchAnswer {
  Interval requested_window;
  std::vector<arbiter::Candidate> candidates;
  CalendarType resolved_calendar_type = CalendarType::work;
  std::vector<Warning> warnings;
  int candidate_limit = 0;
  int available_candidate_count = 0;
  bool curated = false;
  std::optional<SituationCopy> situation;
};

struct HoldRequest {
  Target target;
  std::string meeting_class;
  ports::HoldScope scope = ports::HoldScope::candidate;
  Interval interval;         // the candidate, or the window
  int duration_minutes = 0;  // window
};
struct HoldAnswer {
  HoldId hold_id;
  ports::HoldScope scope = ports::HoldScope::candidate;
  Interval held_window;
  Instant expires_at;
  int expires_in_seconds = 0;
  CalendarType resolved_calendar_type = CalendarType::work;
  std::vector<Warning> warnings;
  std::optional<SituationCopy> situation;
};

// The first generation's search and hold in one.
struct FirstAnswer {
  SearchAnswer found;  // with the situation, where it was asked for
  HoldAnswer hold;     // of found.candidates.front()
};

struct ConfirmRequest {
  HoldId hold_id;
  Interval interval;
  calendar::EventText text;  // an empty title becomes the class's name
};
struct BookRequest {
  Target target;
  Interval interval;
  std::string meeting_class;
  calendar::EventText text;
};
struct DisplacedBooking {
  BookingId booking_id;
  std::optional<std::string> title;  // only for who may read events
  Interval interval;
  std::string meeting_class;
};
struct BookingAnswer {
  // Nothing was booked: `displaced` is what the booking would displace beyond Call::may_displace.
  // Of the rest only `interval` is set then.
  bool is_question = false;
  BookingId booking_id;
  std::string correlation_id;
  std::vector<DisplacedBooking> displaced;
  Interval interval;
  calendar::EventText text;
  CalendarType calendar_type = CalendarType::work;
  std::vector<Warning> warnings;
  DecisionId audit_row_id;
  std::optional<SituationCopy> situation;
};

struct BookingView {
  BookingId booking_id;
  std::string correlation_id;
  Interval interval;
  std::string meeting_class;
  CalendarType calendar_type = CalendarType::work;
  Instant created_at;
  std::optional<std::string> title;  // none: the event is gone
  std::optional<std::string> description;
  std::vector<calendar::Attendee> attendees;
  std::string status;  // committed | needs_reschedule | cancelled
};
struct ListRequest {
  std::optional<std::string> owner_email;
  std::optional<CalendarType> calendar_type;
  std::optional<Instant> start, end;  // defaults: now, now + 3 days
  std::optional<std::string> query;
  std::optional<std::string> attendee_email;
  int limit = limits::kListResultsDefault;
  std::optional<std::string> cursor;
};
struct ListAnswer {
  std::vector<BookingView> bookings;
  std::optional<std::string> next_cursor;
};
struct UpdateRequest {
  BookingId booking_id;
  std::optional<std::string> title;
  std::optional<std::string> description;
  std::optional<std::vector<calendar::Attendee>> attendees;
};
struct CancelAnswer {
  BookingId booking_id;
  std::string correlation_id;
};

struct SimulateRequest {
  Target target;
  Interval interval;
  std::string meeting_class;
};
struct SimulateAnswer {
  arbiter::Decision decision;
  SituationCopy situation;
  Millis length{0};  // of the meeting; next_available ends so much after its start
};

struct CalendarView {
  CalendarType calendar_type = CalendarType::work;
  bool is_primary = false;
  std::string timezone;
};
struct AgentView {
  AgentId id;
  std::string name;
  std::vector<std::string> permissions;
  std::vector<std::string> owner_scope;  // addresses
};
struct ScheduleRulesView {
  std::vector<policy::WeeklyRow> working_hours;  // rows without a zone carry the primary one here
  int slot_interval_minutes = 15;
  std::optional<int> max_daily_meeting_minutes;
};
struct OwnerContext {
  std::vector<CalendarView> calendars;  // primary first
  ScheduleRulesView rules;
  std::vector<policy::MeetingClass> meeting_classes;
  std::vector<Warning> setup_warnings;
  AgentView agent;
};

// Rows of the audit log, for who may read it.
struct AuditLine {
  audit::SealedRow row;
  std::optional<std::string> owner_email;     // while the person is known
  std::optional<audit::Inclusion> inclusion;  // where one row was asked for
};
struct DecisionQuery {
  std::optional<std::string> agent_id;  // or the agent's name
  std::optional<std::string> owner_email;
  std::optional<std::string> action;
  std::optional<Instant> since, until;
  int limit = limits::kDecisionsDefault;
  std::optional<std::string> cursor;
};
struct DecisionList {
  std::vector<AuditLine> rows;
  std::optional<std::string> next_cursor;
};
struct ExportQuery {
  DecisionQuery filters;                  // limit: of one page; cursor is not used
  std::int64_t after_seq = 0;             // rows behind it
  std::optional<std::int64_t> until_seq;  // rows up to it; as the first page answered it
};
struct ExportPage {
  std::vector<std::string> lines;  // audit/export_lines.h; all pages together are one export
  std::int64_t last_seq = 0;       // where the next page begins
  std::int64_t until_seq = 0;
  bool is_complete = true;
  bool leaves_rows_out = false;  // by filters, or by the caller's owner scope
};

// A booking that an owner is asked for (wire contract, section 3, proposal).
struct ProposeRequest {
  Target target;
  std::string meeting_class;
  int duration_minutes = 0;
  Interval window;
  std::vector<Interval> preferred_times;  // at most limits::kPreferredTimesMax, of that duration
  calendar::EventText text;
};
struct ProposalCandidateView {
  ports::ProposalCandidate candidate;
  std::optional<arbiter::Candidate> occupying;  // what a preemptable one would displace now
};
struct ProposalView {
  ports::Proposal proposal;
  std::string owner_email;
  std::string agent_name;
  std::string meeting_class;
  CalendarType calendar_type = CalendarType::work;
  std::optional<calendar::EventText> text;  // while it is open
  std::optional<std::string> owner_note;
  std::vector<ProposalCandidateView> candidates;
  std::optional<SituationCopy> situation;  // that it was made in
};

struct NotificationView {
  NotificationId id;
  std::string kind;
  BookingId booking_id;
  Interval interval;
  std::optional<Interval> previous_interval;
  std::optional<BookingId> winner;
  std::string meeting_class;
  std::string owner_email;
  Instant created_at;
};

}  // namespace openavail::service
