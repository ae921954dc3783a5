#include "store/sqlite/libraries.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

namespace openavail::store {

std::vector<Library> libraries() {
  return {{"SQLite", sqlite3_libversion()}, {"SQLiteCpp", SQLITECPP_VERSION}};
}

}  // namespace openavail::store
