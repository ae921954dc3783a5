#include "base/utf8.h"

#include <catch2/catch.hpp>
#include <string>

using namespace openavail;

TEST_CASE("Text is UTF-8 exactly where every character is whole, short and real") {
  for (const char* good : {"", "plain", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\x7f",
                           "\xed\x9f\xbf", "\xee\x80\x80", "\xf4\x8f\xbf\xbf", "\xc2\x80"}) {
    CAPTURE(good);
    CHECK(is_utf8(good));
  }
  for (const char* bad :
       {"\x80", "\xff", "\xfe", "\xc3", "\xe2\x82", "\xf0\x9f\x98", "a\xc3", "\xc3(", "\xc0\xaf",
        "\xc1\xbf", "\xe0\x80\xaf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf", "\xed\xa0\x80",
        "\xed\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe2\x28\xa1"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_utf8(bad));
  }
  CHECK(is_utf8(std::string("a\0b", 3)));
}

TEST_CASE("Text is cut between characters") {
  CHECK(cut_to("abc", 3) == "abc");
  CHECK(cut_to("abc", 2) == "ab");
  CHECK(cut_to("a\xe2\x82\xac", 3) == "a");
  CHECK(cut_to("a\xe2\x82\xac", 4) == "a\xe2\x82\xac");
  CHECK(cut_to("\xf0\x9f\x98\x80", 3).empty());
  CHECK(cut_to("x", 0).empty());
}
