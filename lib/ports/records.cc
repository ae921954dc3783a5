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

struct ProposalName {
  ProposalStatus status;
  std::string_view name;
};
constexpr std::array kProposalNames = {
    ProposalName{ProposalStatus::pending_owner_decision, "pending_owner_decision"},
    ProposalName{ProposalStatus::pending_requester_verification, "pending_requester_verification"},
    ProposalName{ProposalStatus::approved_executing, "approved_executing"},
    ProposalName{ProposalStatus::booked, "booked"},
    ProposalName{ProposalStatus::needs_new_window, "needs_new_window"},
    ProposalName{ProposalStatus::needs_owner_review, "needs_owner_review"},
    ProposalName{ProposalStatus::rejected, "rejected"},
    ProposalName{ProposalStatus::expired, "expired"},
    ProposalName{ProposalStatus::withdrawn, "withdrawn"},
    ProposalName{ProposalStatus::failed, "failed"},
};

}  // namespace

std::string_view to_text(ProposalStatus status) {
  for (const ProposalName& row : kProposalNames) {
    if (row.status == status) return row.name;
  }
  return "";
}

std::optional<ProposalStatus> proposal_status_from_text(std::string_view text) {
  for (const ProposalName& row : kProposalNames) {
    if (row.name == text) return row.status;
  }
  return std::nullopt;
}

bool is_open(ProposalStatus status) {
  return status == ProposalStatus::pending_owner_decision ||
         status == ProposalStatus::pending_requester_verification ||
         status == ProposalStatus::approved_executing ||
         status == ProposalStatus::needs_owner_review;
}

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
