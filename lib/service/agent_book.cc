// book and confirm: the same road, from two beginnings.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <thread>

#include "service/agent_service.h"
#include "service/changes.h"
#include "service/idempotency.h"
#include "service/intents.h"
#include "service/ledger.h"
#include "service/recovery.h"
#include "service/refusal.h"
#include "service/requests.h"

namespace openavail::service {
namespace {

using policy::Permission;

// What is to be booked, whichever way it was asked for.
struct Order {
  const char* operation = "book";
  Interval interval;
  calendar::EventText text;
  Target target;                  // book
  std::string meeting_class;      // book
  std::optional<HoldId> hold_id;  // confirm
};

nlohmann::json parameters_of(const Order& order) {
  nlohmann::json out = to_json(order.target);
  out["operation"] = order.operation;
  out["interval"] = to_json(order.interval);
  out["meeting_class"] = order.meeting_class;
  out["text"] = to_json(order.text);
  if (order.hold_id) out["hold_id"] = order.hold_id->text();
  return out;
}

Status check_hold(const ports::Hold& hold, const Interval& interval, Instant now) {
  if (hold.state == ports::HoldState::promoted || hold.state == ports::HoldState::promoting) {
    return fail(ErrorCode::hold_already_promoted, "this hold was confirmed already",
                "list the bookings to find what it became");
  }
  if (hold.state == ports::HoldState::released) {
    return fail(ErrorCode::hold_not_found, "there is no such hold of this agent",
                "make a new hold");
  }
  if (hold.state == ports::HoldState::expired || hold.until <= now) {
    return fail(ErrorCode::hold_expired, "this hold has expired", "make a new hold");
  }
  const bool fits = hold.scope == ports::HoldScope::candidate
                        ? interval == hold.interval
                        : hold.interval.contains(interval) && interval.length() == hold.duration;
  if (!fits) {
    return fail(ErrorCode::slot_outside_hold,
                hold.scope == ports::HoldScope::candidate
                    ? "a candidate hold is confirmed with its own start and end"
                    : "the time is not inside the held window, or has another duration",
                "use the hold's own times, or make another hold");
  }
  return {};
}

class Booker {
 public:
  Booker(const Parts& parts, const AgentCall& call, Order order)
      : parts_(parts), call_(call), order_(std::move(order)), use_(parts, call, order_.operation) {}

  Result<BookingAnswer> run() {
    auto answer = attempt();
    if (!answer && !has_row_) return fail(use_.refuse(std::move(answer).error()));
    return answer;
  }

 private:
  // Who asks, for which owner. For a confirmation the hold names the owner.
  Result<Preparation> prepare(ports::Transaction& tx) {
    Preparation prepared;
    Question& question = prepared.question;
    question.kind = order_.hold_id ? arbiter::RequestKind::confirm : arbiter::RequestKind::book;
    question.interval = order_.interval;
    use_.entry().requested_interval = order_.interval;
    if (order_.hold_id) {
      OA_TRY(prepared.who, use_.authorize(tx, Permission::create_bookings));
      OA_TRY(const ports::Hold hold, find_own_hold(tx, prepared.who.agent, *order_.hold_id));
      OA_TRY(prepared.who.owner, tx.find_owner(hold.owner_id));
      if (!prepared.who.owner) return fail(ErrorCode::internal, "a hold's owner is missing");
      use_.entry().calendar_owner = hold.owner_id;
      use_.entry().hold_id = hold.id;
      OA_TRY_STATUS(check_hold(hold, order_.interval, prepared.who.now));
      OA_TRY(const auto meeting_class, tx.find_class(hold.class_id));
      OA_TRY(const auto calendar, tx.find_calendar(hold.calendar_id));
      if (!meeting_class || !calendar) {
        return fail(ErrorCode::internal, "a hold's class or calendar is missing");
      }
      question.meeting_class = *meeting_class;
      question.own_hold = hold.id;
      if (hold.scope == ports::HoldScope::window) question.held_window = hold.interval;
      prepared.calendar_type = calendar->type;
      hold_ = hold;
    } else {
      OA_TRY(prepared.who,
             use_.authorize_owner(tx, Permission::create_bookings, order_.target.owner_email));
      OA_TRY(question.meeting_class, find_meeting_class(tx, order_.meeting_class));
      prepared.calendar_type = order_.target.calendar_type;
    }
    use_.entry().meeting_class = question.meeting_class.name;
    OA_TRY_STATUS(check_interval(order_.interval));
    OA_TRY_STATUS(check_not_past(order_.interval, prepared.who.now));
    return prepared;
  }

