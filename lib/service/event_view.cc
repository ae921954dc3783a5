#include "service/event_view.h"

#include <algorithm>

#include "service/journal.h"
#include "service/owner_view.h"
#include "service/views.h"

namespace openavail::service {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

Result<BookingView> booking_view(ports::Transaction& tx, const ports::Booking& booking) {
  BookingView view;
  view.booking_id = booking.id;
  view.correlation_id = booking.correlation_id;
  view.interval = booking.interval;
  view.created_at = booking.created_at;
  view.status = status_of(booking);
  OA_TRY(const auto meeting_class, tx.find_class(booking.class_id));
  if (meeting_class) view.meeting_class = meeting_class->name;
  OA_TRY(const auto calendar, tx.find_calendar(booking.calendar_id));
  if (calendar) view.calendar_type = calendar->type;
  return view;
}

Result<std::set<BookingId>> bookings_in_flux(ports::Transaction& tx, const OwnerId& owner) {
  OA_TRY(const auto owed, tx.intents(owner));
  std::set<BookingId> ids;
  for (const ports::Intent& intent : owed) ids.insert(intent.booking_id);
  return ids;
}

Status add_text(const Parts& parts, const ports::Calendar& calendar, const ports::Booking& booking,
                bool is_in_flux, BookingView& view) {
  using ports::BookingState;
  if (booking.state == BookingState::cancelled) return {};
  OA_TRY_STATUS(check_usable(calendar));
  OA_TRY(const auto provider, open_provider(parts, calendar));
  auto event = provider->fetch({booking.event_place, booking.event_uid});
  const bool is_committed = booking.state == BookingState::committed;
  if (!event) {
    if (event.error().code() == ErrorCode::not_found) {
      const bool counts = is_committed || booking.state == BookingState::needs_reschedule;
      if (counts && !is_in_flux) view.status = "cancelled";
      return {};
    }
    Error error = name_calendar(std::move(event).error(), calendar);
    return fail(std::move(error));
  }
  view.title = std::move(event->text.title);
  view.description = std::move(event->text.description);
  view.attendees = std::move(event->text.attendees);
  if (!event->interval.empty()) view.interval = event->interval;
  if (is_committed && !is_in_flux && !event->takes_time) view.status = "cancelled";
  return {};
}

Status record_system(const Parts& parts, ports::Transaction& tx, audit::Entry entry) {
  OA_TRY_STATUS(append_entry(parts, tx, std::move(entry)).map([](const auto&) {}));
  return {};
}

bool equal_without_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return lower(x) == lower(y); });
}

bool contains_without_case(std::string_view text, std::string_view part) {
  return std::search(text.begin(), text.end(), part.begin(), part.end(),
                     [](char x, char y) { return lower(x) == lower(y); }) != text.end();
}

}  // namespace openavail::service
