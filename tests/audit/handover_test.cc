#include "audit/handover.h"

#include <catch2/catch.hpp>

#include "audit/export_verifier.h"
#include "rows.h"

using namespace openavail;
using namespace openavail::audit;
using namespace openavail::audit::testing;
using openavail::testing::TemporaryFolder;
using openavail::testing::write_file;

namespace {

using Lines = std::vector<std::string>;

// Three rows, the last of them the change to another key, and two under that one; the export.
struct Changed {
  SigningKey older = make_signing_key(1);
  SigningKey newer = make_signing_key(2);
  std::vector<SealedRow> rows;

  explicit Changed(std::vector<std::pair<std::string, std::string>> subject) {
    rows.push_back(older.seal(full_entry(1)));
    rows.push_back(older.seal(bare_entry(2)));
    Entry change = bare_entry(3);
    change.action = kHandoverAction;
    change.subject = std::move(subject);
    rows.push_back(older.seal(change));
    rows.push_back(newer.seal(full_entry(4)));
    Entry own = bare_entry(5);
    own.action = "audit.export";
    rows.push_back(newer.seal(own));
  }
  Changed() : Changed(handover_subject(make_signing_key(1).id(), make_signing_key(2).key())) {}

  Lines lines() const {
    Lines all;
    CompactRange tree;
    for (const SealedRow& row : rows) {
      all.push_back(export_line(row, std::nullopt));
      tree.append_leaf(row.leaf_hash);
    }
    const std::string origin = origin_of(older.id());
    all.push_back(checkpoint_line(sign_checkpoint({origin, {tree.end(), tree.root()}}, newer.key()),
                                  {{origin, older.public_key()}, {origin, newer.public_key()}}));
    return all;
  }
};

// What is wrong first, with these keys; the second verifier has to agree.
std::string judged(const Lines& lines, const std::string& pem) {
  ExportVerifier verifier(trusted_keys_from_pem(pem).value(), {true, 0});
  std::string first;
  const auto note = [&](const std::vector<Finding>& found) {
    if (first.empty() && !found.empty()) first = found.front().what;
  };
  for (const std::string& line : lines) note(verifier.feed(line));
  note(verifier.finish());
  const TemporaryFolder folder;
  std::string all;
  for (const std::string& line : lines) all += line + "\n";
  write_file(folder.file("export"), all);
  write_file(folder.file("key.pem"), pem);
  CHECK(second_verifier("verify '" + folder.file("export") + "'", folder.file("key.pem")) ==
        (first.empty() ? 0 : 20));
  return first;
}

}  // namespace

TEST_CASE("Who trusts the old key follows the log to the new one") {
  const Changed log;
  const std::string older = log.older.public_key().pem();
  const std::string newer = log.newer.public_key().pem();
  CHECK(judged(log.lines(), older).empty());
  CHECK(judged(log.lines(), older + newer).empty());
  CHECK(judged(log.lines(), newer).find("none of the public keys given") != std::string::npos);
  Lines without = log.lines();
  without.erase(without.begin() + 2);
  CHECK_FALSE(judged(without, older).empty());
}

TEST_CASE("A change of key that the new key has not signed is none") {
  const SigningKey older = make_signing_key(1);
  const SigningKey newer = make_signing_key(2);
  const auto right = handover_subject(older.id(), newer.key());
  const auto other = handover_subject(newer.id(), newer.key());
  const auto strange = handover_subject(older.id(), make_signing_key(3).key());
  const std::string pem = older.public_key().pem();
  CHECK(judged(Changed({right[0], other[1]}).lines(), pem) ==
        "the new signing key has not signed the change");
  CHECK(judged(Changed({right[0], strange[1]}).lines(), pem) ==
        "the new signing key has not signed the change");
  CHECK(judged(Changed({right[0]}).lines(), pem) == "the row names no new signing key");
  CHECK(judged(Changed({{"new_public_key", "AAAA"}, right[1]}).lines(), pem) ==
        "the row names no new signing key");
  // To another key: then what the new one signs is of none that is known.
  CHECK(judged(Changed({strange[0], strange[1]}).lines(), pem)
            .find("none of the public keys given") != std::string::npos);
}