  // What a key or a hold stands for may have been left half done, and is settled before it is
  // judged.
  Status settle() {
    if (!digests_ && !order_.hold_id) return {};
    OA_TRY(auto tx, parts_.store.begin(ports::Access::read));
    OA_TRY(const Authorized who, authorize(*tx));
    if (!who.owner) return {};
    OA_TRY(const bool is_unsettled, has_dead_writers(parts_, *tx, who.owner->id));
    tx.reset();
    if (!is_unsettled) return {};
    return recover_owner(parts_, who.owner->id).map([](int) {});
  }

  // A repeat is looked for before anything else: what it asks may no longer be possible.
  Result<std::optional<BookingAnswer>> look_for_repeat() {
    if (!digests_) return std::optional<BookingAnswer>{};
    OA_TRY(auto tx, parts_.store.begin(ports::Access::write));
    OA_TRY(const Authorized who, authorize(*tx));
    OA_TRY(const auto first, find_outcome(parts_, *tx, who.agent.id, digests_, who.now));
    if (!first) return std::optional<BookingAnswer>{};
    OA_TRY(BookingAnswer answer, replay(*tx, *first));
    return std::optional<BookingAnswer>(std::move(answer));
  }

  Result<Authorized> authorize(ports::Transaction& tx) {
    if (!order_.hold_id) {
      return use_.authorize_owner(tx, Permission::create_bookings, order_.target.owner_email);
    }
    OA_TRY(Authorized who, use_.authorize(tx, Permission::create_bookings));
    OA_TRY(const auto hold, tx.find_hold(*order_.hold_id));
    if (hold && hold->agent_id == who.agent.id) {
      OA_TRY(who.owner, tx.find_owner(hold->owner_id));
      use_.entry().calendar_owner = hold->owner_id;
    }
    return who;
  }

  Result<BookingAnswer> replay(ports::Transaction& tx, const ports::IdempotencyRecord& first) {
    const nlohmann::json outcome = nlohmann::json::parse(first.outcome);
    OA_TRY_STATUS(record_replay(use_, tx, first));
    if (auto refusal = refusal_of(outcome)) {
      OA_TRY_STATUS(tx.commit());
      has_row_ = true;
      return fail(std::move(*refusal));
    }
    OA_TRY(const auto booking,
           tx.find_booking(BookingId(outcome.at("booking_id").get<std::string>())));
    if (!booking) return fail(ErrorCode::internal, "a booking that an outcome names is missing");
    std::vector<BookingId> displaced;
    for (const auto& id : outcome.at("displaced")) displaced.emplace_back(id.get<std::string>());
    OA_TRY(const Interval interval, interval_of(outcome));
    OA_TRY(BookingAnswer answer,
           answer_of(tx, *booking, interval, displaced,
                     DecisionId(outcome.at("decision_id").get<std::string>())));
    OA_TRY_STATUS(tx.commit());
    has_row_ = true;
    return answer;
  }

  static Result<Interval> interval_of(const nlohmann::json& outcome) {
    Interval interval;
    OA_TRY(interval.start, time::parse_instant(outcome.at("start").get<std::string>()));
    OA_TRY(interval.end, time::parse_instant(outcome.at("end").get<std::string>()));
    return interval;
  }

  Result<BookingAnswer> answer_of(ports::Transaction& tx, const ports::Booking& booking,
                                  const Interval& interval, const std::vector<BookingId>& displaced,
                                  const DecisionId& decision) {
    BookingAnswer answer;
    answer.booking_id = booking.id;
    answer.correlation_id = booking.correlation_id;
    answer.interval = interval;
    answer.text = order_.text;
    answer.audit_row_id = decision;
    OA_TRY(const auto calendar, tx.find_calendar(booking.calendar_id));
    if (calendar) answer.calendar_type = calendar->type;
    if (answer.text.title.empty()) {
      OA_TRY(const auto own_class, tx.find_class(booking.class_id));
      if (own_class) answer.text.title = own_class->name;
    }
    OA_TRY(answer.displaced, describe_displaced(tx, displaced));
    return answer;
  }

