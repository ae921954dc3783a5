// hold and release.
#include <nlohmann/json.hpp>

#include "base/identifiers.h"
#include "service/agent_service.h"
#include "service/changes.h"
#include "service/deciding.h"
#include "service/idempotency.h"
#include "service/recovery.h"
#include "service/refusal.h"
#include "service/requests.h"

namespace openavail::service {
namespace {

using policy::Permission;

Result<Preparation> prepare_hold(Use& use, ports::Transaction& tx, const HoldRequest& request) {
  Preparation prepared;
  OA_TRY(prepared.who,
         use.authorize_owner(tx, Permission::create_holds, request.target.owner_email));
  prepared.calendar_type = request.target.calendar_type;
  Question& question = prepared.question;
  question.kind = arbiter::RequestKind::hold;
  question.interval = request.interval;
  use.entry().requested_interval = request.interval;
  OA_TRY(question.meeting_class, find_meeting_class(tx, request.meeting_class));
  use.entry().meeting_class = question.meeting_class.name;
  OA_TRY_STATUS(check_interval(request.interval));
  if (request.scope == ports::HoldScope::window) {
    question.duration = std::chrono::minutes(request.duration_minutes);
    if (request.interval.length() > std::chrono::hours(limits::kWindowHoldHoursMax)) {
      return fail(ErrorCode::validation_failed, "a window hold is at most 8 hours long",
                  "hold a shorter window");
    }
    if (request.interval.length() < *question.duration) {
      using std::chrono::duration_cast;
      using std::chrono::minutes;
      return fail(Error(ErrorCode::window_too_narrow, "the window is shorter than the meeting",
                        "widen the window or shorten the meeting")
                      .with_details({{"window_duration_minutes",
                                      duration_cast<minutes>(request.interval.length()).count()},
                                     {"required_duration_minutes", request.duration_minutes}}));
    }
  }
  OA_TRY_STATUS(check_not_past(request.interval, prepared.who.now));
  OA_TRY_STATUS(check_live_holds(tx, prepared.who));
  return prepared;
}

}  // namespace

ports::Hold new_hold(const Moment& moment, const HoldId& id, const DecisionId& decision,
                     ports::HoldScope scope, const Interval& interval, int duration_minutes) {
  ports::Hold hold;
  hold.id = id;
  hold.owner_id = moment.view.owner.id;
  hold.agent_id = moment.who.agent.id;
  hold.class_id = moment.situation.request.meeting_class.id;
  hold.calendar_id = moment.target.calendar.id;
  hold.scope = scope;
  hold.interval = interval;
  hold.duration = scope == ports::HoldScope::window ? Millis(std::chrono::minutes(duration_minutes))
                                                    : interval.length();
  hold.until = moment.who.now + std::chrono::seconds(moment.view.rules.hold_ttl_seconds);
  hold.created_at = moment.who.now;
  hold.decision_id = decision;
  return hold;
}

HoldAnswer hold_answer(const ports::Hold& hold, CalendarType resolved, Instant now) {
  HoldAnswer answer;
  answer.hold_id = hold.id;
  answer.scope = hold.scope;
  answer.held_window = hold.interval;
  answer.expires_at = hold.until;
  const Millis left = std::max(hold.until - now, Millis{0});
  answer.expires_in_seconds =
      static_cast<int>(std::chrono::duration_cast<std::chrono::seconds>(left).count());
  answer.resolved_calendar_type = resolved;
  return answer;
}

Status check_live_holds(ports::Transaction& tx, const Authorized& who) {
  OA_TRY(const int live, tx.count_live_holds(who.agent.id, who.now));
  if (live < limits::kLiveHoldsPerAgentMax) return {};
  return fail(ErrorCode::rate_limited, "this agent has 20 live holds already",
              "confirm or release one first");
}

namespace {

nlohmann::json parameters_of(const HoldRequest& request) {
  nlohmann::json out = to_json(request.target);
  out["operation"] = "hold";
  out["interval"] = to_json(request.interval);
  out["meeting_class"] = request.meeting_class;
  out["scope"] = request.scope == ports::HoldScope::window ? "window" : "candidate";
  out["duration_minutes"] = request.duration_minutes;
  return out;
}

Result<HoldAnswer> replay_hold(Use& use, ports::Transaction& tx,
                               const ports::IdempotencyRecord& record, Instant now) {
  OA_TRY_STATUS(record_replay(use, tx, record));
  const nlohmann::json outcome = nlohmann::json::parse(record.outcome);
  if (auto refusal = refusal_of(outcome)) {
    OA_TRY_STATUS(tx.commit());
    return fail(std::move(*refusal));
  }
  OA_TRY(const auto hold, tx.find_hold(HoldId(outcome.at("hold_id").get<std::string>())));
  if (!hold) return fail(ErrorCode::internal, "a hold that an outcome names is missing");
  OA_TRY(const auto calendar, tx.find_calendar(hold->calendar_id));
  OA_TRY_STATUS(tx.commit());
  return hold_answer(*hold, calendar ? calendar->type : CalendarType::work, now);
}

}  // namespace

Result<HoldAnswer> AgentService::hold(const AgentCall& call, const HoldRequest& request) {
  Use use(parts_, call, "hold");
  bool has_row = false;
  auto answer = [&]() -> Result<HoldAnswer> {
    OA_TRY(const auto digests, idempotency_digests(parts_, call, parameters_of(request)));
    if (digests) {
      OA_TRY(auto tx, parts_.store.begin(ports::Access::write));
      OA_TRY(const Authorized who,
             use.authorize_owner(*tx, Permission::create_holds, request.target.owner_email));
      OA_TRY(const auto first, find_outcome(parts_, *tx, who.agent.id, digests, who.now));
      if (first) {
        has_row = true;
        return replay_hold(use, *tx, *first, who.now);
      }
    }
    OA_TRY(Moment moment,
           reach_moment(
               parts_, [&](ports::Transaction& tx) { return prepare_hold(use, tx, request); },
               [](const arbiter::Situation& situation) {
                 return arbiter::judge(situation).verdict == arbiter::Verdict::reject;
               }));
    ports::Transaction& tx = *moment.tx;
    const Instant now = moment.who.now;
    // Two calls with one key may have come this far together; the first to commit has its way.
    OA_TRY(const auto first, find_outcome(parts_, tx, moment.who.agent.id, digests, now));
    if (first) {
      has_row = true;
      return replay_hold(use, tx, *first, now);
    }
    OA_TRY_STATUS(record_changes(parts_, moment));
    const arbiter::Decision decision = arbiter::decide(moment.situation);
    OA_TRY(Verdict verdict, record_verdict(use, moment, decision));
    if (verdict.refusal) {
      OA_TRY_STATUS(keep_outcome(parts_, tx, moment.who.agent.id, digests, verdict.decision_id,
                                 outcome_of(*verdict.refusal), now));
      OA_TRY_STATUS(tx.commit());
      has_row = true;
      return fail(refusal_for(call, std::move(*verdict.refusal), moment.situation));
    }
    const ports::Hold hold = new_hold(moment, HoldId(verdict.subject_id), verdict.decision_id,
                                      request.scope, request.interval, request.duration_minutes);
    OA_TRY_STATUS(tx.insert_hold(hold));
    OA_TRY_STATUS(tx.bump_owner_revision(hold.owner_id));
    OA_TRY_STATUS(keep_outcome(parts_, tx, hold.agent_id, digests, verdict.decision_id,
                               {{"hold_id", hold.id.text()}}, now));
    OA_TRY_STATUS(tx.commit());
    HoldAnswer made = hold_answer(hold, moment.target.calendar.type, now);
    made.warnings = moment.target.warnings;
    if (call.include_situation) made.situation = copy_of(moment.situation);
    return made;
  }();
  if (!answer && !has_row) return fail(use.refuse(std::move(answer).error()));
  return answer;
}

Status AgentService::release(const AgentCall& call, const HoldId& hold_id) {
  Use use(parts_, call, "release");
  auto released = [&]() -> Status {
    OA_TRY(auto tx, parts_.store.begin(ports::Access::write));
    OA_TRY(Authorized who, use.authorize(*tx, Permission::create_holds));
    OA_TRY(auto hold, find_own_hold(*tx, who.agent, hold_id));
    use.entry().calendar_owner = hold.owner_id;
    use.entry().hold_id = hold.id;
    if (hold.state == ports::HoldState::promoting) {
      // Its confirmation may have been left behind, and the hold be live again.
      tx.reset();
      OA_TRY_STATUS(recover_owner(parts_, hold.owner_id).map([](int) {}));
      OA_TRY(tx, parts_.store.begin(ports::Access::write));
      OA_TRY(who, use.authorize(*tx, Permission::create_holds));
      OA_TRY(hold, find_own_hold(*tx, who.agent, hold_id));
    }
    OA_TRY(const bool has_lapsed, record_lapsed_holds(parts_, *tx, hold.owner_id, who.now));
    if (has_lapsed) {
      OA_TRY(hold, find_own_hold(*tx, who.agent, hold_id));
    }
    if (hold.state == ports::HoldState::promoted || hold.state == ports::HoldState::promoting) {
      return fail(ErrorCode::hold_already_promoted, "this hold was confirmed already",
                  "cancel its booking instead");
    }
    // Idempotent by nature: what is no longer held needs no release.
    if (hold.state == ports::HoldState::live) {
      hold.state = ports::HoldState::released;
      OA_TRY_STATUS(tx->update_hold(hold));
      OA_TRY_STATUS(tx->bump_owner_revision(hold.owner_id));
    }
    OA_TRY_STATUS(use.record(*tx, audit::Kind::decision, "release"));
    return tx->commit();
  }();
  if (!released) return fail(use.refuse(std::move(released).error()));
  return {};
}

}  // namespace openavail::service
