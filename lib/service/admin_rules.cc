// The installation, meeting classes and rules.
#include "base/identifiers.h"
#include "base/limits.h"
#include "base/nearest.h"
#include "base/utf8.h"
#include "audit/signing_key.h"
#include "service/admin_change.h"

namespace openavail::service {
namespace {

Status check_description(const std::string& text) {
  if (is_utf8(text) && text.size() <= limits::kDescriptionBytesMax) return {};
  return fail(ErrorCode::validation_failed, "a description has at most 16384 bytes of UTF-8",
              "shorten it, or write it in another encoding");
}

struct UsualClass {
  const char* name;
  policy::Tier tier;
  policy::PreemptPolicy policy;
  const char* description;
};
constexpr UsualClass kUsualClasses[] = {
    {"Critical", policy::Tier::critical, policy::PreemptPolicy::protected_,
     "Incidents and deadlines that nothing may move"},
    {"Important", policy::Tier::high, policy::PreemptPolicy::reschedulable,
     "Customers, interviews, decisions"},
    {"Regular", policy::Tier::normal, policy::PreemptPolicy::reschedulable, "Everyday meetings"},
    {"Tentative", policy::Tier::low, policy::PreemptPolicy::replaceable,
     "Whatever gives way to anything else"},
};

Result<policy::MeetingClass> class_of(ports::Transaction& tx, const std::string& name) {
  OA_TRY(const auto found, tx.find_class_by_name(name));
  if (found) return *found;
  OA_TRY(const auto all, tx.classes());
  std::vector<std::string> known;
  for (const auto& c : all) known.push_back(c.name);
  const std::string nearest = nearest_name(name, known);
  return fail(
      ErrorCode::not_found, "there is no meeting class " + name,
      nearest.empty() ? "openavail classes list shows them" : "did you mean " + nearest + "?");
}

}  // namespace

Administration::Administration(Parts parts) : parts_(std::move(parts)) {}

Status Administration::initialise(const std::string& signing_public_key_pem) {
  OA_TRY(auto tx, parts_.store.begin(ports::Access::write));
  OA_TRY(const auto present, tx->signing_keys());
  if (!present.empty()) {
    return fail(ErrorCode::state_conflict, "this data directory is set up already",
                "openavail doctor shows its state");
  }
  OA_TRY(const auto key, crypto::Ed25519PublicKey::from_pem(signing_public_key_pem));
  OA_TRY(const Instant now, tx->now(Instant{parts_.clock.wall_ms()}));
  OA_TRY_STATUS(tx->insert_signing_key(
      {audit::signing_key_id(key), signing_public_key_pem, now, std::nullopt}));
  for (const UsualClass& usual : kUsualClasses) {
    OA_TRY_STATUS(tx->insert_class({ClassId(new_opaque_id("cls_", parts_.entropy)), usual.name,
                                    usual.tier, usual.policy, usual.description}));
  }
  OA_TRY_STATUS(tx->set_meta("installation_id", new_opaque_id("ins_", parts_.entropy)));
  OA_TRY_STATUS(record_admin(parts_, *tx, "init", {}));
  return tx->commit();
}

Result<policy::MeetingClass> Administration::add_class(policy::MeetingClass c) {
  OA_TRY_STATUS(check_name(c.name, "class's name"));
  OA_TRY_STATUS(check_description(c.description));
  OA_TRY(auto tx, parts_.store.begin(ports::Access::write));
  c.id = ClassId(new_opaque_id("cls_", parts_.entropy));
  OA_TRY_STATUS(tx->insert_class(c));
  OA_TRY_STATUS(record_admin(parts_, *tx, "classes.add", {{"class", c.id.text()}}));
  OA_TRY_STATUS(tx->commit());
  return c;
}

Result<std::vector<policy::MeetingClass>> Administration::classes() {
  OA_TRY(auto tx, parts_.store.begin(ports::Access::read));
  return tx->classes();
}

Result<policy::MeetingClass> Administration::update_class(
    const std::string& name, const std::optional<std::string>& new_name,
    const std::optional<policy::Tier>& tier, const std::optional<policy::PreemptPolicy>& policy,
    const std::optional<std::string>& description) {
  if (new_name) OA_TRY_STATUS(check_name(*new_name, "class's name"));
  if (description) OA_TRY_STATUS(check_description(*description));
  OA_TRY(auto tx, parts_.store.begin(ports::Access::write));
  OA_TRY(policy::MeetingClass c, class_of(*tx, name));
  if (new_name) c.name = *new_name;
  if (tier) c.tier = *tier;
  if (policy) c.policy = *policy;
  if (description) c.description = *description;
  OA_TRY_STATUS(tx->update_class(c));
  OA_TRY_STATUS(tx->bump_all_owner_revisions());
  OA_TRY_STATUS(record_admin(parts_, *tx, "classes.update", {{"class", c.id.text()}}));
  OA_TRY_STATUS(tx->commit());
  return c;
}

Status Administration::remove_class(const std::string& name) {
  OA_TRY(auto tx, parts_.store.begin(ports::Access::write));
  OA_TRY(const policy::MeetingClass c, class_of(*tx, name));
  OA_TRY(const Instant now, tx->now(Instant{parts_.clock.wall_ms()}));
  OA_TRY(const int future, tx->count_future_bookings(c.id, now));
  if (future > 0) {
    return fail(ErrorCode::state_conflict,
                "the class has " + std::to_string(future) + " bookings to come",
                "cancel them, or give the class another name, tier or policy instead");
  }
  OA_TRY_STATUS(tx->remove_class(c.id));
  OA_TRY_STATUS(tx->bump_all_owner_revisions());
  OA_TRY_STATUS(record_admin(parts_, *tx, "classes.remove", {{"class", c.id.text()}}));
  return tx->commit();
}

Result<policy::RuleLayer> Administration::rules(const std::optional<std::string>& owner_email) {
  OA_TRY(auto tx, parts_.store.begin(ports::Access::read));
  if (!owner_email) return tx->rules(std::nullopt);
  OA_TRY(const ports::Owner owner, owner_of(*tx, *owner_email));
  return tx->rules(owner.id);
}

Result<policy::EffectiveRules> Administration::effective_rules(const std::string& owner_email) {
  OA_TRY(auto tx, parts_.store.begin(ports::Access::read));
  OA_TRY(const ports::Owner owner, owner_of(*tx, owner_email));
  OA_TRY(const auto organisation, tx->rules(std::nullopt));
  OA_TRY(const auto own, tx->rules(owner.id));
  return policy::merge(organisation, own);
}

Status Administration::set_rules(const std::optional<std::string>& owner_email,
                                 const std::function<Status(policy::RuleLayer&)>& change) {
  OA_TRY(auto tx, parts_.store.begin(ports::Access::write));
  std::optional<OwnerId> owner;
  if (owner_email) {
    OA_TRY(const ports::Owner found, owner_of(*tx, *owner_email));
    owner = found.id;
  }
  OA_TRY(policy::RuleLayer layer, tx->rules(owner));
  OA_TRY_STATUS(change(layer));
  // The ranges are checked where layers are read.
  OA_TRY_STATUS(policy::layer_from_json(policy::to_json(layer)));
  if (layer.working_hours.value()) {
    for (const auto& row : *layer.working_hours.value()) OA_TRY_STATUS(check_zone(row.timezone));
  }
  if (layer.hard_blocks.value()) {
    for (const auto& row : *layer.hard_blocks.value()) OA_TRY_STATUS(check_zone(row.timezone));
  }
  OA_TRY_STATUS(tx->set_rules(owner, layer));
  OA_TRY_STATUS(owner ? tx->bump_owner_revision(*owner) : tx->bump_all_owner_revisions());
  OA_TRY_STATUS(record_admin(parts_, *tx, "rules.set", {}, owner));
  return tx->commit();
}

}  // namespace openavail::service