  static Result<std::vector<DisplacedBooking>> describe_displaced(
      ports::Transaction& tx, const std::vector<BookingId>& displaced) {
    std::vector<DisplacedBooking> described;
    for (const BookingId& id : displaced) {
      OA_TRY(const auto loser, tx.find_booking(id));
      if (!loser) continue;
      OA_TRY(const auto meeting_class, tx.find_class(loser->class_id));
      described.push_back(
          {id, std::nullopt, loser->interval, meeting_class ? meeting_class->name : ""});
    }
    return described;
  }

  // The caller wants to be asked before it displaces, and this it has not agreed to.
  bool must_ask(const arbiter::Decision& decision) const {
    if (!call_.may_displace) return false;
    const auto& agreed = *call_.may_displace;
    return std::any_of(decision.displaced.begin(), decision.displaced.end(),
                       [&](const BookingId& id) {
                         return std::find(agreed.begin(), agreed.end(), id) == agreed.end();
                       });
  }

  // Tells what would be displaced; an access row is all that it leaves.
  Result<BookingAnswer> ask(Moment& moment, const arbiter::Decision& decision) {
    use_.entry().rule_fired = decision.rule_fired;
    describe(use_.entry(), decision.trace);
    use_.entry().situation_digest = copy_of(moment.situation).digest;
    use_.entry().displaced_booking_ids = decision.displaced;
    BookingAnswer question;
    question.is_question = true;
    question.interval = order_.interval;
    OA_TRY(question.displaced, describe_displaced(*moment.tx, decision.displaced));
    OA_TRY_STATUS(use_.record(*moment.tx, audit::Kind::access, "ask_preemption"));
    OA_TRY_STATUS(moment.tx->commit());
    has_row_ = true;
    return question;
  }

  // Titles of what was displaced, for who may read events. A title that can't be read now is none.
  void add_displaced_titles(BookingAnswer& answer, const std::vector<ports::Booking>& losers) {
    for (std::size_t i = 0; i < losers.size() && i < answer.displaced.size(); ++i) {
      const auto title = [&]() -> Result<std::string> {
        OA_TRY(auto tx, parts_.store.begin(ports::Access::read));
        OA_TRY(const auto calendar, tx->find_calendar(losers[i].calendar_id));
        if (!calendar) return fail(ErrorCode::not_found, "");
        OA_TRY(const auto provider, open_provider(parts_, *calendar));
        OA_TRY(auto event, provider->fetch({losers[i].event_place, losers[i].event_uid}));
        return event.text.title;
      }();
      if (title) answer.displaced[i].title = *title;
    }
  }

  // A booking whose event is being written, or that another winner is displacing, can't be
  // displaced before that is settled: its writer would find it changed. Writers need milliseconds.
  static bool is_in_flux(const Moment& moment, const arbiter::Decision& decision) {
    const auto& occupancy = moment.situation.occupancy;
    return std::any_of(occupancy.begin(), occupancy.end(), [&](const arbiter::Occupant& occupant) {
      return occupant.kind == arbiter::OccupantKind::booking &&
             occupant.state != arbiter::BookingState::committed &&
             std::find(decision.displaced.begin(), decision.displaced.end(), occupant.booking_id) !=
                 decision.displaced.end();
    });
  }

  Result<BookingAnswer> attempt() {
    OA_TRY(digests_, idempotency_digests(parts_, call_, parameters_of(order_)));
    OA_TRY_STATUS(settle());
    OA_TRY(auto repeated, look_for_repeat());
    if (repeated) return std::move(*repeated);
    for (int tries = 0; tries < limits::kUnsettledTriesMax; ++tries) {
      auto answer = decide_once();
      // Confirmed meanwhile: by a call with the same key, perhaps, whose outcome this one shares.
      if (!answer && digests_ && answer.error().code() == ErrorCode::hold_already_promoted) {
        OA_TRY(auto first, look_for_repeat());
        if (first) return std::move(*first);
      }
      if (!answer) return fail(std::move(answer).error());
      if (*answer) return std::move(**answer);
      std::this_thread::sleep_for(limits::kUnsettledNap);
    }
    return fail(Error(ErrorCode::calendar_unavailable,
                      "another booking at that time is still being written",
                      "repeat the call in a second")
                    .with_details({{"cause", "unsettled"}}));
  }

