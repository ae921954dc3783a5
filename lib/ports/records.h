// What the store keeps. Nothing here can hold the text of an event: titles, descriptions, attendees
// and locations have no field to go to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/proof.h"
#include "base/id.h"
#include "policy/meeting_class.h"
#include "policy/permission.h"
#include "policy/rules.h"
#include "time/instant.h"

namespace openavail::ports {

enum class CalendarType { work, personal, other };

constexpr std::string_view to_text(CalendarType type) {
  switch (type) {
    case CalendarType::work:
      return "work";
    case CalendarType::personal:
      return "personal";
    case CalendarType::other:
      return "other";
  }
  return "";
}

constexpr std::optional<CalendarType> calendar_type_from_text(std::string_view text) {
  if (text == "work") return CalendarType::work;
  if (text == "personal") return CalendarType::personal;
  if (text == "other") return CalendarType::other;
  return std::nullopt;
}

struct Owner {
  OwnerId id;
  std::string email;                 // as given; compared without case, unique over all addresses
  std::vector<std::string> aliases;  // further addresses of the same person, for PARTSTAT
  std::optional<std::string> timezone;
  std::int64_t revision = 0;  // moves with everything that a decision for this owner could see
  Instant created_at;
};

struct Calendar {
  CalendarId id;
  OwnerId owner_id;
  CalendarType type = CalendarType::work;
  std::string provider;  // "vdir"
  std::string location;
  std::optional<std::string> timezone;
  bool is_primary = false;
  // Set when the calendar stopped looking like itself (bookings vanished at once): every request
  // fails until an administrator accepts it (arbitration contract, Ours).
  bool is_suspended = false;
  Instant created_at;
};

struct Agent {
  AgentId id;
  std::string name;  // unique, compared without case
  policy::PermissionSet permissions;
  std::vector<OwnerId> owners;  // the owner scope, sorted
  // The scope is every owner, those to come included; `owners` then holds all that there are.
  bool is_for_all_owners = false;
  bool is_disabled = false;
  Instant created_at;
};

struct Key {
  KeyRef ref;
  AgentId agent_id;
  std::string label;
  std::string verifier;  // Argon2id PHC string
  std::string pepper_id;
  std::int64_t version = 1;  // moves with every change of the row
  Instant created_at;
  std::optional<Instant> expires_at;
  std::optional<KeyRef> parent;
  std::optional<Instant> revoked_at;
};

enum class BookingState {
  writing,           // recorded; its event is being written
  committed,         // its event stands in the calendar
  displacing,        // committed, and a higher booking that takes its time is being written
  needs_reschedule,  // displaced; its event is shown as free
  cancelled,
  failed,  // its event was never written
};
std::string_view to_text(BookingState state);
std::optional<BookingState> booking_state_from_text(std::string_view text);

struct Booking {
  BookingId id;
  OwnerId owner_id;
  CalendarId calendar_id;
  ClassId class_id;
  AgentId agent_id;  // who booked
  BookingState state = BookingState::writing;
  Interval interval;  // where it counts now
  Interval written;   // what we wrote; differs once a person moved the event
  Instant created_at;
  std::optional<Instant> committed_at;
  std::optional<WriterId> writer;  // while writing or displacing
  std::string event_place;
  std::string event_uid;
  std::string content_hash;  // empty until written
  DecisionId decision_id;
  std::string correlation_id;
  std::optional<HoldId> hold_id;          // that it was confirmed from
  std::optional<BookingId> displaced_by;  // while displacing or needs_reschedule
  bool undone = false;                    // a winner whose preemption was taken back
};

enum class HoldState { live, promoting, promoted, released, expired };
// promoting: its confirmation is being written; promoted: it became a booking.

enum class HoldScope { candidate, window };

struct Hold {
  HoldId id;
  OwnerId owner_id;
  AgentId agent_id;
  ClassId class_id;
  CalendarId calendar_id;
  HoldScope scope = HoldScope::candidate;
  Interval interval;
  Millis duration{0};
  Instant until;
  HoldState state = HoldState::live;
  Instant created_at;
  DecisionId decision_id;
  std::optional<BookingId> booking_id;  // while promoting or promoted
};

// A change to a calendar that is owed: recorded before it is done, repeated until it is.
enum class IntentKind { show_displaced, show_restored, remove_event };

struct Intent {
  std::int64_t id = 0;  // set by the store
  IntentKind kind = IntentKind::show_displaced;
  OwnerId owner_id;
  BookingId booking_id;
  Instant created_at;
  int attempts = 0;
  std::optional<WriterId> writer;  // who is at it; free when that process is dead
};

struct Notification {
  NotificationId id;
  AgentId agent_id;
  std::string kind;  // booking.displaced | booking.cancelled | booking.moved | booking.restored
  OwnerId owner_id;  // its address is resolved when the payload is made
  BookingId booking_id;
  std::string meeting_class;
  Interval interval;
  std::optional<Interval> previous_interval;  // booking.moved
  std::optional<BookingId> winner;            // booking.displaced
  Instant created_at;
  std::optional<Instant> acknowledged_at;
};

// One idempotency key of one agent (arbitration contract, Idempotency).
struct IdempotencyRecord {
  AgentId agent_id;
  std::string key_digest;         // HMAC of the key's text, hex
  std::string parameters_digest;  // HMAC over operation and canonical parameters, hex
  bool is_running = true;
  WriterId writer;                      // while running
  std::optional<BookingId> booking_id;  // what recovery looks at, while running
  DecisionId decision_id;               // of the first outcome
  std::string outcome;  // JSON of the answer's or the refusal's fields, without text
  Instant created_at;
};

enum class ProposalStatus {
  pending_owner_decision,
  pending_requester_verification,  // public scheduling
  approved_executing,              // approved; its event is being written
  booked,
  needs_new_window,    // the owner asked for other times
  needs_owner_review,  // approved, but no longer possible at that time
  rejected,
  expired,
  withdrawn,
  failed,  // approved, but its event could not be written
};
std::string_view to_text(ProposalStatus status);
std::optional<ProposalStatus> proposal_status_from_text(std::string_view text);
// Still waits for something; its text is there.
bool is_open(ProposalStatus status);

struct ProposalCandidate {
  std::string id;  // UUID
  Interval interval;
  int rank = 0;  // from 1
  bool is_preferred = false;
  bool is_preemptable = false;
  std::string invalid_reason;  // empty: valid when it was last looked at
};

struct Proposal {
  ProposalId id;
  OwnerId owner_id;
  AgentId agent_id;
  ClassId class_id;
  CalendarId calendar_id;
  ProposalStatus status = ProposalStatus::pending_owner_decision;
  Millis duration{0};
  Interval window;
  Instant created_at;
  Instant expires_at;
  int available_count = 0;  // of free and preemptable starts in the window, before curation
  bool is_curated = false;
  std::vector<ProposalCandidate> candidates;
  std::optional<std::string> sealed_text;  // none once it has ended
  std::optional<std::string> sealed_note;
  std::optional<std::string> approved_candidate;
  std::optional<BookingId> booking_id;
  std::optional<std::string> decision;  // approved | rejected | new_window
};

// What the audit log has signed of its tree.
struct CheckpointRecord {
  audit::TreeHead head;
  Instant created_at;
  std::string note;  // audit/checkpoint.h
};

// What retention has done: rows up to hidden_through are shown to no one, and of those up to
// erased_through the content is gone.
struct AuditRetention {
  std::int64_t hidden_through = 0;
  Instant hidden_at;
  std::int64_t erased_through = 0;
};

struct SigningKeyRecord {
  SigningKeyId id;
  std::string public_key_pem;
  Instant created_at;
  std::optional<Instant> retired_at;
};

}  // namespace openavail::ports
