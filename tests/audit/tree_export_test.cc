// What the tree adds to the verifier of exports; the second verifier has to say the same.
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

struct Case {
  std::int64_t after = 0;
  bool filtered = false;
  std::string witness = {};  // a note
};

// Both verifiers; they have to agree whether something is wrong. The findings of ours.
std::vector<Finding> judged(const Lines& lines, const SigningKey& key, const Case& how = {}) {
  std::vector<Checkpoint> kept;
  if (!how.witness.empty()) kept.push_back(open_checkpoint(how.witness, trusting(key)).value());
  ExportVerifier verifier(trusting(key), {!how.filtered, how.after, kept});
  std::vector<Finding> found;
  for (const std::string& line : lines) {
    for (Finding& finding : verifier.feed(line)) found.push_back(std::move(finding));
  }
  for (Finding& finding : verifier.finish()) found.push_back(std::move(finding));

  const TemporaryFolder folder;
  std::string all;
  for (const std::string& line : lines) all += line + "\n";
  write_file(folder.file("export"), all);
  write_file(folder.file("key.pem"), key.public_key().pem());
  write_file(folder.file("witness"), how.witness);
  std::string arguments = "verify '" + folder.file("export") + "' --after " +
                          std::to_string(how.after) + (how.filtered ? " --filtered" : "");
  if (!how.witness.empty()) arguments += " --witness '" + folder.file("witness") + "'";
  CHECK(second_verifier(arguments, folder.file("key.pem")) == (verifier.errors() > 0 ? 20 : 0));
  return found;
}

std::string first_of(const std::vector<Finding>& findings) {
  return findings.empty() ? "" : findings.front().what;
}

bool says(const std::vector<Finding>& findings, const std::string& text) {
  return std::any_of(findings.begin(), findings.end(), [&](const Finding& finding) {
    return finding.what.find(text) != std::string::npos;
  });
}

Lines joined(Lines first, const Lines& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

}  // namespace

TEST_CASE("Exports verify: whole, from a row on, with filters, one behind another") {
  Log log(make_signing_key());
  log.grow_to(7);
  const Lines first = log.exported();
  CHECK(judged(first, log.key()).empty());
  log.grow_to(12);
  const Lines second = log.exported(8);
  CHECK(judged(second, log.key(), {.after = 8}).empty());
  CHECK(judged(joined(first, second), log.key()).empty());
  const Lines filtered = log.exported(0, [](std::int64_t seq) { return seq % 4 == 0; });
  const auto found = judged(filtered, log.key(), {.filtered = true});
  REQUIRE(found.size() == 1);  // that rows are left out
  CHECK(found.front().severity == Finding::Severity::warning);
  CHECK(says(judged(filtered, log.key()), "rows 1 to 3 are missing before this one"));
  const Lines none = log.exported(0, [](std::int64_t) { return false; });
  CHECK(judged(none, log.key(), {.filtered = true}).size() == 1);
}

TEST_CASE("An access row has no signature, and the leaf and the checkpoint protect it") {
  Log log(make_signing_key());
  log.grow_to(5);
  Lines lines = log.exported();
  REQUIRE(lines[2].find("\"row_signature\":null") != std::string::npos);
  Lines damaged = lines;
  damaged[2].replace(damaged[2].find("\"latency_ms\":7"), 14, "\"latency_ms\":8");
  CHECK(first_of(judged(damaged, log.key())) == "leaf_hash does not match the row");
  // Whoever rewrites the leaf hash as well is found by the checkpoint.
  SealedRow other = log.row(3);
  other.canonical.replace(other.canonical.find("\"latency_ms\":7"), 14, "\"latency_ms\":8");
  other.leaf_hash = hash_leaf(other.canonical);
  lines[2] = export_line(other, "ada@example.org");
  CHECK(first_of(judged(lines, log.key())).find("rows 1 to 6, behind line 0") != std::string::npos);
  // Only such rows may be without.
  other = log.row(1);
  other.signature.clear();
  other.row_signature.clear();
  lines = log.exported();
  lines[0] = export_line(other, "ada@example.org");
  CHECK(says(judged(lines, log.key()), "only rows of kind access may have none"));
}

TEST_CASE("A checkpoint on the way tells between which rows something is wrong") {
  Log log(make_signing_key());
  log.grow_to(8);
  Lines lines = log.exported();
  lines.insert(lines.begin() + 4, checkpoint_line(log.checkpoint(4)));
  CHECK(judged(lines, log.key()).empty());
  SealedRow other = log.row(6);
  other.canonical.replace(other.canonical.find("\"request_id\":\""), 14, "\"request_id\":\"x");
  other.leaf_hash = hash_leaf(other.canonical);
  lines[6] = export_line(other, std::nullopt);
  CHECK(first_of(judged(lines, log.key())).find("rows 5 to 9, behind line 5") != std::string::npos);
}

