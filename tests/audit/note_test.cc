#include "audit/note.h"

#include <catch2/catch.hpp>

#include "audit/checkpoint.h"
#include "crypto/digest.h"
#include "rows.h"

using namespace openavail;
using namespace openavail::audit;
using namespace openavail::audit::testing;

namespace {

// The example of c2sp.org/signed-note.
const std::string kExampleKey =
    "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const std::string kExampleNote =
    "This is an example message.\n\n\xE2\x80\x94 example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
    "\n";

TreeHead some_head() { return {42, hash_leaf("root")}; }

std::string some_checkpoint(const SigningKey& key) {
  return sign_checkpoint({origin_of(key.id()), some_head()}, key.key());
}

// A checkpoint whose text is anything, signed rightly.
std::string signed_text_as_checkpoint(const SigningKey& key, const std::string& text) {
  return sign_note(text, origin_of(key.id()), key.key());
}

}  // namespace

TEST_CASE("The example of the signed-note specification verifies") {
  const auto key = from_vkey(kExampleKey);
  REQUIRE(key);
  CHECK(key->name == "example.com/foo");
  CHECK(crypto::to_hex(note_key_id(*key)) == "530d903a");
  CHECK(to_vkey(*key) == kExampleKey);
  const auto note = parse_note(kExampleNote);
  REQUIRE(note);
  CHECK(note->text == "This is an example message.\n");
  CHECK(verify_note(*note, {*key}));
  auto changed = *note;
  changed.text[0] = 't';
  CHECK_FALSE(verify_note(changed, {*key}));
}

TEST_CASE("A vkey that is not exactly one is none") {
  for (const std::string& bad : std::vector<std::string>{
           "", "example.com/foo", kExampleKey + "A", kExampleKey.substr(1),
           "example.com/fop" + kExampleKey.substr(15), "a b" + kExampleKey.substr(15),
           "example.com/foo+530d903a+AA==", "+530d903a+AekyeRrm"}) {
    INFO(bad);
    CHECK_FALSE(from_vkey(bad));
  }
}

TEST_CASE("Notes of another shape are refused") {
  const std::string signature = kExampleNote.substr(kExampleNote.find("\n\n") + 2);
  for (const std::string& bad : std::vector<std::string>{
           "", "text\n", "text\n\n", "text" + signature, "text\n" + signature, "\n\n",
           "te\txt\n\n" + signature, "te\xFFxt\n\n" + signature, kExampleNote + "x",
           kExampleNote.substr(0, 60) + "\n", "text\n\n- example.com/foo AAAA\n",
           "text\n\n\xE2\x80\x94 example.com/foo AAAA\n", "text\n\n\xE2\x80\x94 example.com/foo\n",
           "text\n\n\xE2\x80\x94  AAAAAAAA\n",
           std::string(kNoteBytesMax, 'x') + "\n\n" + signature}) {
    INFO(bad.substr(0, 200));
    CHECK_FALSE(parse_note(bad));
  }
  std::string many = "text\n\n";
  for (std::size_t i = 0; i < kNoteSignaturesMax; ++i) many += signature;
  CHECK(parse_note(many));
  CHECK_FALSE(parse_note(many + signature));
}

TEST_CASE("Signatures of others are left out of account, a wrong one of a known key is not") {
  const SigningKey key = make_signing_key(1);
  const SigningKey other = make_signing_key(2);
  const std::string text = "text\n";
  const std::string mine = sign_note(text, "log", key.key());
  const std::string theirs = sign_note(text, "witness", other.key());
  const NoteKey known{"log", key.public_key()};
  const std::string both = mine + theirs.substr(text.size() + 1);
  CHECK(verify_note(parse_note(both).value(), {known}));
  CHECK(verify_note(parse_note(theirs + mine.substr(text.size() + 1)).value(), {known}));
  CHECK_FALSE(verify_note(parse_note(theirs).value(), {known}));
  CHECK_FALSE(verify_note(parse_note(mine).value(), {{"other name", key.public_key()}}));
  Note forged = parse_note(both).value();
  forged.signatures.push_back(forged.signatures.front());
  forged.signatures.back().signature[0] = static_cast<char>(forged.signatures[0].signature[0] ^ 1);
  CHECK_FALSE(verify_note(forged, {known}));
}

TEST_CASE("A checkpoint is three lines that the log's key signs, under its origin") {
  const SigningKey key = make_signing_key();
  const std::string note = some_checkpoint(key);
  CHECK(note.substr(0, note.find("\n\n") + 1) ==
        "openavail/" + key.id().text() + "\n42\n" + crypto::to_base64(some_head().root) + "\n");
  const auto opened = open_checkpoint(note, trusting(key));
  REQUIRE(opened);
  CHECK(opened->origin == origin_of(key.id()));
  CHECK(opened->head == some_head());
  CHECK_FALSE(open_checkpoint(note, trusting(make_signing_key(99))));
  CHECK_FALSE(open_checkpoint(note, {}));
}

TEST_CASE("Any one byte of a checkpoint changed is refused") {
  const SigningKey key = make_signing_key();
  const std::string note = some_checkpoint(key);
  for (std::size_t i = 0; i < note.size(); ++i) {
    for (const int flip : {1, 2, 4, 8, 16, 32, 64, 128}) {
      std::string changed = note;
      changed[i] = static_cast<char>(changed[i] ^ flip);
      INFO("byte " << i << ": " << changed);
      REQUIRE_FALSE(open_checkpoint(changed, trusting(key)));
    }
    REQUIRE_FALSE(open_checkpoint(note.substr(0, i), trusting(key)));
  }
}

TEST_CASE("A rightly signed note that is no checkpoint of ours is refused") {
  const SigningKey key = make_signing_key();
  const std::string origin = origin_of(key.id());
  const std::string root = crypto::to_base64(some_head().root);
  CHECK(open_checkpoint(signed_text_as_checkpoint(key, origin + "\n0\n" + root + "\n"),
                        trusting(key)));
  for (const std::string& bad :
       {origin + "\n", origin + "\n42\n", origin + "\n42\n" + root + "\nmore\n",
        origin + "\n042\n" + root + "\n", origin + "\n-1\n" + root + "\n",
        origin + "\n+1\n" + root + "\n", origin + "\n\n" + root + "\n",
        origin + "\n9007199254740992\n" + root + "\n",
        origin + "\n99999999999999999999\n" + root + "\n", origin + "\n42\n" + root + "=\n",
        origin + "\n42\nAAAA\n", "two words\n42\n" + root + "\n"}) {
    INFO(bad);
    CHECK_FALSE(open_checkpoint(signed_text_as_checkpoint(key, bad), trusting(key)));
  }
}
