// Booking proposals: every status that one can come to, by the way that leads there, and what is
// left of its text then.
#include <cstdlib>

#include "service/agent_house.h"

namespace openavail::service::testing {
namespace {

using ports::ProposalStatus;
using Statuses = std::vector<std::string>;

struct ProposalHouse : AgentHouse {
  Agent asker = agent("Asker", {"read_freebusy", "create_booking_proposals"});
  Agent rival = chief("Rival");

  // Asks for an hour of the 18th between these times.
  ProposalView ask(const std::string& window = "10:00-11:00", const std::string& key = "") {
    const auto made = service.propose(asker.call(key), request(window));
    if (!made) FAIL(made.error().message());
    return *made;
  }
  static ProposeRequest request(const std::string& window) {
    ProposeRequest asked;
    asked.meeting_class = "Regular";
    asked.duration_minutes = 60;
    asked.window = slot(window);
    asked.text = titled("Secret title");
    asked.text.description = std::string(12'000, 'd');  // more than a page of the database
    asked.text.attendees.push_back({"guest@example.net", "A Guest"});
    return asked;
  }
  ProposalView seen(const ProposalId& id) {
    const auto found = service.proposal(asker.call(), id);
    if (!found) FAIL(found.error().message());
    return *found;
  }
  std::string status(const ProposalId& id) {
    return std::string(ports::to_text(seen(id).proposal.status));
  }
  ports::Proposal stored_proposal(const ProposalId& id) {
    return **(*store->begin(ports::Access::read))->find_proposal(id);
  }
  Result<ProposalView> approve(const ProposalId& id) {
    return admin.approve_proposal(id, std::nullopt, std::nullopt);
  }

  // Every byte of the database's files, read by another process: closing one of them here would
  // end SQLite's locks.
  std::string bytes() {
    const std::string copy = folder.file("copy");
    REQUIRE(std::system(("cat " + folder.path() + "/openavail.db* > " + copy).c_str()) == 0);
    std::string all = openavail::testing::read_file(copy);
    std::filesystem::remove(copy);
    return all;
  }
  // How many pieces of what was sealed still stand somewhere in those files.
  std::size_t pieces_left(const std::string& sealed) {
    constexpr std::size_t kPiece = 32;
    const std::string all = bytes();
    std::size_t left = 0;
    for (std::size_t at = 0; at + kPiece <= sealed.size(); at += kPiece) {
      if (all.find(sealed.substr(at, kPiece)) != std::string::npos) ++left;
    }
    return left;
  }
  // A proposal whose sealed text is in the database's files: what has to be gone at its end.
  struct Sealed {
    ProposalId id;
    std::string text;
  };
  Sealed sealed(const std::string& window = "10:00-11:00") {
    const ProposalId id = ask(window).proposal.id;
    Sealed made{id, stored_proposal(id).sealed_text.value_or("")};
    REQUIRE(made.text.size() > 12'000);
    // Pieces are missing only where a page of the database ends.
    REQUIRE(pieces_left(made.text) * 10 > made.text.size() / 32 * 9);
    REQUIRE(bytes().find("Secret title") == std::string::npos);
    return made;
  }
  void check_ended(const Sealed& made, const std::string& as) {
    CHECK(pieces_left(made.text) == 0);
    CHECK(ports::to_text(stored_proposal(made.id).status) == as);
    const ProposalView view = seen(made.id);
    CHECK(ports::to_text(view.proposal.status) == as);
    CHECK_FALSE(view.text);
    CHECK(code_of(approve(made.id)) == "STATE_CONFLICT");
    CHECK(code_of(admin.reject_proposal(made.id, std::nullopt)) == "STATE_CONFLICT");
    CHECK(pieces_left(made.text) == 0);
  }
};

TEST_CASE("pending_owner_decision, then approved_executing while it is written, then booked") {
  ProposalHouse house;
  const auto made = house.sealed();
  CHECK(house.status(made.id) == "pending_owner_decision");
  Statuses meanwhile;
  house.providers.steps.before_create = [&] {
    meanwhile.push_back(house.status(made.id));
    meanwhile.push_back(std::string(
        ports::to_text((*house.admin.proposals(std::nullopt)).front().proposal.status)));
    // Decided already: nothing else can be made of it.
    CHECK(code_of(house.approve(made.id)) == "STATE_CONFLICT");
    CHECK(code_of(house.service.withdraw_proposal(house.asker.call(), made.id)) ==
          "STATE_CONFLICT");
    CHECK(*house.admin.sweep_proposals() == 0);
  };
  const auto approved = house.approve(made.id);
  REQUIRE(approved);
  CHECK(meanwhile == Statuses{"approved_executing", "approved_executing"});
  CHECK(approved->proposal.booking_id);
  CHECK(house.event(*approved->proposal.booking_id).find("SUMMARY:Secret title") !=
        std::string::npos);
  house.check_ended(made, "booked");
}

TEST_CASE("rejected and needs_new_window: the owner's word ends it") {
  ProposalHouse house;
  const auto rejected = house.sealed();
  REQUIRE(house.admin.reject_proposal(rejected.id, "not now"));
  house.check_ended(rejected, "rejected");
  CHECK(house.seen(rejected.id).owner_note == "not now");
  const auto other = house.sealed();
  REQUIRE(house.admin.ask_new_window(other.id, std::nullopt));
  house.check_ended(other, "needs_new_window");
  CHECK(house.events() == 0);
}

TEST_CASE("needs_owner_review: approved and no longer possible; its text stays, for another try") {
  ProposalHouse house;
  const auto made = house.sealed("10:00-12:00");
  const ProposalView before = house.seen(made.id);
  const BookingId taken = house.rival.booked("10:00-11:00", "Critical");
  const auto refused =
      house.admin.approve_proposal(made.id, before.candidates.front().candidate.id, std::nullopt);
  CHECK(code_of(refused) == "ARBITRATION_REJECTED");
  CHECK(house.status(made.id) == "needs_owner_review");
  const ProposalView review = house.seen(made.id);
  REQUIRE(review.text);
  CHECK(review.text->title == "Secret title");
  CHECK_FALSE(review.candidates.front().candidate.invalid_reason.empty());
  REQUIRE(house.rival.cancel(taken));
  REQUIRE(house.approve(made.id));
  house.check_ended(made, "booked");
}

TEST_CASE("expired: after a day, or at the window's end, whoever looks first") {
  ProposalHouse house;
  const auto soon = house.sealed("10:00-11:00");
  ProposeRequest wide = ProposalHouse::request("10:00-11:00");
  wide.window = {at("20 10:00"), at("20 12:00")};
  const auto late = house.service.propose(house.asker.call(), wide);
  REQUIRE(late);
  CHECK(late->proposal.expires_at == at("19 08:00"));
  const ProposalId later = late->proposal.id;
  const std::string text = *house.stored_proposal(later).sealed_text;

  house.clock.now_ms = at("11:00").unix_ms - 1;
  CHECK(house.status(soon.id) == "pending_owner_decision");
  CHECK(*house.admin.sweep_proposals() == 0);
  house.clock.now_ms = at("11:00").unix_ms;
  CHECK(*house.admin.sweep_proposals() == 1);
  house.check_ended(soon, "expired");
  CHECK(house.count_actions("proposal_expired") == 1);
  CHECK(house.status(later) == "pending_owner_decision");

  house.clock.now_ms = at("19 08:00").unix_ms;
  CHECK(code_of(house.service.withdraw_proposal(house.asker.call(), later)) == "STATE_CONFLICT");
  house.check_ended({later, text}, "expired");
}

TEST_CASE("withdrawn: by the agent that asked, as often as it likes, and by nobody else") {
  ProposalHouse house;
  const auto made = house.sealed();
  const Agent other = house.agent("Other", {"create_booking_proposals"});
  CHECK(code_of(house.service.withdraw_proposal(other.call(), made.id)) == "PROPOSAL_NOT_FOUND");
  CHECK(code_of(house.service.withdraw_proposal(house.rival.call(), made.id)) ==
        "permission_denied:create_booking_proposals");
  const std::size_t before = house.rows().size();
  const auto back = house.service.withdraw_proposal(house.asker.call("once"), made.id);
  REQUIRE(back);
  CHECK(back->proposal.status == ProposalStatus::withdrawn);
  CHECK_FALSE(back->text);
  const auto rows = house.rows_after(before);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].at("action") == "proposal_withdrawn");
  CHECK(rows[0].at("kind") == "decision");
  CHECK(rows[0].at("api_key_id") == house.asker.key.text());
  CHECK(rows[0].at("subject").at("proposal") == made.id.text());
  house.check_ended(made, "withdrawn");
  REQUIRE(house.service.withdraw_proposal(house.asker.call(), made.id));
  REQUIRE(house.service.withdraw_proposal(house.asker.call("once"), made.id));
  CHECK(house.last_row().at("kind") == "access");
  const ProposalId second = house.ask().proposal.id;
  CHECK(code_of(house.service.withdraw_proposal(house.asker.call("once"), second)) ==
        "IDEMPOTENCY_CONFLICT");
}

TEST_CASE(
    "withdrawn: what is open when its owner is removed, so that no text outlives the person") {
  ProposalHouse house;
  const auto open = house.sealed();
  const auto rejected = house.sealed();
  REQUIRE(house.admin.reject_proposal(rejected.id, std::nullopt));
  REQUIRE(house.admin.remove_owner(kJane));
  CHECK(house.pieces_left(open.text) == 0);
  CHECK(house.stored_proposal(open.id).status == ProposalStatus::withdrawn);
  CHECK(house.stored_proposal(rejected.id).status == ProposalStatus::rejected);
  CHECK(house.count_actions("proposal_withdrawn") == 1);
}

TEST_CASE("failed: approved, and the calendar refuses the event") {
  ProposalHouse house;
  const auto made = house.sealed();
  house.providers.steps.create = Outcome::refused;
  CHECK(code_of(house.approve(made.id)) == "CALENDAR_UNAVAILABLE");
  house.providers.steps.create = Outcome::passes;
  house.check_ended(made, "failed");
  CHECK(house.count_actions("proposal_failed") == 1);
  CHECK(house.events() == 0);
  CHECK(house.rival.book("10:00-11:00"));
}

// What is known of an approval whose process died; who looks then.
struct Look {
  const char* name;
  std::function<void(ProposalHouse&, const ProposalId&)> act;
};

TEST_CASE("An approval that was left half done is settled by the first who looks") {
  const std::vector<Look> looks = {
      {"the agent", [](ProposalHouse& house, const ProposalId& id) { house.seen(id); }},
      {"the owner",
       [](ProposalHouse& house, const ProposalId& id) { REQUIRE(house.admin.proposal(id)); }},
      {"the owner's list",
       [](ProposalHouse& house, const ProposalId&) { REQUIRE(house.admin.proposals(kJane)); }},
      {"a server's sweep",
       [](ProposalHouse& house, const ProposalId&) { CHECK(*house.admin.sweep_proposals() == 1); }},
      {"a second approval", [](ProposalHouse& house, const ProposalId& id) {
         CHECK(code_of(house.approve(id)) == "STATE_CONFLICT");
       }}};
  for (const Look& look : looks) {
    for (const bool was_written : {true, false}) {
      DYNAMIC_SECTION(look.name << (was_written ? ", the event is there" : ", it is not")) {
        ProposalHouse house;
        const auto made = house.sealed();
        house.providers.steps.create =
            was_written ? Outcome::unknown_written : Outcome::unknown_lost;
        house.providers.steps.looks = false;  // nor can it be asked at once
        CHECK(code_of(house.approve(made.id)) == "CALENDAR_UNAVAILABLE");
        CHECK(house.stored_proposal(made.id).status == ProposalStatus::approved_executing);
        CHECK(*house.admin.sweep_proposals() == 0);
        CHECK(house.stored_proposal(made.id).status == ProposalStatus::approved_executing);
        house.providers.steps = {};
        look.act(house, made.id);
        house.check_ended(made, was_written ? "booked" : "failed");
      }
    }
  }
}

TEST_CASE("An approval goes where the owner's meetings go today, and not without its class") {
  ProposalHouse house;
  const ProposalId first = house.ask("10:00-11:00").proposal.id;
  const ProposalId second = house.ask("11:00-12:00").proposal.id;
  const std::string home = house.calendar_folder("home");
  NewCalendar other;
  other.owner_email = kJane;
  other.type = CalendarType::personal;
  other.provider = "vdir";
  other.location = home;
  other.is_primary = true;
  REQUIRE(house.admin.add_calendar(other));
  REQUIRE(house.admin.remove_calendar(kJane, CalendarType::work));
  const auto approved = house.approve(first);
  REQUIRE(approved);
  CHECK(std::filesystem::exists(home + "/" + approved->proposal.booking_id->text() + ".ics"));
  CHECK(house.events() == 0);
  REQUIRE(house.rival.cancel(*approved->proposal.booking_id));
  REQUIRE(house.admin.remove_class("Regular"));
  CHECK(code_of(house.approve(second)) == "STATE_CONFLICT");
  CHECK(house.stored_proposal(second).status == ProposalStatus::pending_owner_decision);
  REQUIRE(house.admin.reject_proposal(second, std::nullopt));
}

TEST_CASE("A proposal that asks for it tells the situation it was made in, refused or not") {
  ProposalHouse house;
  AgentCall call = house.asker.call();
  call.include_situation = true;
  const auto made = house.service.propose(call, ProposalHouse::request("10:00-11:00"));
  REQUIRE(made);
  REQUIRE(made->situation);
  CHECK(made->situation->digest == house.last_row().at("situation_digest"));
  CHECK_FALSE(house.ask().situation);
  house.rival.booked("12:00-13:00", "Critical");
  call.request_id += "x";
  const auto none = house.service.propose(call, ProposalHouse::request("12:00-13:00"));
  CHECK(code_of(none) == "NO_SLOTS_AVAILABLE");
  CHECK(details_of(none).at("situation_digest") == house.last_row().at("situation_digest"));
  CHECK(details_of(none).at("situation").is_object());
}

}  // namespace
}  // namespace openavail::service::testing
