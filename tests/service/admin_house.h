// An installation in a folder that goes away: the real store, real calendar folders, a clock that
// the test sets.
#pragma once

#include <catch2/catch.hpp>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/clock.h"
#include "providers/vdir/vdir_providers.h"
#include "service/administration.h"
#include "service/stepping_providers.h"
#include "store/sqlite/sqlite_store.h"
#include "vectors/support.h"

namespace openavail::service::testing {

struct SetClock final : Clock {
  std::int64_t now_ms = 1'800'000'000'000;
  std::int64_t wall_ms() const override { return now_ms; }
  std::int64_t monotonic_ns() const override { return now_ms * 1'000'000; }
};

struct AdminHouse {
  openavail::testing::TemporaryFolder folder;
  openavail::testing::SeededEntropy entropy{11};
  SetClock clock;
  std::shared_ptr<const audit::SigningKey> signing_key = std::make_shared<const audit::SigningKey>(
      std::move(*audit::SigningKey::make(folder.file("signing.pem"), entropy)));
  keys::Pepper pepper = std::move(*keys::Pepper::make(folder.file("pepper"), entropy));
  keys::Verifier verifier{[this] { return keys::Pepper::load(folder.file("pepper")); }, entropy};
  std::unique_ptr<ports::Store> store =
      std::move(*store::open_sqlite_store({folder.path(), true}, entropy));
  std::unique_ptr<ports::CalendarProviders> folders = providers::make_vdir_providers(entropy);
  SteppingProviders providers{*folders};
  bool is_audit_lost = false;  // no row can be signed, so none can be written
  std::vector<std::string> operator_lines;
  sealing::Sealer sealer{folder.file("sealing_key"), entropy};
  Administration admin{parts()};

  Parts parts() { return parts_of(*store); }
  // With another process's connection to the data directory, the parts of that process.
  Parts parts_of(ports::Store& its_store) {
    return {its_store,
            providers,
            clock,
            entropy,
            verifier,
            [this]() -> Result<std::shared_ptr<const audit::SigningKey>> {
              if (is_audit_lost) return fail(ErrorCode::internal, "the signing key can't be read");
              return signing_key;
            },
            []() -> Result<std::shared_ptr<const crypto::SecretBytes>> {
              return std::make_shared<const crypto::SecretBytes>(std::size_t{32});
            },
            sealer,
            [this](const std::string& line) { operator_lines.push_back(line); }};
  }

  AdminHouse() { REQUIRE(admin.initialise(signing_key->public_key().pem())); }

  std::string calendar_folder(const std::string& name) const {
    std::filesystem::create_directory(folder.file(name));
    return folder.file(name);
  }
  std::vector<AuditRow> audit(const AuditSelection& selection = {}, bool is_export = false) {
    std::vector<AuditRow> rows;
    const auto keep = [&rows](const AuditRow& row) {
      rows.push_back(row);
      return true;
    };
    REQUIRE(
        (is_export ? admin.export_audit_rows(selection, keep) : admin.each_audit(selection, keep)));
    return rows;
  }
  std::string last_action() {
    AuditSelection newest;
    newest.newest_first = true;
    newest.limit = 1;
    return nlohmann::json::parse(audit(newest).at(0).row.canonical).at("action");
  }
};

}  // namespace openavail::service::testing
