#include "store/sqlite/migrations.h"

#include <string_view>
#include <vector>

#include "base/embedded.h"
#include "store/sqlite/audit_tree.h"
#include "store/sqlite/sqlite_store.h"

namespace openavail::store {
namespace {

// What SQL alone can't do, behind the script of that name.
struct Step {
  std::string_view script;
  Status (*run)(Connection& connection);
};
constexpr Step kSteps[] = {{"audit_tree.sql", build_audit_tree}};

// schemas/sql/0001_….sql, 0002_… in that order: the n-th brings a database to version n.
std::vector<EmbeddedFile> scripts() {
  std::vector<EmbeddedFile> found;
  for (const EmbeddedFile& file : embedded_files()) {
    if (file.path.rfind("sql/", 0) == 0) found.push_back(file);
  }
  return found;
}

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

Status run_script(Connection& connection, const EmbeddedFile& script) {
  connection.database().exec(std::string(script.text));
  for (const Step& step : kSteps) {
    if (ends_with(script.path, step.script)) OA_TRY_STATUS(step.run(connection));
  }
  return {};
}

// A script may put a new table in the place of one that others refer to.
class WithoutForeignKeys {
 public:
  explicit WithoutForeignKeys(SQLite::Database& database) : database_(database) {
    database_.exec("PRAGMA foreign_keys = OFF");
  }
  ~WithoutForeignKeys() { database_.tryExec("PRAGMA foreign_keys = ON"); }
  WithoutForeignKeys(const WithoutForeignKeys&) = delete;
  WithoutForeignKeys& operator=(const WithoutForeignKeys&) = delete;

 private:
  SQLite::Database& database_;
};

Error newer() {
  return Error(ErrorCode::internal, "the database was made by a newer openavail",
               "install that version again, or a later one, and restart this process");
}

}  // namespace

int schema_version() {
  static const auto version = static_cast<int>(scripts().size());
  return version;
}

Status migrate(Connection& connection) {
  return guarded([&]() -> Status {
    SQLite::Database& database = connection.database();
    const int present = connection.version();
    if (present > schema_version()) return fail(newer());
    if (present == schema_version()) return {};
    const WithoutForeignKeys without(database);
    SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
    const auto all = scripts();
    for (std::size_t i = static_cast<std::size_t>(present); i < all.size(); ++i) {
      OA_TRY_STATUS(run_script(connection, all[i]));
    }
    SQLite::Statement broken(database, "PRAGMA foreign_key_check");
    if (broken.executeStep()) {
      return fail(damaged("foreign key broken in table " + broken.getColumn(0).getString()));
    }
    broken.reset();
    database.exec("PRAGMA user_version = " + std::to_string(all.size()));
    transaction.commit();
    return {};
  });
}

Status check_schema(Connection& connection) {
  const int present = connection.version();
  if (present == schema_version()) return {};
  if (present > schema_version()) return fail(newer());
  return fail(ErrorCode::internal, "the database was replaced by an older one",
              "restart this process, which brings the database to its own version");
}

}  // namespace openavail::store
