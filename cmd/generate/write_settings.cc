// Run by the build: writes the rows of schemas/config.json as a source file, since every process
// reads its settings before it does anything else (tests/bench/README.md, start-up).
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "base/embedded.h"

namespace {

using nlohmann::ordered_json;

std::string literal(const std::string& text) { return "R\"oaset(" + text + ")oaset\""; }

std::string text_of(const ordered_json& setting, const char* member) {
  const auto value = setting.find(member);
  if (value == setting.end()) return "";
  return value->is_string() ? value->get<std::string>() : value->dump();
}

std::string rows_of(const ordered_json& schema) {
  std::string rows;
  for (const auto& [section, inner] : schema.at("properties").items()) {
    for (const auto& [name, setting] : inner.at("properties").items()) {
      rows += "    {" + literal(section + "." + name);
      for (const char* member : {"environment", "description", "default"}) {
        rows += ", " + literal(text_of(setting, member));
      }
      rows += "},\n";
    }
  }
  return rows;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: write_settings FILE\n", stderr);
    return 2;
  }
  std::string rows;
  for (const openavail::EmbeddedFile& file : openavail::embedded_files()) {
    if (file.path == "config.json") rows = rows_of(ordered_json::parse(file.text));
  }
  std::ofstream file(argv[1], std::ios::trunc);
  file << "// Generated from schemas/config.json by cmd/generate; do not edit.\n"
          "#include \"cmd/setting_rows.h\"\n\n"
          "namespace openavail::cmd {\nnamespace {\nconstexpr SettingRow kRows[] = {\n"
       << rows
       << "};\n}  // namespace\n"
          "std::span<const SettingRow> setting_rows() { return kRows; }\n"
          "}  // namespace openavail::cmd\n";
  file.close();
  return file && !rows.empty() ? 0 : 1;
}
