// search and simulate: they decide, and write nothing but their audit row.
#include <nlohmann/json.hpp>

#include "service/agent_service.h"
#include "service/deciding.h"
#include "service/refusal.h"
#include "service/requests.h"
#include "service/searching.h"

namespace openavail::service {

using policy::Permission;

Result<Preparation> prepare_search(Use& use, ports::Transaction& tx, const SearchRequest& request,
                                   Permission needed) {
  Preparation prepared;
  OA_TRY(prepared.who, use.authorize_owner(tx, needed, request.target.owner_email));
  prepared.calendar_type = request.target.calendar_type;
  Question& question = prepared.question;
  question.kind = arbiter::RequestKind::search;
  question.only_reads = true;
  question.interval = {request.earliest_start, request.latest_end};
  question.duration = std::chrono::minutes(request.duration_minutes);
  question.lookahead = std::chrono::hours(request.lookahead_hours);
  question.results_wanted = request.max_results;
  use.entry().requested_interval = question.interval;
  OA_TRY(question.meeting_class, find_meeting_class(tx, request.meeting_class));
  use.entry().meeting_class = question.meeting_class.name;
  const Millis window = question.interval.length();
  if (window > std::chrono::hours(24 * limits::kSearchWindowDaysMax)) {
    return fail(ErrorCode::validation_failed, "a search window is at most 62 days long",
                "search in several windows");
  }
  OA_TRY_STATUS(check_reach(question.interval));
  if (request.latest_end < prepared.who.now) {
    return fail(ErrorCode::past_time, "latest_end is in the past", "search in the future");
  }
  if (window < *question.duration) {
    using std::chrono::duration_cast;
    using std::chrono::minutes;
    return fail(
        Error(ErrorCode::window_too_narrow, "the window is shorter than the meeting",
              "widen the window or shorten the meeting")
            .with_details({{"window_duration_minutes", duration_cast<minutes>(window).count()},
                           {"required_duration_minutes", request.duration_minutes}}));
  }
  return prepared;
}

SearchAnswer search_answer(const SearchRequest& request, arbiter::SearchResult result,
                           const Moment& moment) {
  SearchAnswer found;
  found.requested_window = {request.earliest_start, request.latest_end};
  found.candidates = std::move(result.candidates);
  found.resolved_calendar_type = moment.target.calendar.type;
  found.warnings = moment.target.warnings;
  for (auto& warning : rule_warnings(moment.view.rules)) {
    found.warnings.push_back(std::move(warning));
  }
  found.candidate_limit = request.max_results;
  found.available_candidate_count = result.available_count;
  found.curated = result.curated;
  return found;
}

Result<SearchAnswer> AgentService::search(const AgentCall& call, const SearchRequest& request) {
  Use use(parts_, call, "search");
  auto answer = [&]() -> Result<SearchAnswer> {
    std::optional<arbiter::SearchResult> result;
    OA_TRY(Moment moment,
           reach_moment(
               parts_, [&](ports::Transaction& tx) { return prepare_search(use, tx, request); },
               [&](const arbiter::Situation& situation) {
                 result = arbiter::search(situation);
                 return result->candidates.empty();
               }));
    if (!result || result->candidates.empty()) result = arbiter::search(moment.situation);
    const SituationCopy situation = copy_of(moment.situation);
    use.entry().situation_digest = situation.digest;
    use.entry().rule_fired = result->rule_fired;
    describe(use.entry(), result->trace);
    OA_TRY_STATUS(use.end_read(*moment.tx, "search"));
    SearchAnswer found = search_answer(request, *result, moment);
    if (result->candidates.empty()) {
      Error error = no_slots(*result, std::chrono::minutes(request.duration_minutes),
                             found.resolved_calendar_type, found.warnings);
      if (call.include_situation) error = with_situation(std::move(error), situation);
      return fail(std::move(error));
    }
    if (call.include_situation) found.situation = situation;
    return found;
  }();
  // An empty search has its row already.
  if (!answer && answer.error().code() != ErrorCode::no_slots_available) {
    return fail(use.refuse(std::move(answer).error()));
  }
  return answer;
}

Result<SimulateAnswer> AgentService::simulate(const AgentCall& call,
                                              const SimulateRequest& request) {
  Use use(parts_, call, "simulate");
  auto answer = [&]() -> Result<SimulateAnswer> {
    const Prepare prepare = [&](ports::Transaction& tx) -> Result<Preparation> {
      Preparation prepared;
      OA_TRY(prepared.who,
             use.authorize_owner(tx, Permission::read_freebusy, request.target.owner_email));
      prepared.calendar_type = request.target.calendar_type;
      prepared.question.kind = arbiter::RequestKind::simulate;
      prepared.question.only_reads = true;
      prepared.question.interval = request.interval;
      use.entry().requested_interval = request.interval;
      OA_TRY(prepared.question.meeting_class, find_meeting_class(tx, request.meeting_class));
      use.entry().meeting_class = prepared.question.meeting_class.name;
      OA_TRY_STATUS(check_interval(request.interval));
      OA_TRY_STATUS(check_not_past(request.interval, prepared.who.now));
      return prepared;
    };
    OA_TRY(Moment moment, reach_moment(parts_, prepare, [](const arbiter::Situation& situation) {
             return arbiter::judge(situation).verdict == arbiter::Verdict::reject;
           }));
    SimulateAnswer simulated{arbiter::decide(moment.situation), copy_of(moment.situation),
                             request.interval.length()};
    use.entry().situation_digest = simulated.situation.digest;
    use.entry().rule_fired = simulated.decision.rule_fired;
    use.entry().displaced_booking_ids = simulated.decision.displaced;
    describe(use.entry(), simulated.decision.trace);
    OA_TRY_STATUS(use.end_read(*moment.tx, "simulate"));
    return simulated;
  }();
  if (!answer) return fail(use.refuse(std::move(answer).error()));
  return answer;
}

}  // namespace openavail::service
