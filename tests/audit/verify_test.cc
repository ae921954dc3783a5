#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "audit/canonical.h"
#include "audit/export_verifier.h"
#include "crypto/digest.h"
#include "rows.h"

using namespace openavail;
using namespace openavail::audit;
using namespace openavail::audit::testing;
using openavail::testing::TemporaryFolder;
using openavail::testing::write_file;

namespace {

std::string why(const std::string& line, const std::vector<TrustedKey>& keys) {
  const auto seq = verify_line(line, keys);
  REQUIRE_FALSE(seq);
  CHECK(seq.error().code() == ErrorCode::verification_failed);
  return seq.error().message();
}

// Signs any canonical text, as somebody could who has the key and another program.
std::string signed_line(const SigningKey& key, const std::string& canonical) {
  SealedRow row;
  row.canonical = canonical;
  row.row_signature = key.key().sign(canonical);
  row.signature = key.key().sign("x");
  return export_line(row, std::nullopt);
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

struct Outcome {
  std::int64_t errors = 0;
  std::int64_t warnings = 0;
  std::vector<Finding> findings;
};

Outcome run(const std::vector<std::string>& lines, const SigningKey& key,
            ExportVerifierOptions options) {
  ExportVerifier verifier(trusting(key), options);
  Outcome outcome;
  for (const std::string& line : lines) {
    for (Finding& finding : verifier.feed(line)) outcome.findings.push_back(std::move(finding));
  }
  outcome.errors = verifier.errors();
  outcome.warnings = verifier.warnings();
  return outcome;
}

}  // namespace

TEST_CASE("Exported lines verify with the public key alone and give their seq") {
  const SigningKey key = make_signing_key();
  const auto keys = trusted_keys_from_pem(key.public_key().pem());
  REQUIRE(keys);
  std::int64_t expected = 1;
  for (const std::string& line : export_of(key, 1, 4)) {
    const auto seq = verify_line(line, *keys);
    REQUIRE(seq);
    CHECK(*seq == expected++);
  }
}

TEST_CASE("Any one byte changed outside the address is refused") {
  const SigningKey key = make_signing_key();
  const auto keys = trusting(key);
  const std::string line = export_of(key, 1, 1).front();
  const std::string address = "ada@example.org";
  const std::size_t address_at = line.find(address);
  REQUIRE(address_at != std::string::npos);
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (i >= address_at && i < address_at + address.size()) continue;
    for (const int flip : {1, 2, 4, 8, 16, 32, 64, 128}) {
      std::string changed = line;
      changed[i] = static_cast<char>(changed[i] ^ flip);
      INFO("byte " << i << ": " << changed);
      REQUIRE_FALSE(verify_line(changed, keys));
    }
    std::string shorter = line;
    shorter.erase(i, 1);
    REQUIRE_FALSE(verify_line(shorter, keys));
    REQUIRE_FALSE(verify_line(line.substr(0, i), keys));
  }
  // The address is outside the proof, so that a person can be erased.
  CHECK(verify_line(replaced(line, "\"" + address + "\"", "null"), keys));
}

