// Retention: hidden, then erased, told by rows; and all that is left verifies.
#include "audit/export_verifier.h"
#include "audit/signing_key.h"
#include "service/admin_house.h"
#include "service/checkpoints.h"

namespace openavail::service::testing {
namespace {

constexpr std::int64_t kDay = 24 * 3'600'000;
constexpr std::chrono::hours kKept{24 * 396};

struct House : AdminHouse {
  void row(const std::string& name) { REQUIRE(admin.add_class({ClassId(""), name, {}, {}, ""})); }
  std::vector<std::string> actions() {
    std::vector<std::string> found;
    for (const AuditRow& each : audit()) {
      found.push_back(nlohmann::json::parse(each.row.canonical).at("action"));
    }
    return found;
  }
  // What the verifier says of an export, and of the log where it is.
  void check_verifies() {
    const std::vector<audit::TrustedKey> keys{audit::trusted_key(signing_key->public_key())};
    audit::ExportVerifier exported(keys, {true, 0});
    REQUIRE(admin.export_audit({}, [&](const std::string& line) {
      CHECK(exported.feed(line).empty());
      return true;
    }));
    CHECK(exported.finish().empty());
    audit::ExportVerifier whole(keys, {true, 0});
    LogSink sink;
    sink.total = [](std::int64_t) {};
    sink.line = [&](const std::string& line) { CHECK(whole.feed(line).empty()); };
    sink.problem = [](std::int64_t seq, const std::string& what) { FAIL_CHECK(seq << what); };
    REQUIRE(admin.read_log(sink));
    CHECK(whole.finish_log().empty());
  }
};

TEST_CASE("rows are hidden when they are old, and erased a month later") {
  House house;
  house.row("Old");
  REQUIRE(house.admin.checkpoint());
  const auto old = house.audit();
  const DecisionId id(nlohmann::json::parse(old[1].row.canonical).at("decision_id"));
  const std::string receipt = house.admin.receipt(id).value();
  house.clock.now_ms += 200 * kDay;
  house.row("Newer");
  house.clock.now_ms += 196 * kDay;
  CHECK(house.admin.apply_retention(kKept)->hidden_through == 0);  // to the day: not older yet
  house.clock.now_ms += 1;
  CHECK(house.admin.apply_retention(kKept)->hidden_through == 2);
  CHECK(house.actions() == std::vector<std::string>{"classes.add", "audit.retire"});
  CHECK_FALSE(house.admin.receipt(id));
  CHECK_FALSE(house.admin.audit_row_named("2"));
  house.check_verifies();

  CHECK(house.admin.undo_retention()->hidden_through == 0);
  CHECK(house.admin.undo_retention().error().code() == ErrorCode::state_conflict);
  CHECK(house.admin.audit_row_named("2"));
  house.check_verifies();
  CHECK(house.admin.apply_retention(kKept)->hidden_through == 2);

  house.clock.now_ms += 30 * kDay - 1;
  CHECK(house.admin.apply_retention(kKept)->erased_through == 0);
  house.clock.now_ms += 1;
  CHECK(house.admin.apply_retention(kKept)->erased_through == 2);
  CHECK(house.last_action() == "audit.erase");
  CHECK_FALSE(house.store->begin(ports::Access::read).value()->find_audit(id).value());
  house.check_verifies();
  // Who has a receipt can still prove the row.
  CHECK(audit::check_receipt(receipt, {audit::trusted_key(house.signing_key->public_key())}));
  CHECK(house.admin.undo_retention().error().code() == ErrorCode::state_conflict);
  // The next lot.
  house.clock.now_ms += 400 * kDay;
  const auto next = house.admin.apply_retention(kKept).value();
  CHECK(next.hidden_through > 2);
  CHECK(house.actions() == std::vector<std::string>{"audit.retire"});
  house.check_verifies();
}

TEST_CASE("what is not hidden can't be erased, and a database that lost rows is not taken for it") {
  House house;
  house.row("One");
  house.row("Two");
  {
    auto tx = house.store->begin(ports::Access::write).value();
    CHECK(tx->erase_audit_contents(2).error().code() == ErrorCode::state_conflict);
  }
  // As somebody could who writes the tables: no row says so.
  {
    auto tx = house.store->begin(ports::Access::write).value();
    REQUIRE(tx->set_audit_retention({2, {}, 2}));
    REQUIRE(tx->erase_audit_contents(2));
    REQUIRE(tx->commit());
  }
  audit::ExportVerifier whole({audit::trusted_key(house.signing_key->public_key())}, {true, 0});
  LogSink sink;
  sink.total = [](std::int64_t) {};
  sink.line = [&](const std::string& line) { whole.feed(line); };
  sink.problem = [](std::int64_t, const std::string&) {};
  REQUIRE(house.admin.read_log(sink));
  const auto found = whole.finish_log();
  REQUIRE_FALSE(found.empty());
  CHECK(found.front().what == "rows 1 to 2 are missing before this one");
}

}  // namespace
}  // namespace openavail::service::testing
