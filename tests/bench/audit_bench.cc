// What the audit log costs when it is small and when it is large: appending, proving, exporting,
// verifying, listing. Usage: bench_audit [DIRECTORY [ROWS]]; a folder is made in the directory and
// removed again.
#include <stdlib.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "audit/export_verifier.h"
#include "audit/signing_key.h"
#include "base/check.h"
#include "providers/vdir/vdir_providers.h"
#include "service/administration.h"
#include "service/audit_lines.h"
#include "service/checkpoints.h"
#include "service/journal.h"
#include "store/sqlite/sqlite_store.h"

namespace {

using namespace openavail;
using SteadyClock = std::chrono::steady_clock;

constexpr std::int64_t kSmall = 10'000;
constexpr std::int64_t kRowsInATransaction = 2'000;
constexpr int kSamples = 2'000;

double seconds_since(SteadyClock::time_point began) {
  return std::chrono::duration<double>(SteadyClock::now() - began).count();
}

class Place {
 public:
  explicit Place(const std::string& parent) : directory_(parent + "/openavail-bench-XXXXXX") {
    OA_CHECK(mkdtemp(directory_.data()) != nullptr);
    auto made = audit::SigningKey::make(directory_ + "/signing.pem", entropy_);
    OA_CHECK(made.has_value());
    key_ = std::make_shared<const audit::SigningKey>(std::move(*made));
    store_ = std::move(*store::open_sqlite_store({directory_, true}, entropy_));
    folders_ = providers::make_vdir_providers(entropy_);
    OA_CHECK(service::Administration(parts()).initialise(key_->public_key().pem()).has_value());
  }
  ~Place() { std::filesystem::remove_all(directory_); }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  service::Parts parts() {
    return {*store_,
            *folders_,
            clock_,
            entropy_,
            verifier_,
            [this]() -> Result<std::shared_ptr<const audit::SigningKey>> { return key_; },
            []() -> Result<std::shared_ptr<const crypto::SecretBytes>> {
              return std::make_shared<const crypto::SecretBytes>(std::size_t{32});
            },
            sealer_,
            [](const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); }};
  }
  ports::Store& store() { return *store_; }
  std::vector<audit::TrustedKey> keys() const { return {audit::trusted_key(key_->public_key())}; }

  // One in ten is a decision, the others are reads.
  audit::Entry entry(std::int64_t i) {
    audit::Entry entry;
    entry.kind = i % 10 == 0 ? audit::Kind::decision : audit::Kind::access;
    entry.action = i % 10 == 0 ? "accept" : "search";
    entry.agent_id = AgentId("agt_" + std::to_string(i % 40));
    entry.api_key_id = KeyRef("0123456789AB");
    entry.actor = "agent";
    entry.calendar_owner = OwnerId("own_" + std::to_string(i % 200));
    entry.rule_fired = entry.action;
    entry.request_id = "01a20dcd-567b-7d83-8f2c-ce2643306889";
    entry.meeting_class = "Regular";
    entry.requested_interval = Interval{{1'782'914'400'000}, {1'782'918'000'000}};
    if (i % 10 == 0) {
      for (const char* rule : {"off_day", "working_hours", "capacity", "daily_cap", "chain"}) {
        entry.trace.push_back({rule, "pass", ""});
      }
    }
    return entry;
  }

  std::int64_t size() { return store_->begin(ports::Access::read).value()->audit_tree()->end(); }

  void grow_to(std::int64_t rows) {
    const service::Parts all = parts();
    for (std::int64_t i = size(); i < rows;) {
      auto tx = store_->begin(ports::Access::write).value();
      for (std::int64_t n = 0; n < kRowsInATransaction && i < rows; ++n, ++i) {
        OA_CHECK(service::append_entry(all, *tx, entry(i)).has_value());
      }
      OA_CHECK(tx->commit().has_value());
    }
  }

 private:
  std::string directory_;
  SystemClock clock_;
  SystemEntropy entropy_;
  std::shared_ptr<const audit::SigningKey> key_;
  std::unique_ptr<ports::Store> store_;
  std::unique_ptr<ports::CalendarProviders> folders_;
  keys::Verifier verifier_{[]() -> Result<keys::Pepper> { return fail(ErrorCode::internal, ""); },
                           entropy_};
  sealing::Sealer sealer_{directory_ + "/sealing_key", entropy_};
};

