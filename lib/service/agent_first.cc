// search_and_hold: the first generation's one call.
#include <nlohmann/json.hpp>

#include "base/identifiers.h"
#include "service/agent_service.h"
#include "service/changes.h"
#include "service/idempotency.h"
#include "service/refusal.h"
#include "service/requests.h"
#include "service/searching.h"

namespace openavail::service {
namespace {

using policy::Permission;

nlohmann::json parameters_of(const SearchRequest& request) {
  nlohmann::json out = to_json(request.target);
  out["operation"] = "search_and_hold";
  out["interval"] = to_json(Interval{request.earliest_start, request.latest_end});
  out["meeting_class"] = request.meeting_class;
  out["duration_minutes"] = request.duration_minutes;
  return out;
}

arbiter::Candidate candidate_of(const ports::Hold& hold) {
  arbiter::Candidate candidate;
  candidate.interval = hold.interval;
  return candidate;
}

// The first outcome: its hold, as it stands now.
Result<FirstAnswer> replay(Use& use, ports::Transaction& tx, const SearchRequest& request,
                           const ports::IdempotencyRecord& record, Instant now) {
  OA_TRY_STATUS(record_replay(use, tx, record));
  const nlohmann::json outcome = nlohmann::json::parse(record.outcome);
  OA_TRY_STATUS(tx.commit());
  OA_TRY(const auto hold, tx.find_hold(HoldId(outcome.at("hold_id").get<std::string>())));
  if (!hold) return fail(ErrorCode::internal, "a hold that an outcome names is missing");
  OA_TRY(const auto calendar, tx.find_calendar(hold->calendar_id));
  const CalendarType type = calendar ? calendar->type : CalendarType::work;
  FirstAnswer answer;
  answer.hold = hold_answer(*hold, type, now);
  answer.found.requested_window = {request.earliest_start, request.latest_end};
  answer.found.resolved_calendar_type = type;
  answer.found.candidates.push_back(candidate_of(*hold));
  answer.found.available_candidate_count = 1;
  answer.found.candidate_limit = request.max_results;
  return answer;
}

}  // namespace

Result<FirstAnswer> AgentService::search_and_hold(const AgentCall& call,
                                                  const SearchRequest& request) {
  Use use(parts_, call, "search_and_hold");
  bool has_row = false;
  auto answer = [&]() -> Result<FirstAnswer> {
    OA_TRY(const auto digests, idempotency_digests(parts_, call, parameters_of(request)));
    std::optional<arbiter::SearchResult> result;
    const Prepare prepare = [&](ports::Transaction& tx) -> Result<Preparation> {
      OA_TRY(Preparation prepared, prepare_search(use, tx, request));
      prepared.question.only_reads = false;
      OA_TRY_STATUS(use.authorize(tx, Permission::create_holds).map([](const auto&) {}));
      return prepared;
    };
    OA_TRY(Moment moment, reach_moment(parts_, prepare, [&](const arbiter::Situation& situation) {
             result = arbiter::search(situation);
             return result->candidates.empty();
           }));
    ports::Transaction& tx = *moment.tx;
    OA_TRY(const auto first,
           find_outcome(parts_, tx, moment.who.agent.id, digests, moment.who.now));
    if (first) {
      has_row = true;
      return replay(use, tx, request, *first, moment.who.now);
    }
    OA_TRY_STATUS(check_live_holds(tx, moment.who));
    if (!result || result->candidates.empty()) result = arbiter::search(moment.situation);
    use.entry().situation_digest = copy_of(moment.situation).digest;
    use.entry().rule_fired = result->rule_fired;
    describe(use.entry(), result->trace);
    FirstAnswer made;
    made.found = search_answer(request, *result, moment);
    if (made.found.candidates.empty()) {
      OA_TRY_STATUS(use.record(tx, audit::Kind::access, "search"));
      OA_TRY_STATUS(tx.commit());
      has_row = true;
      return fail(refusal_for(call,
                              no_slots(*result, std::chrono::minutes(request.duration_minutes),
                                       made.found.resolved_calendar_type, made.found.warnings),
                              moment.situation));
    }
    if (call.include_situation) made.found.situation = copy_of(moment.situation);
    OA_TRY_STATUS(record_changes(parts_, moment));
    const Interval best = made.found.candidates.front().interval;
    const HoldId id(new_uuid_v7(moment.who.now.unix_ms, parts_.entropy));
    use.entry().decided_interval = best;
    use.entry().hold_id = id;
    OA_TRY(const DecisionId decision, use.record(tx, audit::Kind::decision, "accept"));
    const ports::Hold hold =
        new_hold(moment, id, decision, ports::HoldScope::candidate, best, request.duration_minutes);
    OA_TRY_STATUS(tx.insert_hold(hold));
    OA_TRY_STATUS(tx.bump_owner_revision(hold.owner_id));
    OA_TRY_STATUS(keep_outcome(parts_, tx, hold.agent_id, digests, decision,
                               {{"hold_id", hold.id.text()}}, moment.who.now));
    OA_TRY_STATUS(tx.commit());
    has_row = true;
    made.hold = hold_answer(hold, moment.target.calendar.type, moment.who.now);
    return made;
  }();
  if (!answer && !has_row) return fail(use.refuse(std::move(answer).error()));
  return answer;
}

}  // namespace openavail::service
