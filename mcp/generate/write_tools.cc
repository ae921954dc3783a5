// Run by the build: writes the array of tools/list as a source file. The list changes only with the
// binary, and making it anew took a third of the time from process start to its answer
// (tests/bench/README.md).
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "mcp/tool_form.h"

int main(int argc, char** argv) {
  using namespace openavail;
  if (argc != 2) {
    std::fputs("usage: write_tools FILE\n", stderr);
    return 2;
  }
  nlohmann::json tools = nlohmann::json::array();
  for (const operations::OperationInfo& info : operations::operation_table()) {
    if (info.tool) tools.push_back(mcp::tool_of(info));
  }
  std::ofstream file(argv[1], std::ios::trunc);
  file << "// Generated from schemas/operations.json by mcp/generate; do not edit.\n"
          "#include \"mcp/tool_form.h\"\n\n"
          "std::string_view openavail::mcp::tool_list() {\n  return R\"oatools("
       << tools.dump() << ")oatools\";\n}\n";
  file.close();
  return file ? 0 : 1;
}
