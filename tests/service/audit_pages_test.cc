// The audit log as an agent with read_audit gets it: pages that together are one export, and one
// decision with its inclusion proof.
#include "audit/export_verifier.h"
#include "audit/signing_key.h"
#include "service/agent_house.h"

namespace openavail::service::testing {
namespace {

struct Pages : AgentHouse {
  Agent auditor = agent("Auditor", {"read_audit", "read_freebusy"}, {kAllOwners});

  std::vector<std::string> all(ExportQuery query, int page_rows, int* pages) {
    std::vector<std::string> lines;
    query.filters.limit = page_rows;
    for (*pages = 1;; ++*pages) {
      const auto page = service.export_audit(auditor.call(), query);
      REQUIRE(page);
      lines.insert(lines.end(), page->lines.begin(), page->lines.end());
      if (page->is_complete) return lines;
      query.after_seq = page->last_seq;
      query.until_seq = page->until_seq;
    }
  }
  std::string judged(const std::vector<std::string>& lines, audit::ExportVerifierOptions how) {
    audit::ExportVerifier checks({audit::trusted_key(signing_key->public_key())}, std::move(how));
    std::string first;
    const auto note = [&](const std::vector<audit::Finding>& found) {
      if (!found.empty() && first.empty()) first = found.front().what;
    };
    for (const std::string& line : lines) note(checks.feed(line));
    note(checks.finish());
    return first;
  }
};

TEST_CASE("the pages of an export are one export, while others go on writing rows") {
  Pages house;
  for (int i = 0; i < 20; ++i) CHECK(house.auditor.search("09:00-12:00", 30));
  int pages = 0;
  const auto lines = house.all({}, 7, &pages);
  CHECK(pages > 3);
  CHECK(house.judged(lines, {true, 0}).empty());
  int one = 0;
  ExportQuery next;
  next.after_seq = 10;
  CHECK(house.judged(house.all(next, 7, &one), {true, 10}).empty());
  ExportQuery some;
  some.filters.action = "search";
  CHECK(house.judged(house.all(some, 6, &pages), {false, {}}).find("left out by filters") !=
        std::string::npos);
  CHECK(pages == 4);
  some.filters.action = "none";
  CHECK(house.judged(house.all(some, 6, &pages), {false, {}}).find("left out by filters") !=
        std::string::npos);
  CHECK(pages == 1);
}

TEST_CASE("who names another end gets the next checkpoint behind it") {
  Pages house;
  for (int i = 0; i < 20; ++i) CHECK(house.auditor.search("09:00-12:00", 30));
  ExportQuery query;
  query.until_seq = 5;
  const auto page = house.service.export_audit(house.auditor.call(), query);
  REQUIRE(page);
  CHECK(page->until_seq >= 5);
  CHECK(page->is_complete);
  CHECK(house.judged(page->lines, {false, {}}).empty());
}

TEST_CASE("a decision comes with what proves it") {
  Pages house;
  const Agent scheduler = house.scheduler();
  const auto booked = scheduler.book("09:00-10:00");
  REQUIRE(booked);
  const auto line = house.service.decision(house.auditor.call(), booked->audit_row_id);
  REQUIRE(line);
  REQUIRE(line->inclusion);
  const auto checked = audit::check_receipt(audit::write_receipt(line->row, *line->inclusion),
                                            {audit::trusted_key(house.signing_key->public_key())});
  REQUIRE(checked);
  CHECK(checked->row.seq == line->row.seq);
  CHECK(checked->row.is_signed);
}

}  // namespace
}  // namespace openavail::service::testing