TEST_CASE("Lines of an export in the wrong place, twice, or of another log are named") {
  Log log(make_signing_key());
  log.grow_to(4);
  const Lines lines = log.exported();
  Lines early = lines;
  std::swap(early[4], early[5]);
  CHECK(says(judged(early, log.key()), "row 5 is missing before this checkpoint"));
  Lines behind = lines;
  behind.insert(behind.begin() + 3, checkpoint_line(log.checkpoint(2)));
  CHECK(says(judged(behind, log.key()), "a checkpoint of 2 rows stands behind row 3"));
  Lines gap = lines;
  gap[1] = left_out_line(log.range(1, 2));
  CHECK(says(judged(gap, log.key()), "row 2 left out"));
  gap[1] = left_out_line(log.range(2, 3));
  CHECK(says(judged(gap, log.key()), "row 3 can't be left out here"));
  Lines wrong_hash = lines;
  Log other(make_signing_key(2));
  other.grow_to(4);
  wrong_hash[1] = left_out_line(CompactRange::of(1, 2, {hash_leaf("x")}).value());
  CHECK(says(judged(wrong_hash, log.key(), {.filtered = true}), "has another root"));
  Lines foreign = lines;
  foreign.insert(foreign.begin() + 4,
                 checkpoint_line(sign_checkpoint({"openavail/other", {4, log.range(0, 4).root()}},
                                                 log.key().key())));
  CHECK(says(judged(foreign, log.key()), "another log"));
  CHECK(says(judged(lines, other.key()), "none of the public keys"));
}

TEST_CASE("A part that goes on from other rows than the one before shows") {
  const SigningKey key = make_signing_key();
  Log log(key);
  log.grow_to(4);
  const Lines first = log.exported();
  Log fork(key);
  fork.grow_to(3);
  fork.add(bare_entry(4));
  fork.add(full_entry(5));
  fork.grow_to(6);
  const Lines second = fork.exported(5);
  CHECK(judged(second, key, {.after = 5}).empty());
  CHECK(says(judged(joined(first, second), key), "goes on from other rows"));
  CHECK(says(judged(second, key, {.after = 5, .witness = log.checkpoint(5)}),
             "the log was rewritten"));
  CHECK(judged(second, key, {.after = 5, .witness = fork.checkpoint(5)}).empty());
}

TEST_CASE("What a witness kept shows a log that was cut back or rewritten") {
  const SigningKey key = make_signing_key();
  Log log(key);
  log.grow_to(6);
  const Lines today = log.exported();
  CHECK(judged(today, key, {.witness = log.checkpoint(5)}).empty());
  log.grow_to(9);
  const Lines cut = today;  // a whole export, but of yesterday
  CHECK(says(judged(cut, key, {.witness = log.checkpoint(9)}), "the log was cut back"));
  Log other(key);
  other.grow_to(3);
  other.add(full_entry(4));
  other.grow_to(9);
  CHECK(says(judged(other.exported(), key, {.witness = log.checkpoint(5)}),
             "the log was rewritten: the witness has another root for its first 5 rows"));
  // In rows that are left out there is nothing to compare, which is said.
  const Lines some = log.exported(0, [](std::int64_t seq) { return seq == 8; });
  CHECK(says(judged(some, key, {.filtered = true, .witness = log.checkpoint(5)}),
             "no checkpoint of the witness"));
}

TEST_CASE("Rows that retention took away may be missing, if a signed row says so") {
  Log log(make_signing_key());
  log.grow_to(6);
  const auto behind_four = [](std::int64_t seq) { return seq > 4; };
  CHECK(says(judged(log.exported(0, behind_four), log.key()), "rows 1 to 4 are missing"));
  const auto retire = [&](const char* through, Kind kind) {
    Entry entry = bare_entry(log.size() + 1);
    entry.kind = kind;
    entry.action = kRetireAction;
    entry.subject = {{"through", through}};
    log.add(entry);
  };
  // Of fewer rows, by no row of an administrator's, in other words: that is no such row.
  retire("3", Kind::admin);
  retire("4", Kind::decision);
  CHECK(says(judged(log.exported(0, behind_four), log.key()), "rows 1 to 4 are missing"));
  retire("4", Kind::admin);
  CHECK(judged(log.exported(0, behind_four), log.key()).empty());
  CHECK(judged(log.exported(2, behind_four), log.key(), {.after = 2}).empty());
  CHECK(says(judged(log.exported(0, [](std::int64_t seq) { return seq > 5; }), log.key()),
             "rows 1 to 5 are missing"));
  // In the middle none may be missing.
  CHECK(says(judged(log.exported(0, [](std::int64_t seq) { return seq != 3; }), log.key()),
             "row 3 left out"));
}
