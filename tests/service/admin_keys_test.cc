// Keys as administrators see them, and the audit log.
#include "service/admin_house.h"

namespace openavail::service::testing {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

struct KeyHouse : AdminHouse {
  KeyHouse() { REQUIRE(admin.register_agent("Scheduler", {}, {})); }
  MintedKey mint() {
    auto minted = admin.mint_key("scheduler", "laptop", pepper);
    REQUIRE(minted);
    return std::move(*minted);
  }
  ports::Key stored(const KeyRef& ref) {
    const auto all = admin.keys(std::nullopt);
    REQUIRE(all);
    for (const ports::Key& key : *all) {
      if (key.ref == ref) return key;
    }
    FAIL("the key is not there");
    return {};
  }
};

TEST_CASE("a minted key verifies, and neither the store's row nor the audit log holds its text") {
  KeyHouse house;
  const MintedKey minted = house.mint();
  const std::string text(minted.text.reveal());
  const ports::Key row = house.stored(minted.key.ref);
  const auto verified = house.verifier.verify(
      text, [&row](const KeyRef&) -> Result<std::optional<keys::StoredVerifier>> {
        return std::optional(
            keys::StoredVerifier{row.ref, row.verifier, row.pepper_id, row.version});
      });
  REQUIRE(verified);
  CHECK(verified->ref == minted.key.ref);
  CHECK(house.last_action() == "keys.mint");
  const std::string secret = text.substr(text.rfind('_') + 1);
  CHECK(row.verifier.find(secret) == std::string::npos);
  for (const AuditRow& entry : house.audit()) {
    CHECK(entry.row.canonical.find(secret) == std::string::npos);
  }
}

TEST_CASE("a key is revoked once; the second time says that nothing needs to be done") {
  KeyHouse house;
  const KeyRef ref = house.mint().key.ref;
  REQUIRE(house.admin.revoke_key(ref));
  CHECK(house.stored(ref).revoked_at);
  CHECK(house.last_action() == "keys.revoke");
  const std::size_t rows = house.audit().size();
  const auto again = house.admin.revoke_key(ref);
  REQUIRE_FALSE(again);
  CHECK(again.error().code() == ErrorCode::state_conflict);
  CHECK(house.audit().size() == rows);
  const auto rotated = house.admin.rotate_key(ref, hours{1}, house.pepper);
  REQUIRE_FALSE(rotated);
  CHECK(rotated.error().code() == ErrorCode::state_conflict);
  CHECK(house.admin.revoke_key(KeyRef("nosuchkey000")).error().code() == ErrorCode::not_found);
}

TEST_CASE("rotation ends the old key: at once without a grace, else after it") {
  KeyHouse house;
  const KeyRef first = house.mint().key.ref;
  const auto second = house.admin.rotate_key(first, seconds{0}, house.pepper);
  REQUIRE(second);
  CHECK(house.stored(first).revoked_at);
  CHECK(second->key.label == "laptop");
  const auto third = house.admin.rotate_key(second->key.ref, hours{1}, house.pepper);
  REQUIRE(third);
  const ports::Key old = house.stored(second->key.ref);
  CHECK_FALSE(old.revoked_at);
  CHECK(old.expires_at == third->key.created_at + hours{1});
  CHECK_FALSE(house.stored(third->key.ref).expires_at);
}

TEST_CASE("a grace never lengthens a key's life, nor brings an expired key back") {
  KeyHouse house;
  const KeyRef ref = house.mint().key.ref;
  REQUIRE(house.admin.rotate_key(ref, hours{1}, house.pepper));
  const auto end = house.stored(ref).expires_at;
  REQUIRE(end);
  REQUIRE(house.admin.rotate_key(ref, hours{48}, house.pepper));
  CHECK(house.stored(ref).expires_at == end);
  house.clock.now_ms += 2 * 3'600'000;
  REQUIRE(house.admin.rotate_key(ref, hours{48}, house.pepper));
  CHECK(house.stored(ref).expires_at == end);
}

TEST_CASE("an export is in the log and in itself; the next one resumes behind it exactly once") {
  AdminHouse house;
  const auto first = house.audit({}, true);
  REQUIRE(first.size() == 2);  // init, audit.export
  CHECK(house.last_action() == "audit.export");
  REQUIRE(house.admin.add_owner("jane@example.org", std::nullopt, {}));
  AuditSelection rest;
  rest.after_seq = first.back().row.seq;
  const auto second = house.audit(rest, true);
  REQUIRE(second.size() == 2);  // owners.add, audit.export
  CHECK(second.front().row.seq == first.back().row.seq + 1);
  CHECK(second.back().row.seq == first.back().row.seq + 2);
}

TEST_CASE("an address stands beside the rows while the owner is known, never in them") {
  AdminHouse house;
  REQUIRE(house.admin.add_owner("jane@example.org", std::nullopt, {}));
  CHECK(house.audit().back().owner_email == "jane@example.org");
  REQUIRE(house.admin.remove_owner("JANE@example.org"));
  const auto rows = house.audit();
  REQUIRE(rows.size() == 3);
  for (const AuditRow& row : rows) {
    CHECK_FALSE(row.owner_email);
    CHECK(row.row.canonical.find("jane") == std::string::npos);
    const auto key = house.signing_key->public_key();
    CHECK(audit::verify_line(audit::export_line(row.row, row.owner_email),
                             {audit::trusted_key(key)}));
  }
}

}  // namespace
}  // namespace openavail::service::testing
