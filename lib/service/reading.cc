#include "service/reading.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "service/recovery.h"

namespace openavail::service {
namespace {

// From this many future bookings on, all of them gone at once is not taken for deletions.
constexpr int kVanishedTogetherMin = 3;

using ports::BookingState;
using Presence = ports::OwnEventState::Presence;

bool has_intent(const Claims& claims, const BookingId& booking) {
  return std::any_of(claims.intents.begin(), claims.intents.end(),
                     [&](const ports::Intent& intent) { return intent.booking_id == booking; });
}

// An event that a person left without length takes no time, like one that is shown as free.
bool stands_as_busy(const ports::OwnEventState& state) {
  const bool has_length = state.recurring || !state.interval || !state.interval->empty();
  return state.presence == Presence::present && state.busy && has_length;
}

// Something of ours is under way, or was when the calendar was read.
bool is_in_flux(const Claims& claims, const BookingId& booking) {
  return has_intent(claims, booking) || claims.changed_since.count(booking) != 0;
}

// Only then the calendar's word counts.
bool is_settled(const Claims& claims, const ports::Booking& booking) {
  return booking.state == BookingState::committed && !is_in_flux(claims, booking.id);
}

bool is_same_row(const ports::Booking& a, const ports::Booking& b) {
  return a.state == b.state && a.interval == b.interval && a.committed_at == b.committed_at &&
         a.content_hash == b.content_hash;
}

bool all_vanished(const Claims& claims, const CalendarsRead& read, const CalendarId& calendar,
                  Instant now) {
  int expected = 0;
  for (std::size_t i = 0; i < claims.bookings.size(); ++i) {
    const ports::Booking& booking = claims.bookings[i];
    if (booking.calendar_id != calendar || !is_settled(claims, booking)) continue;
    if (booking.interval.end <= now) continue;
    const auto accepted = claims.accepted.find(calendar);
    if (accepted != claims.accepted.end() && booking.committed_at <= accepted->second) continue;
    if (read.own[i].presence != Presence::absent) return false;
    ++expected;
  }
  return expected >= kVanishedTogetherMin;
}

// Displaced, with nothing of ours under way: shown as free already, so only its place counts.
bool is_displaced(const Claims& claims, const ports::Booking& booking) {
  return booking.state == BookingState::needs_reschedule && !is_in_flux(claims, booking.id);
}

arbiter::Occupant external_occupant(const Interval& interval, bool all_day) {
  arbiter::Occupant occupant;
  occupant.kind = arbiter::OccupantKind::external;
  occupant.interval = interval;
  occupant.all_day = all_day;
  return occupant;
}

arbiter::BookingState to_engine(BookingState state) {
  if (state == BookingState::writing) return arbiter::BookingState::writing;
  if (state == BookingState::displacing) return arbiter::BookingState::displacing;
  return arbiter::BookingState::committed;
}

}  // namespace

Result<Claims> load_claims(ports::Transaction& tx, const OwnerId& owner, Instant since) {
  Claims claims;
  OA_TRY(claims.bookings, tx.bookings_with_events(owner, since));
  OA_TRY(claims.intents, tx.intents(owner));
  for (const ports::Booking& booking : claims.bookings) {
    if (claims.accepted.count(booking.calendar_id) != 0) continue;
    OA_TRY(const auto at, tx.meta(acceptance_name(booking.calendar_id)));
    if (at) claims.accepted[booking.calendar_id] = Instant{std::stoll(*at)};
  }
  return claims;
}

Error name_calendar(Error error, const ports::Calendar& calendar) {
  if (error.code() != ErrorCode::calendar_unavailable) return error;
  nlohmann::json details = error.details().is_object() ? error.details() : nlohmann::json::object();
  details["calendar_type"] = to_text(calendar.type);
  details.erase("outcome");
  if (!details.contains("cause")) details["cause"] = "unreadable";
  error.with_details(std::move(details));
  return error;
}

std::string acceptance_name(const CalendarId& calendar) { return "accepted:" + calendar.text(); }

Result<std::shared_ptr<ports::CalendarProvider>> open_provider(const Parts& parts,
                                                               const ports::Calendar& calendar) {
  return parts.providers.open({calendar.id, calendar.provider, calendar.location});
}

tl::expected<CalendarsRead, ReadFailure> read_calendars(const Parts& parts, const OwnerView& view,
                                                        const Claims& claims,
                                                        const Interval& window, Instant now) {
  CalendarsRead all;
  all.own.resize(claims.bookings.size());
  all.was_asked.resize(claims.bookings.size());
  for (const ports::Calendar& calendar : view.calendars) {
    auto provider = open_provider(parts, calendar);
    if (!provider) {
      return tl::unexpected(ReadFailure{name_calendar(provider.error(), calendar), {}});
    }
    ports::ReadRequest request{window, view.zone, view.addresses, {}};
    std::vector<std::size_t> positions;
    for (std::size_t i = 0; i < claims.bookings.size(); ++i) {
      const ports::Booking& booking = claims.bookings[i];
      if (booking.calendar_id != calendar.id) continue;
      request.own.push_back({booking.event_place, booking.event_uid});
      positions.push_back(i);
    }
    auto read = (*provider)->read(request);
    if (!read) return tl::unexpected(ReadFailure{name_calendar(read.error(), calendar), {}});
    all.external.insert(all.external.end(), read->external.begin(), read->external.end());
    for (std::size_t k = 0; k < positions.size(); ++k) {
      all.own[positions[k]] = read->own[k];
      all.was_asked[positions[k]] = true;
      // Made recurring by a person: every instance blocks, whatever our booking's class allows.
      if (read->own[k].recurring && stands_as_busy(read->own[k])) {
        all.external.insert(all.external.end(), read->own_occurrences[k].begin(),
                            read->own_occurrences[k].end());
      }
    }
    if (all_vanished(claims, all, calendar.id, now)) {
      Error error(ErrorCode::calendar_unavailable,
                  "every future booking vanished from a calendar of this owner at once",
                  "an administrator has to look at it (openavail calendars check)");
      error.with_details({{"cause", "changed_identity"}});
      error.with_operator_detail(calendar.location + ": all future bookings vanished at once");
      return tl::unexpected(ReadFailure{name_calendar(std::move(error), calendar), calendar.id});
    }
  }
  return all;
}

Status suspend_calendar(const Parts& parts, const CalendarId& id) {
  OA_TRY(auto tx, parts.store.begin(ports::Access::write));
  OA_TRY(auto calendar, tx->find_calendar(id));
  if (!calendar) return {};
  calendar->is_suspended = true;
  OA_TRY_STATUS(tx->update_calendar(*calendar));
  OA_TRY_STATUS(tx->bump_owner_revision(calendar->owner_id));
  return tx->commit();
}

std::optional<CalendarsRead> carry_over(const Claims& then, const CalendarsRead& read,
                                        Claims& now) {
  std::map<BookingId, std::size_t> claimed;
  for (std::size_t i = 0; i < then.bookings.size(); ++i) claimed[then.bookings[i].id] = i;
  CalendarsRead carried;
  carried.external = read.external;
  carried.own.resize(now.bookings.size());
  carried.was_asked.resize(now.bookings.size(), false);
  for (std::size_t i = 0; i < now.bookings.size(); ++i) {
    const ports::Booking& booking = now.bookings[i];
    const auto found = claimed.find(booking.id);
    if (found == claimed.end()) {
      if (!WorkInHand::is_unwritten(booking.id)) return std::nullopt;
      now.changed_since.insert(booking.id);
      continue;
    }
    const ports::Booking& before = then.bookings[found->second];
    if (before.calendar_id != booking.calendar_id || before.event_place != booking.event_place) {
      return std::nullopt;
    }
    carried.own[i] = read.own[found->second];
    carried.was_asked[i] = read.was_asked[found->second];
    if (!is_same_row(before, booking) || has_intent(then, booking.id)) {
      now.changed_since.insert(booking.id);
    }
  }
  return carried;
}

std::vector<ExternalChange> external_changes(const Claims& claims, const CalendarsRead& read) {
  std::vector<ExternalChange> changes;
  for (std::size_t i = 0; i < claims.bookings.size(); ++i) {
    if (!read.was_asked[i]) continue;
    const ports::Booking& booking = claims.bookings[i];
    const bool displaced = is_displaced(claims, booking);
    if (!displaced && !is_settled(claims, booking)) continue;
    const ports::OwnEventState& state = read.own[i];
    const bool is_gone = displaced ? state.presence != Presence::present : !stands_as_busy(state);
    if (is_gone) {
      changes.push_back({booking, std::nullopt});
    } else if (displaced && state.interval && state.interval->empty()) {
      continue;  // no time to record, and none is taken
    } else if (!state.recurring && state.interval && *state.interval != booking.interval) {
      changes.push_back({booking, state.interval});
    }
  }
  return changes;
}

Result<std::vector<arbiter::Occupant>> occupants(ports::Transaction& tx, const OwnerId& owner,
                                                 const Claims& claims, const CalendarsRead& read,
                                                 const Interval& window, Instant now,
                                                 const std::optional<HoldId>& without) {
  std::vector<arbiter::Occupant> all;
  for (const calendar::Occurrence& occurrence : read.external) {
    if (occurrence.interval.overlaps(window)) {
      all.push_back(external_occupant(occurrence.interval, occurrence.all_day));
    }
  }
  std::map<ClassId, policy::MeetingClass> classes;
  for (std::size_t i = 0; i < claims.bookings.size(); ++i) {
    const ports::Booking& booking = claims.bookings[i];
    const ports::OwnEventState& state = read.own[i];
    Interval interval = booking.interval;
    if (booking.state == BookingState::needs_reschedule) {
      // Shown as free by us. A person who made it busy again wants the time.
      const bool taken_back =
          stands_as_busy(state) && !state.recurring && !is_in_flux(claims, booking.id);
      if (taken_back && state.interval && state.interval->overlaps(window)) {
        all.push_back(external_occupant(*state.interval, false));
      }
      continue;
    }
    if (booking.state == BookingState::cancelled || booking.state == BookingState::failed) continue;
    if (is_settled(claims, booking)) {
      if (!stands_as_busy(state) || state.recurring) continue;
      if (state.interval) interval = *state.interval;
    }
    if (!interval.overlaps(window)) continue;
    auto known = classes.find(booking.class_id);
    if (known == classes.end()) {
      OA_TRY(const auto meeting_class, tx.find_class(booking.class_id));
      if (!meeting_class) return fail(ErrorCode::internal, "a booking's meeting class is missing");
      known = classes.emplace(booking.class_id, *meeting_class).first;
    }
    arbiter::Occupant occupant;
    occupant.kind = arbiter::OccupantKind::booking;
    occupant.interval = interval;
    occupant.booking_id = booking.id;
    occupant.meeting_class = known->second;
    occupant.meeting_class.description.clear();
    occupant.committed_at = booking.committed_at.value_or(booking.created_at);
    occupant.state = to_engine(booking.state);
    all.push_back(std::move(occupant));
  }
  OA_TRY(const auto holds, tx.live_holds(owner, window, now));
  for (const ports::Hold& hold : holds) {
    // While a hold is being promoted its booking occupies in its stead.
    if (without == hold.id || hold.state != ports::HoldState::live) continue;
    arbiter::Occupant occupant;
    occupant.kind = arbiter::OccupantKind::hold;
    occupant.interval = hold.interval;
    occupant.hold_id = hold.id;
    occupant.agent_id = hold.agent_id;
    occupant.until = hold.until;
    all.push_back(std::move(occupant));
  }
  std::sort(all.begin(), all.end(), arbiter::canonical_before);
  return all;
}

}  // namespace openavail::service
