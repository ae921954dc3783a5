#include "store/sqlite/migrations.h"

#include <string_view>
#include <vector>

#include "base/embedded.h"
#include "store/sqlite/sqlite_store.h"

namespace openavail::store {
namespace {

// schemas/sql/0001_….sql, 0002_… in that order: the n-th brings a database to version n.
std::vector<std::string_view> scripts() {
  std::vector<std::string_view> found;
  for (const EmbeddedFile& file : embedded_files()) {
    if (file.path.rfind("sql/", 0) == 0) found.push_back(file.text);
  }
  return found;
}

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
    SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
    const auto all = scripts();
    for (std::size_t i = static_cast<std::size_t>(present); i < all.size(); ++i) {
      database.exec(std::string(all[i]));
    }
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
