// Every way to change a small export: each is found, by both verifiers, and ours names the line.
#include <catch2/catch.hpp>

#include "audit/export_verifier.h"
#include "audit/rows.h"

using namespace openavail;
using namespace openavail::audit;
using namespace openavail::audit::testing;
using openavail::testing::TemporaryFolder;
using openavail::testing::write_file;

namespace {

using Lines = std::vector<std::string>;
const std::string kAddress = "ada@example.org";

std::vector<Finding> judged(const Lines& lines, const SigningKey& key) {
  ExportVerifier verifier(trusting(key), {true, 0});
  std::vector<Finding> found;
  for (const std::string& line : lines) {
    for (Finding& finding : verifier.feed(line)) found.push_back(std::move(finding));
  }
  for (Finding& finding : verifier.finish()) found.push_back(std::move(finding));
  return found;
}

// Two signed rows, one of kind access, a checkpoint on the way, the export's own row.
struct Small {
  Log log{make_signing_key()};
  Lines lines;
  Small() {
    log.grow_to(3);
    lines = log.exported();
    lines.insert(lines.begin() + 2, checkpoint_line(log.checkpoint(2)));
    REQUIRE(judged(lines, log.key()).empty());
  }
  bool is_found(const Lines& changed) const { return !judged(changed, log.key()).empty(); }
};

}  // namespace

TEST_CASE("every byte of an export flipped is found in its line") {
  const Small small;
  for (std::size_t n = 0; n < small.lines.size(); ++n) {
    const std::string& line = small.lines[n];
    const std::size_t address = line.find(kAddress);  // outside the proof
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (address != line.npos && i >= address && i < address + kAddress.size()) continue;
      for (const int flip : {1, 16, 128}) {
        Lines changed = small.lines;
        changed[n][i] = static_cast<char>(changed[n][i] ^ flip);
        const auto found = judged(changed, small.log.key());
        INFO("line " << n + 1 << ", byte " << i << ": " << changed[n]);
        REQUIRE_FALSE(found.empty());
        REQUIRE(found.front().line == static_cast<std::int64_t>(n + 1));
      }
    }
  }
}

TEST_CASE("every line dropped, put twice, swapped or cut off is found") {
  const Small small;
  const auto at = [](Lines& lines, std::size_t i) {
    return lines.begin() + static_cast<std::ptrdiff_t>(i);
  };
  for (std::size_t a = 0; a < small.lines.size(); ++a) {
    Lines cut = small.lines;
    cut.resize(a);
    INFO(a);
    CHECK(small.is_found(cut));
    Lines without = small.lines;
    without.erase(at(without, a));
    // The checkpoint on the way may be missing: it helps to tell where something is wrong.
    CHECK(small.is_found(without) == (a != 2));
    for (std::size_t b = 0; b < small.lines.size(); ++b) {
      INFO(b);
      if (a != b) {
        Lines swapped = small.lines;
        std::swap(swapped[a], swapped[b]);
        CHECK(small.is_found(swapped));
      }
      // Said twice in the same place a checkpoint says the same.
      const bool is_the_same = (a == 2 && (b == 2 || b == 3)) || (a == 5 && b == 5);
      Lines twice = small.lines;
      twice.insert(at(twice, b), small.lines[a]);
      CHECK(small.is_found(twice) == !is_the_same);
    }
  }
}

TEST_CASE("a row that the log never had is found, wherever it is put") {
  const Small small;
  const SigningKey stranger = make_signing_key(7);
  for (std::size_t n = 0; n < small.lines.size(); ++n) {
    for (std::int64_t seq = 1; seq <= 5; ++seq) {
      for (const bool is_signed : {true, false}) {
        Entry entry = bare_entry(seq);
        entry.request_id = "forged";
        if (!is_signed) entry.kind = Kind::access;
        const SealedRow row = seal(entry, small.log.key().id(), stranger.key());
        Lines changed = small.lines;
        changed.insert(changed.begin() + static_cast<std::ptrdiff_t>(n),
                       export_line(row, std::nullopt));
        INFO(n << " " << seq);
        CHECK(small.is_found(changed));
        changed = small.lines;
        changed[n] = export_line(row, std::nullopt);
        CHECK(small.is_found(changed));
      }
    }
  }
}

TEST_CASE("the second verifier finds the same") {
  const Small small;
  const TemporaryFolder folder;
  std::string all;
  for (const std::string& line : small.lines) all += line + "\n";
  write_file(folder.file("export.jsonl"), all);
  write_file(folder.file("key.pem"), small.log.key().public_key().pem());
  const std::string command = "python3 -B '" + std::string(OPENAVAIL_TESTS_DIR) +
                              "/tamper/second_verifier.py' '" + folder.file("export.jsonl") +
                              "' '" + folder.file("key.pem") + "' " + kAddress;
  CHECK(std::system(command.c_str()) == 0);  // NOLINT: fixed words and paths of our own
}
