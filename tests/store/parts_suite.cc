// Parts of a write transaction: undone alone, kept with the whole, and told of when they end.
#include <catch2/catch.hpp>
#include <vector>

#include "store/store_suite.h"

namespace openavail::store::testing {
namespace {

using Ends = std::vector<bool>;

std::unique_ptr<ports::Transaction> part_of(ports::Transaction& whole, Ends& ends,
                                            const Status& answer = {}) {
  auto part = whole.begin_part([&ends, answer](bool is_kept) {
    ends.push_back(is_kept);
    return answer;
  });
  REQUIRE(part);
  return std::move(*part);
}

}  // namespace

void parts_suite(const StoreFactory& factory) {
  const auto store = factory();
  populate(*store);
  Ends ends;
  auto whole = write(*store);
  REQUIRE(whole->set_meta("whole", "1"));

  SECTION("one part is undone, the one before it and the one after it are kept") {
    {
      auto part = part_of(*whole, ends);
      REQUIRE(part->set_meta("first", "1"));
      REQUIRE(part->commit());
    }
    {
      auto part = part_of(*whole, ends);
      REQUIRE(part->set_meta("second", "1"));
      REQUIRE(part->meta("first").value() == "1");
      REQUIRE(part->now(hour(99)).value() == hour(99));
    }
    {
      auto part = part_of(*whole, ends);
      REQUIRE_FALSE(part->meta("second").value());
      REQUIRE(part->now(hour(3)).value() == hour(3));
      REQUIRE(part->set_meta("third", "1"));
      REQUIRE(part->commit());
    }
    CHECK(ends == Ends{true, false, true});
    CHECK_FALSE(read(*store)->meta("first").value());
    REQUIRE(whole->commit());
    const auto after = read(*store);
    CHECK(after->meta("whole").value() == "1");
    CHECK(after->meta("first").value() == "1");
    CHECK_FALSE(after->meta("second").value());
    CHECK(after->meta("third").value() == "1");
    CHECK(after->now(hour(0)).value() == hour(3));
  }
  SECTION("parts of parts: what an inner one kept goes with the outer one") {
    Ends inner_ends;
    {
      auto outer = part_of(*whole, ends);
      auto inner = part_of(*outer, inner_ends);
      REQUIRE(inner->set_meta("lost", "1"));
      REQUIRE(inner->commit());
    }
    {
      auto outer = part_of(*whole, ends);
      {
        auto inner = part_of(*outer, inner_ends);
        REQUIRE(inner->set_meta("undone", "1"));
      }
      auto inner = part_of(*outer, inner_ends);
      REQUIRE(inner->set_meta("kept", "1"));
      REQUIRE(inner->commit());
      REQUIRE(outer->commit());
    }
    CHECK(ends == Ends{false, true});
    CHECK(inner_ends == Ends{true, false, true});
    REQUIRE(whole->commit());
    CHECK_FALSE(read(*store)->meta("lost").value());
    CHECK_FALSE(read(*store)->meta("undone").value());
    CHECK(read(*store)->meta("kept").value() == "1");
  }
  SECTION("what was kept in a whole that is not committed is gone") {
    {
      auto part = part_of(*whole, ends);
      REQUIRE(part->set_meta("kept", "1"));
      REQUIRE(part->commit());
    }
    whole.reset();
    CHECK_FALSE(read(*store)->meta("kept").value());
  }
  SECTION("a part's commit answers what the end of it answers") {
    auto part = part_of(*whole, ends, fail(ErrorCode::internal, "the whole was lost"));
    const auto answer = part->commit();
    REQUIRE_FALSE(answer);
    CHECK(answer.error().message() == "the whole was lost");
    part.reset();
    CHECK(ends == Ends{true});
  }
  SECTION("what has ended does no more work, whatever its connection does now") {
    auto part = part_of(*whole, ends);
    REQUIRE(part->commit());
    CHECK_FALSE(part->set_meta("late", "1"));
    CHECK_FALSE(part->meta("whole"));
    CHECK_FALSE(part->commit());
    CHECK_FALSE(part->begin_part([](bool) -> Status { return {}; }));
    REQUIRE(whole->commit());
    CHECK_FALSE(whole->set_meta("late", "1"));
    CHECK_FALSE(whole->begin_part([](bool) -> Status { return {}; }));
    whole.reset();
    CHECK_FALSE(read(*store)->meta("late").value());
  }
  SECTION("a refusal by a guard inside a part leaves the part usable") {
    auto part = part_of(*whole, ends);
    REQUIRE(part->insert_booking(make_booking("b1", hours(10, 11))));
    CHECK(part->insert_booking(make_booking("b2", hours(10, 11))).error().code() ==
          ErrorCode::state_conflict);
    REQUIRE(part->insert_booking(make_booking("b3", hours(11, 12))));
    REQUIRE(part->commit());
    REQUIRE(whole->commit());
    CHECK(read(*store)->find_booking(BookingId("b3")).value().has_value());
  }
}

}  // namespace openavail::store::testing
