#include "service/event_view.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "service/journal.h"
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

Status add_text(const Parts& parts, const ports::Calendar& calendar, const ports::Booking& booking,
                BookingView& view) {
  if (booking.state == ports::BookingState::cancelled) return {};
  OA_TRY(const auto provider, open_provider(parts, calendar));
  auto event = provider->fetch({booking.event_place, booking.event_uid});
  if (!event) {
    if (event.error().code() == ErrorCode::not_found) return {};
    Error error = event.error();
    nlohmann::json details =
        error.details().is_object() ? error.details() : nlohmann::json::object();
    details["calendar_type"] = to_text(calendar.type);
    error.with_details(std::move(details));
    return fail(std::move(error));
  }
  view.title = std::move(event->text.title);
  view.description = std::move(event->text.description);
  view.attendees = std::move(event->text.attendees);
  view.interval = event->interval;
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
