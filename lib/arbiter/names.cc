// What the engine's words are called on the wire, in traces and in the canonical encoding.
#include "arbiter/names.h"

#include "base/check.h"

namespace openavail::arbiter {

std::string_view wire_name(Reason reason) {
  switch (reason) {
    case Reason::off_day:
      return "OFF_DAY";
    case Reason::working_hours:
    case Reason::hard_block:
      return "WORKING_HOURS";
    case Reason::max_daily_hours:
      return "MAX_DAILY_HOURS";
    case Reason::no_capacity:
      return "NO_CAPACITY";
    case Reason::sacred_meeting:
      return "SACRED_MEETING";
    case Reason::permission_denied_preempt:
      return "PERMISSION_DENIED_PREEMPT";
  }
  check_failed("every reason has a wire name", __FILE__, __LINE__);
}

std::string_view search_wire_name(Reason reason) {
  switch (reason) {
    case Reason::off_day:
      return "OFF_DAY";
    case Reason::working_hours:
      return "WORKING_HOURS";
    case Reason::hard_block:
      return "HARD_BLOCK";
    case Reason::max_daily_hours:
      return "DAILY_HOURS_LIMIT";
    case Reason::no_capacity:
    case Reason::sacred_meeting:
    case Reason::permission_denied_preempt:
      return "NO_FREE_SLOTS";
  }
  check_failed("every reason has a search name", __FILE__, __LINE__);
}

std::string_view check_name(Reason reason) {
  switch (reason) {
    case Reason::off_day:
      return "off_day";
    case Reason::working_hours:
      return "working_hours";
    case Reason::hard_block:
      return "hard_block";
    case Reason::max_daily_hours:
      return "daily_cap";
    case Reason::no_capacity:
    case Reason::sacred_meeting:
    case Reason::permission_denied_preempt:
      return "capacity";
  }
  check_failed("every reason belongs to a check", __FILE__, __LINE__);
}

std::string_view to_text(Verdict verdict) {
  switch (verdict) {
    case Verdict::accept:
      return "Accept";
    case Verdict::reject:
      return "Reject";
    case Verdict::counter_propose:
      return "CounterPropose";
    case Verdict::preempt:
      return "Preempt";
  }
  check_failed("every verdict has a name", __FILE__, __LINE__);
}

std::string_view to_text(TraceOutcome outcome) {
  switch (outcome) {
    case TraceOutcome::pass:
      return "pass";
    case TraceOutcome::fail:
      return "fail";
    case TraceOutcome::skip:
      return "skip";
  }
  check_failed("every outcome has a name", __FILE__, __LINE__);
}

std::string_view to_text(RequestKind kind) {
  switch (kind) {
    case RequestKind::search:
      return "search";
    case RequestKind::hold:
      return "hold";
    case RequestKind::book:
      return "book";
    case RequestKind::confirm:
      return "confirm";
    case RequestKind::simulate:
      return "simulate";
  }
  check_failed("every kind of request has a name", __FILE__, __LINE__);
}

std::string_view to_text(BookingState state) {
  switch (state) {
    case BookingState::writing:
      return "writing";
    case BookingState::committed:
      return "committed";
    case BookingState::displacing:
      return "displacing";
  }
  check_failed("every state has a name", __FILE__, __LINE__);
}

}  // namespace openavail::arbiter