void show(const char* what, double value, const char* unit) {
  std::printf("  %-44s %12.1f %s\n", what, value, unit);
}

// Appends of one kind inside a transaction that is there anyway, as that of a decision is.
double append_us(Place& place, std::int64_t kind) {
  const service::Parts parts = place.parts();
  std::vector<double> each;
  auto tx = place.store().begin(ports::Access::write).value();
  for (int i = 0; i < kSamples; ++i) {
    const auto began = SteadyClock::now();
    OA_CHECK(service::append_entry(parts, *tx, place.entry(kind)).has_value());
    each.push_back(seconds_since(began) * 1e6);
  }
  std::nth_element(each.begin(), each.begin() + kSamples / 2, each.end());
  return each[kSamples / 2];  // nothing is committed
}

double prove_us(Place& place, std::int64_t rows) {
  const service::Parts parts = place.parts();
  const auto began = SteadyClock::now();
  auto tx = place.store().begin(ports::Access::write).value();
  for (int i = 0; i < kSamples; ++i) {
    const std::int64_t seq = 1 + i * (rows - 1) / kSamples;
    OA_CHECK(service::inclusion_of(parts, *tx, seq).has_value());
  }
  return seconds_since(began) * 1e6 / kSamples;
}

double list_ms(Place& place, const ports::AuditFilter& filter) {
  const auto began = SteadyClock::now();
  auto tx = place.store().begin(ports::Access::read).value();
  OA_CHECK(tx->each_audit(filter, [](const audit::SealedRow&) { return true; }).has_value());
  return seconds_since(began) * 1e3;
}

void measure(Place& place, std::int64_t rows) {
  place.grow_to(rows);
  std::printf("%lld rows\n", static_cast<long long>(rows));
  show("append a decision, median", append_us(place, 0), "us");
  show("append a read, median", append_us(place, 1), "us");
  show("inclusion proof, mean", prove_us(place, rows), "us");

  ports::AuditFilter filter;
  filter.newest_first = true;
  filter.limit = 100;
  filter.agent_id = AgentId("agt_0");
  filter.owner_id = OwnerId("own_1");
  show("list 100 by agent and owner (none match)", list_ms(place, filter), "ms");
  filter.agent_id.reset();
  filter.action = "accept";
  show("list 100 by owner and action (none match)", list_ms(place, filter), "ms");
  filter = {};
  filter.newest_first = true;
  filter.limit = 100;
  filter.action = "accept";
  show("list 100 by action", list_ms(place, filter), "ms");

  service::Administration admin(place.parts());
  std::int64_t lines = 0;
  std::size_t bytes = 0;
  auto began = SteadyClock::now();
  OA_CHECK(admin
               .export_audit({},
                             [&](const std::string& line) {
                               ++lines;
                               bytes += line.size() + 1;
                               return true;
                             })
               .has_value());
  double seconds = seconds_since(began);
  show("export", static_cast<double>(lines) / seconds, "rows/s");
  show("export, a row", static_cast<double>(bytes) / static_cast<double>(lines), "bytes");

  audit::ExportVerifier verifier(place.keys(), {true, 0});
  service::LogSink sink;
  sink.total = [](std::int64_t) {};
  sink.line = [&](const std::string& line) { OA_CHECK(verifier.feed(line).empty()); };
  sink.problem = [](std::int64_t, const std::string& what) { check_failed(what.c_str(), "", 0); };
  began = SteadyClock::now();
  OA_CHECK(admin.read_log(sink).has_value());
  seconds = seconds_since(began);
  OA_CHECK(verifier.errors() == 0);
  show("verify the log, every signature, one core", static_cast<double>(lines) / seconds, "rows/s");
}

}  // namespace

int main(int argc, char** argv) {
  const std::string parent = argc > 1 ? argv[1] : "/tmp";
  const std::int64_t large = argc > 2 ? std::atoll(argv[2]) : 1'000'000;
  Place place(parent);
  measure(place, kSmall);
  measure(place, large);
}
