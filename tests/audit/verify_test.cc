#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <cstdlib>
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

int run_python(const std::string& export_path, const std::string& pem_path) {
  const std::string command = "python3 '" + std::string(OPENAVAIL_TESTS_DIR) +
                              "/audit/verify_with_openssl.py' '" + export_path + "' '" + pem_path +
                              "' > /dev/null 2>&1";
  const int status = std::system(command.c_str());  // NOLINT: fixed words and paths of our own
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
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

TEST_CASE(
    "A deleted row is found where none may be missing, and is a warning in a filtered export") {
  const SigningKey key = make_signing_key();
  auto lines = export_of(key, 1, 6);
  lines.erase(lines.begin() + 2);
  const Outcome strict = run(lines, key, {.require_gapless = true, .after_seq = {}});
  REQUIRE(strict.findings.size() == 1);
  CHECK(strict.errors == 1);
  CHECK(strict.findings[0].line == 3);
  CHECK(strict.findings[0].seq == 4);
  CHECK(strict.findings[0].what == "row 3 is missing before this one");
  const Outcome filtered = run(lines, key, {});
  CHECK(filtered.errors == 0);
  CHECK(filtered.warnings == 1);
  lines.erase(lines.begin() + 2);
  CHECK(run(lines, key, {}).findings.at(0).what == "rows 3 to 4 are missing before this one");
}

TEST_CASE("Swapped and repeated rows are errors in any export") {
  const SigningKey key = make_signing_key();
  auto lines = export_of(key, 1, 6);
  std::swap(lines[2], lines[3]);
  const Outcome swapped = run(lines, key, {});
  CHECK(swapped.errors == 1);
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
  CHECK(run(export_of(key, 6, 8), key, {.require_gapless = false, .after_seq = 4}).warnings == 1);
  CHECK(run(export_of(key, 4, 8), key, {.require_gapless = true, .after_seq = 4}).errors == 1);
}

TEST_CASE("An export without a row of an export has lost its end") {
  const SigningKey key = make_signing_key();
  auto lines = export_of(key, 1, 3);
  const auto end_of = [&](bool require_gapless) {
    ExportVerifier verifier(trusting(key), {require_gapless, 0});
    for (const std::string& line : lines) CHECK(verifier.feed(line).empty());
    return verifier.finish();
  };
  REQUIRE(end_of(true).size() == 1);
  CHECK(end_of(true).front().what.find("cut off") != std::string::npos);
  CHECK(end_of(false).empty());
  Entry entry = bare_entry(4);
  entry.action = "audit.export";
  lines.push_back(export_line(key.seal(entry), std::nullopt));
  CHECK(end_of(true).empty());
  // The words elsewhere in a row are no such row.
  lines.pop_back();
  entry.action = "keys.mint";
  entry.rule_fired = R"(,"row":{"action":"audit.export",)";
  lines.push_back(export_line(key.seal(entry), entry.rule_fired));
  CHECK(end_of(true).size() == 1);
  lines.clear();
  CHECK(end_of(true).size() == 1);
}

TEST_CASE("A second verifier, in Python with openssl, agrees on good and on changed exports") {
  const SigningKey key = make_signing_key();
  const TemporaryFolder folder;
  const std::string pem = folder.file("public.pem");
  write_file(pem, key.public_key().pem());
  const auto lines = export_of(key, 1, 5);
  const auto python = [&](const std::vector<std::string>& some) {
    std::string all;
    for (const std::string& line : some) all += line + "\n";
    write_file(folder.file("export.jsonl"), all);
    return run_python(folder.file("export.jsonl"), pem);
  };
  REQUIRE(python(lines) == 0);
  auto changed = lines;
  changed[2] = replaced(changed[2], "\"latency_ms\":7", "\"latency_ms\":8");
  CHECK(python(changed) == 1);
  changed = lines;
  changed.erase(changed.begin() + 1);
  CHECK(python(changed) == 1);
  changed = lines;
  std::swap(changed[0], changed[1]);
  CHECK(python(changed) == 1);
  write_file(pem, make_signing_key(99).public_key().pem());
  CHECK(python(lines) == 1);
}
