#include "service/agent_service.h"

#include <utility>

#include "base/limits.h"
#include "service/journal.h"
#include "service/use.h"
#include "service/views.h"

namespace openavail::service {

using policy::Permission;

namespace {

// What needs no calendar: authorise, work, leave the row. What is no mere access is one
// transaction.
template <class Answer, class Work>
Result<Answer> plain_use(const Parts& parts, const AgentCall& call, const std::string& action,
                         std::optional<Permission> needed, const Target* target, const Work& work,
                         audit::Kind kind = audit::Kind::access) {
  Use use(parts, call, action);
  auto answer = [&]() -> Result<Answer> {
    const bool only_reads = kind == audit::Kind::access;
    OA_TRY(auto tx, only_reads ? use.begin_read() : parts.store.begin(ports::Access::write));
    OA_TRY(const Authorized who, target != nullptr
                                     ? use.authorize_owner(*tx, needed, target->owner_email)
                                     : use.authorize(*tx, needed));
    OA_TRY(Answer found, work(*tx, who));
    if (only_reads) {
      OA_TRY_STATUS(use.end_read(*tx, action));
      return found;
    }
    OA_TRY_STATUS(use.record(*tx, kind, action));
    OA_TRY_STATUS(tx->commit());
    return found;
  }();
  if (!answer) return fail(use.refuse(std::move(answer).error()));
  return answer;
}

}  // namespace

AgentService::AgentService(Parts parts) : parts_(std::move(parts)) {}
AgentService::~AgentService() = default;

Result<keys::VerifiedKey> AgentService::authenticate(std::string_view key_text, const Call& call) {
  const keys::Verifier::Lookup lookup =
      [this](const KeyRef& ref) -> Result<std::optional<keys::StoredVerifier>> {
    OA_TRY(auto tx, parts_.store.begin(ports::Access::read));
    OA_TRY(const auto key, tx->find_key(ref));
    if (!key) return std::optional<keys::StoredVerifier>{};
    return std::optional<keys::StoredVerifier>(
        keys::StoredVerifier{key->ref, key->verifier, key->pepper_id, key->version});
  };
  auto verified = parts_.verifier.verify(key_text, lookup);
  if (verified) return verified;
  if (verified.error().code() != ErrorCode::unknown_api_key) return verified;
  std::int64_t count = 1;
  if (call.counts_unknown_keys) {
    const auto due = refused_keys_.note(parts_.clock.monotonic_ns());
    if (!due) return verified;
    count = *due;
  }
  // A wrong key has no reference that may be trusted: the row names none.
  const auto written = [&]() -> Status {
    OA_TRY(auto tx, parts_.store.begin(ports::Access::write));
    audit::Entry entry;
    if (count > 1) entry.subject.emplace_back("refused_keys", std::to_string(count));
    entry.kind = audit::Kind::security;
    entry.action = "authenticate";
    entry.rule_fired = "unknown_api_key";
    entry.actor = "unknown";
    entry.request_id = call.request_id;
    OA_TRY_STATUS(append_entry(parts_, *tx, std::move(entry)));
    return tx->commit();
  }();
  if (!written) return fail(written.error());
  return verified;
}

bool AgentService::has_verified(std::string_view key_text) const {
  return parts_.verifier.has_verified(key_text);
}

Status AgentService::permit(const AgentCall& call, Permission permission,
                            const std::string& action) {
  return plain_use<bool>(
             parts_, call, action, permission, nullptr,
             [](ports::Transaction&, const Authorized&) -> Result<bool> { return true; })
      .map([](bool) {});
}

Result<AgentView> AgentService::holder(std::string_view key_text, const Call& call) {
  OA_TRY(const keys::VerifiedKey key, authenticate(key_text, call));
  return holder(key, call);
}

Result<AgentView> AgentService::holder(const keys::VerifiedKey& key, const Call& call) {
  const AgentCall agent_call{call, key};
  Use use(parts_, agent_call, "authenticate");
  auto found = [&]() -> Result<AgentView> {
    OA_TRY(auto tx, parts_.store.begin(ports::Access::read));
    OA_TRY(const Authorized who, use.authorize(*tx, std::nullopt));
    return agent_view(*tx, who.agent);
  }();
  if (!found) return fail(use.refuse(std::move(found).error()));
  return found;
}

Result<AgentView> AgentService::agent(const AgentCall& call) {
  return plain_use<AgentView>(
      parts_, call, "agent", std::nullopt, nullptr,
      [](ports::Transaction& tx, const Authorized& who) { return agent_view(tx, who.agent); });
}

Error AgentService::refuse(const AgentCall& call, const std::string& operation, Error refusal) {
  Use use(parts_, call, operation);
  const auto authorized = [&]() -> Status {
    OA_TRY(auto tx, parts_.store.begin(ports::Access::read));
    OA_TRY_STATUS(use.authorize(*tx, std::nullopt).map([](const auto&) {}));
    return {};
  }();
  return use.refuse(authorized ? std::move(refusal) : authorized.error());
}

Result<OwnerContext> AgentService::owner_context(const AgentCall& call, const Target& target) {
  return plain_use<OwnerContext>(
      parts_, call, "owner_context", Permission::read_freebusy, &target,
      [](ports::Transaction& tx, const Authorized& who) -> Result<OwnerContext> {
        OA_TRY(const OwnerView view, load_owner_view(tx, *who.owner));
        OwnerContext context;
        context.calendars = calendar_views(view);
        context.rules = rules_view(view);
        OA_TRY(context.meeting_classes, tx.classes());
        context.setup_warnings = rule_warnings(view.rules);
        OA_TRY(context.agent, agent_view(tx, who.agent));
        return context;
      });
}

Result<ScheduleRulesView> AgentService::schedule_rules(const AgentCall& call,
                                                       const Target& target) {
  return plain_use<ScheduleRulesView>(
      parts_, call, "schedule_rules", Permission::read_freebusy, &target,
      [](ports::Transaction& tx, const Authorized& who) -> Result<ScheduleRulesView> {
        OA_TRY(const OwnerView view, load_owner_view(tx, *who.owner));
        return rules_view(view);
      });
}

Result<std::vector<CalendarView>> AgentService::calendars(const AgentCall& call,
                                                          const Target& target) {
  return plain_use<std::vector<CalendarView>>(
      parts_, call, "calendars", Permission::read_freebusy, &target,
      [](ports::Transaction& tx, const Authorized& who) -> Result<std::vector<CalendarView>> {
        OA_TRY(const OwnerView view, load_owner_view(tx, *who.owner));
        return calendar_views(view);
      });
}

Result<std::vector<policy::MeetingClass>> AgentService::meeting_classes(const AgentCall& call) {
  return plain_use<std::vector<policy::MeetingClass>>(
      parts_, call, "meeting_classes", Permission::read_freebusy, nullptr,
      [](ports::Transaction& tx, const Authorized&) { return tx.classes(); });
}

Result<std::vector<NotificationView>> AgentService::notifications(const AgentCall& call) {
  return plain_use<std::vector<NotificationView>>(
      parts_, call, "notifications", Permission::read_freebusy, nullptr,
      [](ports::Transaction& tx, const Authorized& who) {
        return notification_views(tx, who.agent.id, who.now - limits::kNotificationsListed);
      });
}

Result<int> AgentService::acknowledge(const AgentCall& call,
                                      const std::vector<NotificationId>& ids) {
  return plain_use<int>(
      parts_, call, "acknowledge", Permission::read_freebusy, nullptr,
      [&](ports::Transaction& tx, const Authorized& who) {
        return tx.acknowledge(who.agent.id, ids, who.now);
      },
      audit::Kind::decision);
}

std::vector<NotificationView> AgentService::pending(const keys::VerifiedKey& key) {
  const auto found = [&]() -> Result<std::vector<NotificationView>> {
    OA_TRY(auto tx, parts_.store.begin(ports::Access::read));
    const Call call;
    const AgentCall as_agent{call, key};
    OA_TRY(const Authorized who, Use(parts_, as_agent, "pending").authorize(*tx, std::nullopt));
    return notification_views(*tx, who.agent.id, who.now - limits::kPendingNotificationsAge);
  }();
  return found ? *found : std::vector<NotificationView>{};
}

}  // namespace openavail::service
