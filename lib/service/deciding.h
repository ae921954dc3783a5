// The road from a question to a decision that nothing stale went into (arbitration contract,
// Races): the owner's revision is noted, the calendars are read, and a transaction is begun; if the
// revision moved meanwhile in a way that the reading can't stand (carry_over() in reading.h), all
// of it is done again, and after a few moves the owner is locked first. Holds, bookings and
// confirmations go in rounds (owner_rounds.h); searches and simulations add nothing that others
// would have to know of, and go by themselves.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "arbiter/arbiter.h"
#include "ports/store.h"
#include "service/owner_view.h"
#include "service/reading.h"
#include "service/use.h"

namespace openavail::service {

struct Question {
  arbiter::RequestKind kind = arbiter::RequestKind::book;
  Interval interval;               // as asked for; fixes the horizon
  std::optional<Millis> duration;  // search and window hold
  policy::MeetingClass meeting_class;
  Millis lookahead = std::chrono::hours(limits::kLookaheadHoursMax);
  int results_wanted = limits::kSearchResultsDefault;
  std::optional<Interval> held_window;
  std::optional<HoldId> own_hold;  // the hold that is being confirmed
  bool only_reads = false;         // what is found leads to nothing that others would have to know
};

// All that holds at the moment of deciding. `tx` is open and still to be committed; for writing,
// but for a question that only reads and whose row goes to the journal.
struct Moment {
  std::unique_ptr<ports::Transaction> tx;
  Authorized who;
  OwnerView view;
  ChosenCalendar target;
  Claims claims;
  CalendarsRead read;
  std::vector<ExternalChange> changes;
  arbiter::Situation situation;
};

struct Preparation {
  Authorized who;  // with the owner
  std::optional<CalendarType> calendar_type;
  Question question;
};

// Authorises, finds class and hold, judges what needs no calendar. Runs in every transaction anew.
using Prepare = std::function<Result<Preparation>(ports::Transaction&)>;
// True: this moment's situation is refused and needs the wide horizon.
using NeedsMore = std::function<bool(const arbiter::Situation&)>;

// Errors: what `prepare` answers; calendar_unavailable; internal.
Result<Moment> reach_moment(const Parts& parts, const Prepare& prepare,
                            const NeedsMore& needs_more);

SituationCopy copy_of(const arbiter::Situation& situation);

}  // namespace openavail::service
