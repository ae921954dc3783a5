#include "audit/entry.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "audit/canonical.h"
#include "crypto/digest.h"
#include "rows.h"

using namespace openavail;
using namespace openavail::audit;
using namespace openavail::audit::testing;
using openavail::testing::TemporaryFolder;

TEST_CASE("The canonical bytes of a full row are these") {
  CHECK(
      canonical_bytes(full_entry(1), SigningKeyId("sig_1")) ==
      "{\"action\":\"preempt\",\"actor\":\"agent\",\"agent_id\":\"agt_1\","
      "\"api_key_id\":\"0123456789AB\",\"booking_id\":\"0190-b\",\"calendar_owner\":\"own_1\","
      "\"correlation_id\":\"cor_1\","
      "\"decided_interval\":{\"end\":\"2026-07-01T15:00:00Z\",\"start\":\"2026-07-01T14:00:00Z\"},"
      "\"decision_id\":\"dec_1\",\"displaced_booking_ids\":[\"0190-c\",\"0190-d\"],"
      "\"engine_version\":\"0.1.0\",\"hold_id\":\"0190-h\",\"kind\":\"decision\",\"latency_ms\":7,"
      "\"meeting_class\":\"Critical \\\"A\\\"\\n\xC3\xA9\x7F\",\"request_id\":\"req_1\","
      "\"requested_interval\":{\"end\":\"2026-07-01T15:00:00Z\",\"start\":\"2026-07-01T14:00:00Z\"}"
      ","
      "\"row_version\":1,\"rule_fired\":\"capacity\",\"seq\":1,\"signing_key_id\":\"sig_1\","
      "\"situation_digest\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\","
      "\"subject\":{\"agent\":\"agt_2\",\"zebra\":\"last\"},"
      "\"timestamp\":\"2026-07-01T14:00:00.123Z\","
      "\"trace\":[{\"detail\":\"\",\"outcome\":\"pass\",\"rule\":\"off_day\"},"
      "{\"detail\":\"displaces 0190-c\",\"outcome\":\"pass\",\"rule\":\"capacity\"}],"
      "\"tzdata_version\":\"2026b\"}");
}

TEST_CASE("What a row does not have is an explicit null, an empty list or an empty object") {
  const auto row = nlohmann::json::parse(canonical_bytes(bare_entry(2), SigningKeyId("sig_1")));
  for (const char* name :
       {"agent_id", "api_key_id", "calendar_owner", "meeting_class", "requested_interval",
        "decided_interval", "booking_id", "hold_id", "correlation_id", "situation_digest"}) {
    INFO(name);
    REQUIRE(row.contains(name));
    CHECK(row.at(name).is_null());
  }
  CHECK(row.at("displaced_booking_ids") == nlohmann::json::array());
  CHECK(row.at("trace") == nlohmann::json::array());
  CHECK(row.at("subject") == nlohmann::json::object());
  CHECK(row.size() == 26);
}

TEST_CASE("The signed text is the one that existing verifiers expect") {
  CHECK(signed_text(full_entry(1)) == "dec_1:preempt:2026-07-01T14:00:00.123Z:own_1:capacity");
  CHECK(signed_text(bare_entry(2)) == "dec_2:keys.mint:2026-07-01T14:00:00.000Z::");
}

TEST_CASE("A sealed row carries the RFC 6962 leaf hash and two signatures of its key") {
  const SigningKey key = make_signing_key();
  const SealedRow row = key.seal(full_entry(1));
  CHECK(row.seq == 1);
  CHECK(row.leaf_hash == crypto::sha256(std::string("\0", 1) + row.canonical));
  CHECK(row.leaf_hash.size() == 32);
  CHECK(row.signing_key_id == key.id());
  CHECK(key.public_key().verify(row.canonical, row.row_signature));
  CHECK(key.public_key().verify(signed_text(full_entry(1)), row.signature));
  CHECK(row.signature != row.row_signature);
  // Sealing is deterministic: a row written again is the same row.
  CHECK(key.seal(full_entry(1)).row_signature == row.row_signature);
}

TEST_CASE("Text that is not UTF-8 can still be recorded, and the row verifies") {
  const SigningKey key = make_signing_key();
  Entry entry = bare_entry(1);
  entry.request_id = "\xff\xfe broken \xed\xa0\x80";
  entry.subject = {{"agent", std::string("a\0b", 3)}};
  const auto seq = verify_line(export_line(key.seal(entry), std::nullopt), trusting(key));
  REQUIRE(seq);
  CHECK(*seq == 1);
}