  // Nothing: a booking that would be displaced is in flux; nothing was written.
  Result<std::optional<BookingAnswer>> decide_once() {
    OA_TRY(Moment moment, reach_moment(
                              parts_, [this](ports::Transaction& tx) { return prepare(tx); },
                              [](const arbiter::Situation& situation) {
                                return arbiter::judge(situation).verdict ==
                                       arbiter::Verdict::reject;
                              }));
    ports::Transaction& tx = *moment.tx;
    const Instant now = moment.who.now;
    // Two calls with one key may have come this far together; the first to commit has its way.
    OA_TRY(const auto first, find_outcome(parts_, tx, moment.who.agent.id, digests_, now));
    if (first) {
      OA_TRY(BookingAnswer replayed, replay(tx, *first));
      return std::optional<BookingAnswer>(std::move(replayed));
    }
    const arbiter::Decision decision = arbiter::decide(moment.situation);
    if (is_in_flux(moment, decision)) return std::optional<BookingAnswer>{};
    OA_TRY_STATUS(record_changes(parts_, moment));
    if (must_ask(decision)) {
      OA_TRY(BookingAnswer question, ask(moment, decision));
      return std::optional<BookingAnswer>(std::move(question));
    }
    OA_TRY(Verdict verdict, record_verdict(use_, moment, decision));
    if (verdict.refusal) {
      OA_TRY_STATUS(keep_outcome(parts_, tx, moment.who.agent.id, digests_, verdict.decision_id,
                                 outcome_of(*verdict.refusal), now));
      OA_TRY_STATUS(tx.commit());
      has_row_ = true;
      return fail(refusal_for(call_, std::move(*verdict.refusal), moment.situation));
    }
    Placement placement;
    placement.interval = order_.interval;
    placement.meeting_class = moment.situation.request.meeting_class;
    placement.calendar = moment.target.calendar;
    placement.displaced = decision.displaced;
    placement.hold = hold_;
    placement.decision_id = verdict.decision_id;
    placement.digests = digests_;
    const BookingId id(verdict.subject_id);
    const WorkInHand in_hand(id, WorkInHand::Event::to_be_written);
    OA_TRY(const ports::Booking writing, record_writing(parts_, moment, placement, id));
    if (order_.text.title.empty()) order_.text.title = placement.meeting_class.name;
    OA_TRY(BookingAnswer answer,
           answer_of(tx, writing, order_.interval, decision.displaced, verdict.decision_id));
    std::vector<ports::Booking> losers;
    for (const BookingId& loser : decision.displaced) {
      OA_TRY(const auto booking, tx.find_booking(loser));
      if (booking) losers.push_back(*booking);
    }
    OA_TRY_STATUS(tx.commit());
    has_row_ = true;
    moment.tx.reset();
    if (moment.who.agent.permissions.has(Permission::read_events)) {
      add_displaced_titles(answer, losers);
    }
    OA_TRY_STATUS(
        write_event(parts_, writing, order_.text, moment.view.owner.email).map([](const auto&) {}));
    // The booking stands; what is owed besides is recorded and will be repeated if it fails now.
    const auto carried = carry_out_intents(parts_, writing.owner_id);
    if (!carried) tell_operator(parts_, carried.error());
    answer.warnings = moment.target.warnings;
    for (auto& warning : rule_warnings(moment.view.rules)) {
      answer.warnings.push_back(std::move(warning));
    }
    if (call_.include_situation) answer.situation = copy_of(moment.situation);
    return std::optional<BookingAnswer>(std::move(answer));
  }

  const Parts& parts_;
  const AgentCall& call_;
  Order order_;
  Use use_;
  std::optional<IdempotencyDigests> digests_;
  std::optional<ports::Hold> hold_;
  bool has_row_ = false;
};

}  // namespace

Result<BookingAnswer> AgentService::book(const AgentCall& call, const BookRequest& request) {
  return Booker(parts_, call,
                {"book", request.interval, request.text, request.target, request.meeting_class, {}})
      .run();
}

Result<BookingAnswer> AgentService::confirm(const AgentCall& call, const ConfirmRequest& request) {
  return Booker(parts_, call, {"confirm", request.interval, request.text, {}, {}, request.hold_id})
      .run();
}

}  // namespace openavail::service
