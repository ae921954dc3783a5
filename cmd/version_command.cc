// version: ours, and those of all that is linked in.
#include "arbiter/situation.h"
#include "calendar/libraries.h"
#include "cmd/commands.h"
#include "cmd/config.h"
#include "cmd/gzip_output.h"
#include "crypto/libraries.h"
#include "operations/libraries.h"
#include "store/sqlite/libraries.h"
#include "store/sqlite/sqlite_store.h"
#include "time/libraries.h"
#include "time/zone.h"

namespace openavail::cmd {
namespace {

using nlohmann::json;

std::vector<Library> all_libraries() {
  std::vector<Library> all;
  for (const auto& some :
       {crypto::libraries(), store::libraries(), calendar::libraries(), time::libraries(),
        operations::libraries(), common_libraries(), config_libraries(), gzip_libraries()}) {
    all.insert(all.end(), some.begin(), some.end());
  }
  all.push_back({"CLI11", CLI11_VERSION});
  return all;
}

}  // namespace

void add_version_command(CLI::App& app, Globals& globals) {
  CLI::App* version = app.add_subcommand("version", "Show our version and that of each library");
  version->footer(footer("  openavail version\n  openavail version --json", "0 done"));
  version->callback([&globals] {
    json libraries = json::object();
    std::vector<std::pair<std::string, std::string>> fields{
        {"openavail", kVersion},
        {"schema", std::to_string(store::schema_version())},
        {"engine", arbiter::kEngineVersion}};
    for (const Library& one : all_libraries()) {
      libraries[one.name] = one.version;
      fields.emplace_back(one.name, one.version);
    }
    if (globals.form == OutputForm::table) return print_fields(fields);
    print_json(globals, {{"openavail", kVersion},
                         {"schema", store::schema_version()},
                         {"engine", arbiter::kEngineVersion},
                         {"tzdata", time::tzdata_version()},
                         {"libraries", std::move(libraries)}});
  });
}

}  // namespace openavail::cmd