TEST_CASE("Canonical JSON sorts names, writes no white space and escapes as RFC 8785 wants") {
  const auto value = nlohmann::json::parse(
      R"({"b":[1,-2,true,null],"a":"\u0000\u001f\b\t\n\f\r\"\\\/\u007f\u20ac","B":{},)"
      R"("\u0061a":9007199254740991})");
  CHECK(can_be_canonical(value));
  CHECK(canonical_json(value) ==
        "{\"B\":{},\"a\":\"\\u0000\\u001f\\b\\t\\n\\f\\r\\\"\\\\/\x7F\xE2\x82\xAC\","
        "\"aa\":9007199254740991,\"b\":[1,-2,true,null]}");
}

TEST_CASE("Floats, integers beyond 2^53 - 1 and names beyond ASCII have no canonical form here") {
  for (const char* text : {"1.0", "1e3", "9007199254740992", "-9007199254740992",
                           "18446744073709551615", "[[0.5]]", "{\"\\u00e9\":1}", "{\"a\":[1.5]}"}) {
    INFO(text);
    CHECK_FALSE(can_be_canonical(nlohmann::json::parse(text)));
  }
  CHECK(can_be_canonical(nlohmann::json::parse("-9007199254740991")));
}

TEST_CASE("The signing key's file is private, comes back the same and is never replaced") {
  const TemporaryFolder folder;
  SystemEntropy entropy;
  const std::string path = folder.file("signing.pem");
  const auto made = SigningKey::make(path, entropy);
  REQUIRE(made);
  struct stat status {};
  REQUIRE(stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0600);
  const auto loaded = SigningKey::load(path);
  REQUIRE(loaded);
  CHECK(loaded->id() == made->id());
  CHECK(loaded->id().text().size() == 20);
  CHECK(loaded->key().sign("m") == made->key().sign("m"));
  CHECK(SigningKey::make(path, entropy).error().code() == ErrorCode::state_conflict);
  REQUIRE(chmod(path.c_str(), 0640) == 0);
  CHECK(SigningKey::load(path).error().code() == ErrorCode::internal);
  REQUIRE(chmod(path.c_str(), 0600) == 0);
  openavail::testing::write_file(path, "rubbish");
  CHECK(SigningKey::load(path).error().code() == ErrorCode::internal);
}

TEST_CASE("A PEM file of several public keys gives them all, with ids of their own") {
  const SigningKey first = make_signing_key(1);
  const SigningKey second = make_signing_key(2);
  const auto keys =
      trusted_keys_from_pem(first.public_key().pem() + second.public_key().pem() + "\n");
  REQUIRE(keys);
  REQUIRE(keys->size() == 2);
  CHECK(keys->at(0).id == first.id());
  CHECK(keys->at(1).id == second.id());
  CHECK_FALSE(trusted_keys_from_pem(""));
  CHECK_FALSE(trusted_keys_from_pem(first.public_key().pem() + "rubbish"));
}

TEST_CASE("CSV has a column for every field and neutralises formulas") {
  const SigningKey key = make_signing_key();
  const std::string header = csv_header();
  CHECK(header.starts_with("decision_id,seq,kind,action,agent_id,"));
  CHECK(header.find(",requested_start,requested_end,decided_start,decided_end,") !=
        std::string::npos);
  CHECK(header.ends_with(",owner_email"));
  const auto columns = std::count(header.begin(), header.end(), ',');
  const std::string bare = csv_line(key.seal(bare_entry(2)), std::nullopt);
  CHECK(std::count(bare.begin(), bare.end(), ',') == columns);
  CHECK(bare.starts_with("dec_2,2,admin,keys.mint,,,admin,,,0,2026-07-01T14:00:00.000Z,"));

  const std::string full = csv_line(key.seal(full_entry(1)), "=cmd@example.org");
  CHECK(full.find("\"Critical \"\"A\"\"\n\xC3\xA9\x7F\"") != std::string::npos);
  CHECK(full.ends_with(",'=cmd@example.org"));
  CHECK(full.find(",0190-c 0190-d,") != std::string::npos);
  for (const char* formula : {"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"}) {
    Entry entry = bare_entry(1);
    entry.request_id = formula;
    const std::string line = csv_line(key.seal(entry), std::nullopt);
    INFO(line);
    CHECK(line.find("'" + std::string(formula)) != std::string::npos);
  }
}
