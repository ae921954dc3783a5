// update, get and list.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "service/agent_service.h"
#include "service/changes.h"
#include "service/cursor.h"
#include "service/event_view.h"
#include "service/idempotency.h"
#include "service/ledger.h"
#include "service/owner_view.h"
#include "service/requests.h"
#include "service/views.h"

namespace openavail::service {
namespace {

using policy::Permission;

constexpr std::chrono::hours kListSpanDefault{24 * 3};
// A person may edit the event between our look and our change; then it is looked at again.
constexpr int kUpdateTriesMax = 5;

// The time-zone that floating times of a calendar mean; only our own events are read with it, and
// those are written in UTC.
time::Zone zone_for_own_events() { return time::Zone::utc(); }

Result<ports::WrittenEvent> change_event(const Parts& parts, const ports::Booking& booking,
                                         const ports::Calendar& calendar,
                                         const calendar::EventChange& change) {
  OA_TRY_STATUS(check_usable(calendar));
  OA_TRY(const auto provider, open_provider(parts, calendar));
  const ports::OwnEventRef ref{booking.event_place, booking.event_uid};
  for (int tries = 0;; ++tries) {
    OA_TRY(const auto state, provider->look(ref, zone_for_own_events()));
    if (state.presence != ports::OwnEventState::Presence::present) {
      return fail(ErrorCode::booking_not_found,
                  "the event of this booking is gone from the calendar", "book a new one");
    }
    auto changed = provider->change(ref, state.hash, change);
    if (changed) return changed;
    if (changed.error().code() != ErrorCode::state_conflict || tries >= kUpdateTriesMax) {
      return changed;
    }
  }
}

bool has_attendee(const BookingView& view, const std::string& email) {
  return std::any_of(
      view.attendees.begin(), view.attendees.end(),
      [&](const calendar::Attendee& a) { return equal_without_case(a.email, email); });
}

bool is_wanted(const BookingView& view, const ListRequest& request) {
  if (request.query && !(view.title && contains_without_case(*view.title, *request.query))) {
    return false;
  }
  return !request.attendee_email || has_attendee(view, *request.attendee_email);
}

}  // namespace

namespace {

nlohmann::json parameters_of(const UpdateRequest& request) {
  const auto text = [](const std::optional<std::string>& one) {
    return one ? nlohmann::json(*one) : nlohmann::json();
  };
  nlohmann::json attendees;
  if (request.attendees) {
    attendees = nlohmann::json::array();
    for (const calendar::Attendee& each : *request.attendees) {
      attendees.push_back({each.email, each.display_name});
    }
  }
  return {{"operation", "update"},
          {"booking", request.booking_id.text()},
          {"title", text(request.title)},
          {"description", text(request.description)},
          {"attendees", std::move(attendees)}};
}

}  // namespace

Result<BookingView> AgentService::update(const AgentCall& call, const UpdateRequest& request) {
  Use use(parts_, call, "update");
  bool has_row = false;
  auto answer = [&]() -> Result<BookingView> {
    OA_TRY(const auto digests, idempotency_digests(parts_, call, parameters_of(request)));
    OA_TRY(auto tx, parts_.store.begin(ports::Access::write));
    OA_TRY(const Authorized who, use.authorize(*tx, Permission::create_bookings));
    OA_TRY(ports::Booking booking, find_booking_in_scope(*tx, who.agent, request.booking_id));
    use.entry().calendar_owner = booking.owner_id;
    use.entry().booking_id = booking.id;
    use.entry().correlation_id = booking.correlation_id;
    if (!request.title && !request.description && !request.attendees) {
      return fail(ErrorCode::validation_failed, "nothing to change was named",
                  "send title, description or attendees");
    }
    OA_TRY(const auto first, find_outcome(parts_, *tx, who.agent.id, digests, who.now));
    if (!first && booking.state == ports::BookingState::cancelled) {
      return fail(ErrorCode::booking_not_found, "this booking is cancelled", "book a new one");
    }
    OA_TRY(const auto calendar, tx->find_calendar(booking.calendar_id));
    OA_TRY(const auto owner, tx->find_owner(booking.owner_id));
    if (!calendar || !owner) return fail(ErrorCode::internal, "a booking's calendar is missing");
    OA_TRY(BookingView view, booking_view(*tx, booking));
    // Who may not read sees what was sent.
    const auto show = [&](const std::set<BookingId>& in_flux) -> Status {
      if (who.agent.permissions.has(Permission::read_events)) {
        return add_text(parts_, *calendar, booking, in_flux.count(booking.id) != 0, view);
      }
      view.title = request.title;
      view.description = request.description;
      if (request.attendees) view.attendees = *request.attendees;
      return {};
    };
    if (first) {  // it was changed then; this tells how it stands
      OA_TRY(const auto in_flux, bookings_in_flux(*tx, booking.owner_id));
      OA_TRY_STATUS(record_replay(use, *tx, *first));
      OA_TRY_STATUS(tx->commit());
      tx.reset();
      has_row = true;
      OA_TRY_STATUS(show(in_flux));
      return view;
    }
    OA_TRY_STATUS(record_lapsed_holds(parts_, *tx, booking.owner_id, who.now));
    OA_TRY(const DecisionId decision, use.record(*tx, audit::Kind::decision, "update"));
    OA_TRY_STATUS(tx->commit());
    tx.reset();
    has_row = true;

    calendar::EventChange change;
    change.title = request.title;
    change.description = request.description;
    change.attendees = request.attendees;
    change.organizer_email = owner->email;
    change.stamp = who.now;
    auto written = change_event(parts_, booking, *calendar, change);
    if (!written) {
      OA_TRY(tx, parts_.store.begin(ports::Access::write));
      audit::Entry entry = system_entry("write_failed", booking.owner_id);
      entry.booking_id = booking.id;
      OA_TRY_STATUS(record_system(parts_, *tx, std::move(entry)));
      OA_TRY_STATUS(tx->commit());
      return fail(name_calendar(std::move(written).error(), *calendar));
    }
    std::set<BookingId> in_flux;
    const auto recorded = [&]() -> Status {
      OA_TRY(tx, parts_.store.begin(ports::Access::write));
      OA_TRY(auto current, tx->find_booking(booking.id));
      if (current) {
        current->content_hash = written->hash;
        OA_TRY_STATUS(tx->update_booking(*current));
        OA_TRY_STATUS(tx->bump_owner_revision(current->owner_id));
      }
      // Not before: a change that failed is tried again by a repeat. One whose outcome a crash took
      // away is made again by it, to the same text.
      OA_TRY_STATUS(keep_outcome(parts_, *tx, who.agent.id, digests, decision,
                                 {{"booking_id", booking.id.text()}}, who.now));
      OA_TRY(in_flux, bookings_in_flux(*tx, booking.owner_id));
      return tx->commit();
    }();
    tx.reset();
    if (!recorded) return fail(after_write(recorded.error()));
    OA_TRY_STATUS(show(in_flux));
    return view;
  }();
  if (!answer && !has_row) return fail(use.refuse(std::move(answer).error()));
  return answer;
}

Result<BookingView> AgentService::get(const AgentCall& call, const BookingId& id) {
  Use use(parts_, call, "get");
  bool has_row = false;
  auto answer = [&]() -> Result<BookingView> {
    OA_TRY(auto tx, use.begin_read());
    OA_TRY(const Authorized who, use.authorize(*tx, Permission::read_events));
    OA_TRY(const ports::Booking booking, find_booking_in_scope(*tx, who.agent, id));
    use.entry().calendar_owner = booking.owner_id;
    use.entry().booking_id = booking.id;
    OA_TRY(const auto calendar, tx->find_calendar(booking.calendar_id));
    if (!calendar) return fail(ErrorCode::internal, "a booking's calendar is missing");
    OA_TRY(BookingView view, booking_view(*tx, booking));
    OA_TRY(const auto in_flux, bookings_in_flux(*tx, booking.owner_id));
    OA_TRY_STATUS(use.end_read(*tx, "get"));
    tx.reset();
    has_row = true;
    OA_TRY_STATUS(add_text(parts_, *calendar, booking, in_flux.count(booking.id) != 0, view));
    return view;
  }();
  if (!answer && !has_row) return fail(use.refuse(std::move(answer).error()));
  return answer;
}

Result<ListAnswer> AgentService::list(const AgentCall& call, const ListRequest& request) {
  Use use(parts_, call, "list");
  bool has_row = false;
  auto answer = [&]() -> Result<ListAnswer> {
    OA_TRY(auto tx, use.begin_read());
    OA_TRY(const Authorized who,
           use.authorize_owner(*tx, Permission::read_events, request.owner_email));
    ports::BookingQuery query;
    query.owner_id = who.owner->id;
    query.start_within.start = request.start.value_or(who.now);
    // A list that begins after the usual end would always be empty: it gets a span of its own.
    const Instant usual_end = who.now + kListSpanDefault;
    query.start_within.end = request.end.value_or(
        query.start_within.start < usual_end ? usual_end
                                             : query.start_within.start + kListSpanDefault);
    use.entry().requested_interval = query.start_within;
    OA_TRY(const OwnerView owner_view, load_owner_view(*tx, *who.owner));
    const auto& calendars = owner_view.calendars;
    if (request.calendar_type) {
      query.calendar_id = CalendarId("none");
      for (const auto& calendar : calendars) {
        if (calendar.type == *request.calendar_type) query.calendar_id = calendar.id;
      }
    }
    const std::string filters = cursor_filters(who.owner->id, query, request);
    if (request.cursor) {
      OA_TRY(const CursorPosition position, parse_cursor(parts_, *request.cursor, filters));
      query.after_start = position.start;
      query.after_id = position.id;
      query.start_within = position.window;
    }
    query.limit = limits::kListResultsMax;
    OA_TRY_STATUS(use.end_read(*tx, "list"));
    has_row = true;
    OA_TRY(tx, parts_.store.begin(ports::Access::read));
    OA_TRY(const auto in_flux, bookings_in_flux(*tx, who.owner->id));
    ListAnswer found;
    for (;;) {
      OA_TRY(const auto page, tx->list_bookings(query));
      for (const ports::Booking& booking : page) {
        OA_TRY(BookingView view, booking_view(*tx, booking));
        const auto calendar = std::find_if(calendars.begin(), calendars.end(), [&](const auto& c) {
          return c.id == booking.calendar_id;
        });
        if (calendar == calendars.end()) continue;
        if (static_cast<int>(found.bookings.size()) == request.limit) {
          OA_TRY(found.next_cursor,
                 make_cursor(parts_, {query.after_start, *query.after_id, query.start_within},
                             filters));
          return found;
        }
        OA_TRY_STATUS(add_text(parts_, *calendar, booking, in_flux.count(booking.id) != 0, view));
        query.after_start = booking.interval.start;
        query.after_id = booking.id;
        if (is_wanted(view, request)) found.bookings.push_back(std::move(view));
      }
      if (static_cast<int>(page.size()) < query.limit) return found;
    }
  }();
  if (!answer && !has_row) return fail(use.refuse(std::move(answer).error()));
  return answer;
}

}  // namespace openavail::service
