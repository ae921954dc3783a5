#include "cmd/text.h"

#include <catch2/catch.hpp>

#include "cmd/table.h"

using namespace openavail::cmd;

TEST_CASE("Text is cleaned of what could steer a terminal") {
  CHECK(plain("a\x1b[31mb\r\n\tc\x7f") == "a [31mb   c ");
  CHECK(plain("a\xc2\x9b"
              "31mb") == "a 31mb");  // C1, CSI in one character
  CHECK(plain("a\xe2\x80\xae"
              "b\xe2\x81\xa6"
              "c") == "abc");  // turns of direction
  CHECK(plain("a\xe2\x80\xa8"
              "b") == "a b");  // line separator
  CHECK(plain("Zo\xc3\xab \xe4\xbc\x9a \xf0\x9f\x8e\x89") ==
        "Zo\xc3\xab \xe4\xbc\x9a \xf0\x9f\x8e\x89");
  CHECK(plain(std::string_view("a\0b", 3)) == "a b");
}

TEST_CASE("What is no UTF-8 is replaced, byte by byte") {
  const std::string mark = "\xef\xbf\xbd";
  CHECK(plain("a\xff"
              "b") == "a" + mark + "b");
  CHECK(plain("a\xc3") == "a" + mark);                 // cut off
  CHECK(plain("\xed\xa0\x80") == mark + mark + mark);  // a surrogate
  CHECK(plain("\xc0\xaf") == mark + mark);             // too long a form
}

TEST_CASE("Widths are columns of the terminal, not bytes") {
  CHECK(display_width("Zo\xc3\xab") == 3);
  CHECK(display_width("Zoe\xcc\x88") == 3);               // with a combining mark
  CHECK(display_width("\xe4\xbc\x9a\xe8\xad\xb0") == 4);  // wide
  CHECK(padded("\xe4\xbc\x9a", 4) == "\xe4\xbc\x9a  ");
  CHECK(padded("abc", 2) == "abc");
}

TEST_CASE("Errors are spoken in one voice and never repeat a key") {
  CHECK(spoken("The API key is not known.") == "the API key is not known");
  CHECK(spoken("OPENAVAIL_API_KEY is not set") == "OPENAVAIL_API_KEY is not set");
  CHECK(spoken("RFC 3339\nis wanted") == "RFC 3339 is wanted");
  CHECK(spoken("not expected: ak_0123_abc rest") == "not expected: ak_\xe2\x80\xa6 rest");
  CHECK(spoken("ak_").find("ak_") == 0);
}

TEST_CASE("Cells are aligned, and broken between words where the table is too wide") {
  const Table table{{"NAME", "MAY", "STATE"},
                    {{"a", "read,write,book", "on"}, {"bcde", "-", "off"}}};
  CHECK(lines_of(table, 80) == std::vector<std::string>{"NAME  MAY              STATE",
                                                        "a     read,write,book  on",
                                                        "bcde  -                off"});
  CHECK(lines_of(table, 24) == std::vector<std::string>{"NAME  MAY          STATE",
                                                        "a     read,write,  on", "      book",
                                                        "bcde  -            off"});
  // A word is never broken, however narrow.
  CHECK(lines_of(table, 1)[2] == "      write,");
  CHECK(lines_of(Table{}, 80).empty());
}

TEST_CASE("Fields stand one below the other") {
  CHECK(lines_of({{"a", "1"}, {"long", "2"}, {"none", ""}}) ==
        std::vector<std::string>{"a:     1", "long:  2", "none:"});
}
