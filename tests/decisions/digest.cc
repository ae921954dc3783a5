// Prints what the engine gives for every case of the tables in the named files: the canonical
// situation and answer of each,. Compared between compilers (same_bytes).
#include <fstream>
#include <iostream>
#include <sstream>

#include "table.h"

namespace {

using namespace openavail;

std::string answer(const arbiter::Situation& situation) {
  return situation.request.kind == arbiter::RequestKind::search
             ? canonical_json(arbiter::search(situation))
             : canonical_json(arbiter::decide(situation));
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    std::ifstream file(argv[i]);
    std::stringstream text;
    text << file.rdbuf();
    for (const decisions::Case& each : decisions::read_table(text.str())) {
      std::cout << each.name << '\n'
                << canonical_json(each.situation) << '\n'
                << answer(each.situation) << '\n';
    }
  }
  return 0;
}
