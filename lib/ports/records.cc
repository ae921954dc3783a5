#include "ports/records.h"

#include <array>

namespace openavail::ports {
namespace {

struct StateName {
  BookingState state;
  std::string_view name;
};
constexpr std::array kStates = {
    StateName{BookingState::writing, "writing"},
    StateName{BookingState::committed, "committed"},
    StateName{BookingState::displacing, "displacing"},
    StateName{BookingState::needs_reschedule, "needs_reschedule"},
    StateName{BookingState::cancelled, "cancelled"},
    StateName{BookingState::failed, "failed"},
};

}  // namespace

std::string_view to_text(BookingState state) {
  for (const StateName& row : kStates) {
    if (row.state == state) return row.name;
  }
  return "";
}

std::optional<BookingState> booking_state_from_text(std::string_view text) {
  for (const StateName& row : kStates) {
    if (row.name == text) return row.state;
  }
  return std::nullopt;
}

}  // namespace openavail::ports