TEST_CASE("Each fault is named") {
  const SigningKey key = make_signing_key();
  const SigningKey stranger = make_signing_key(99);
  const auto keys = trusting(key);
  const std::string line = export_of(key, 1, 1).front();
  CHECK(why("", keys).find("not a JSON object") != std::string::npos);
  CHECK(why("[]", keys).find("not a JSON object") != std::string::npos);
  CHECK(why("{}", keys).find("must hold") != std::string::npos);
  CHECK(why(std::string(2'000'000, ' '), keys).find("too long") != std::string::npos);
  CHECK(why(std::string(100'000, '['), keys).find("nested") != std::string::npos);
  CHECK(why(line, {}).find("none of the public keys") != std::string::npos);
  CHECK(why(line, trusting(stranger)).find(key.id().text()) != std::string::npos);
  CHECK(why(line, {{key.id(), stranger.public_key()}}).find("row_signature") != std::string::npos);
  CHECK(why(" " + line, keys).find("canonical") != std::string::npos);
  CHECK(why(line + "\n", keys).find("canonical") != std::string::npos);
  CHECK(why(replaced(line, "\"seq\":1,", "\"seq\":1,\"seq\":1,"), keys).find("canonical") !=
        std::string::npos);
  CHECK(why(replaced(line, "\"seq\":1,", "\"seq\":1.0,"), keys).find("seq") != std::string::npos);
  CHECK(why(replaced(line, "preempt", "pre\\u0065mpt"), keys).find("canonical") !=
        std::string::npos);
  CHECK(why(replaced(line, "\"row_version\":1", "\"row_version\":2"), keys).find("row_version") !=
        std::string::npos);
  CHECK(why(replaced(line, "\"seq\":1,", ""), keys).find("no seq") != std::string::npos);
  CHECK(why(replaced(line, "\"seq\":1,", "\"seq\":\"1\","), keys).find("seq") != std::string::npos);
}

TEST_CASE("The two signatures can't stand for each other, and each is checked") {
  const SigningKey key = make_signing_key();
  const auto keys = trusting(key);
  SealedRow row = key.seal(full_entry(1));
  std::swap(row.signature, row.row_signature);
  CHECK(why(export_line(row, std::nullopt), keys).find("row_signature") != std::string::npos);
  row = key.seal(full_entry(1));
  row.signature = key.key().sign("something else");
  CHECK(why(export_line(row, std::nullopt), keys) == "signature does not match the row");
  row = key.seal(full_entry(1));
  row.row_signature = key.seal(full_entry(3)).row_signature;
  CHECK(why(export_line(row, std::nullopt), keys) == "row_signature does not match the row");
}

TEST_CASE("Rightly signed rows with members of the wrong shape are refused all the same") {
  const SigningKey key = make_signing_key();
  const auto keys = trusting(key);
  const auto good = nlohmann::json::parse(key.seal(full_entry(1)).canonical);
  for (const auto& [name, value] : good.items()) {
    INFO(name);
    auto without = good;
    without.erase(name);
    CHECK_FALSE(verify_line(signed_line(key, canonical_json(without)), keys));
    auto other = good;
    other[name] = true;
    CHECK_FALSE(verify_line(signed_line(key, canonical_json(other)), keys));
  }
  auto more = good;
  more["extra"] = "x";
  CHECK(why(signed_line(key, canonical_json(more)), keys).find("members") != std::string::npos);
  auto zero = good;
  zero["seq"] = 0;
  CHECK(why(signed_line(key, canonical_json(zero)), keys).find("positive") != std::string::npos);
}

TEST_CASE("A whole export verifies, wherever it begins") {
  const SigningKey key = make_signing_key();
  for (const std::int64_t from : {1, 7}) {
    ExportVerifier verifier(trusting(key), {.require_gapless = true, .after_seq = {}});
    for (const std::string& line : export_of(key, from, from + 9))
      CHECK(verifier.feed(line).empty());
    CHECK(verifier.lines() == 10);
    CHECK(verifier.verified() == 10);
    CHECK(verifier.errors() == 0);
    CHECK(verifier.first_seq() == from);
    CHECK(verifier.last_seq() == from + 9);
  }
}

TEST_CASE("A deleted row is found, and in an export with filters as well") {
  const SigningKey key = make_signing_key();
  auto lines = export_of(key, 1, 6);
  lines.erase(lines.begin() + 2);
  const Outcome strict = run(lines, key, {.require_gapless = true, .after_seq = {}});
  REQUIRE(strict.findings.size() == 1);
  CHECK(strict.errors == 1);
  CHECK(strict.findings[0].line == 3);
  CHECK(strict.findings[0].seq == 4);
  CHECK(strict.findings[0].what == "row 3 is missing before this one");
  CHECK(run(lines, key, {}).errors == 1);
  lines.erase(lines.begin() + 2);
  CHECK(run(lines, key, {}).findings.at(0).what == "rows 3 to 4 are missing before this one");
}

TEST_CASE("Swapped and repeated rows are errors in any export") {
  const SigningKey key = make_signing_key();
  auto lines = export_of(key, 1, 6);
  std::swap(lines[2], lines[3]);
  const Outcome swapped = run(lines, key, {});
  CHECK(swapped.errors == 2);  // missing there, and out of order here
  CHECK(swapped.findings.back().what == "row 3 comes after row 4");
  lines = export_of(key, 1, 3);
  lines.push_back(lines.back());
  CHECK(run(lines, key, {}).errors == 1);
}

TEST_CASE("A changed row is one error with its line, and its number is not called missing too") {
  const SigningKey key = make_signing_key();
  auto lines = export_of(key, 1, 6);
  lines[3] = replaced(lines[3], "keys.mint", "keys.mynt");
  const Outcome outcome = run(lines, key, {.require_gapless = true, .after_seq = {}});
  REQUIRE(outcome.findings.size() == 1);
  CHECK(outcome.findings[0].line == 4);
  CHECK_FALSE(outcome.findings[0].seq.has_value());
  CHECK(outcome.findings[0].what == "row_signature does not match the row");
  lines.insert(lines.begin() + 1, "");
  CHECK(run(lines, key, {}).errors == 2);
}

TEST_CASE("An export that resumes must go on with the next row") {
  const SigningKey key = make_signing_key();
  CHECK(run(export_of(key, 5, 8), key, {.require_gapless = true, .after_seq = 4}).errors == 0);
  CHECK(run(export_of(key, 6, 8), key, {.require_gapless = true, .after_seq = 4}).errors == 1);
  CHECK(run(export_of(key, 6, 8), key, {.require_gapless = false, .after_seq = 4}).errors == 1);
  CHECK(run(export_of(key, 4, 8), key, {.require_gapless = true, .after_seq = 4}).errors == 1);
}

TEST_CASE("An export ends with a row of its own and a checkpoint, or has lost its end") {
  Log log(make_signing_key());
  log.grow_to(5);
  const auto whole = log.exported();
  const auto end_of = [&](const std::vector<std::string>& lines, bool require_gapless) {
    ExportVerifier verifier(trusting(log.key()), {require_gapless, 0});
    for (const std::string& line : lines) verifier.feed(line);
    return verifier.finish();
  };
  CHECK(end_of(whole, true).empty());
  for (const bool is_gapless : {true, false}) {
    for (std::size_t count = 0; count < whole.size(); ++count) {
      INFO(count << " lines");
      const auto cut =
          end_of({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(count)}, is_gapless);
      REQUIRE(cut.size() == 1);
      CHECK(cut.front().what.find("cut off") != std::string::npos);
    }
  }
  // A checkpoint on the way is not the end, and one of fewer rows is none of the last.
  auto shorter = whole;
  shorter.resize(4);
  shorter.push_back(checkpoint_line(log.checkpoint(4)));
  CHECK(end_of(shorter, true).size() == 1);
  shorter.back() =
      checkpoint_line(log.checkpoint(4), {{origin_of(log.key().id()), log.key().public_key()}});
  CHECK(end_of(shorter, true).size() == 1);
  CHECK(end_of(shorter, false).empty());
}
