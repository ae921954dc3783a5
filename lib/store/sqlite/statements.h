// Binding and running prepared statements: the templates that the transaction's files share.
#pragma once

#include "store/sqlite/transaction.h"

namespace openavail::store {

// --- binding: one overload for each kind of value ---

inline void bind_value(SQLite::Statement& s, int i, const std::string& v) { s.bind(i, v); }
inline void bind_value(SQLite::Statement& s, int i, const char* v) { s.bind(i, v); }
inline void bind_value(SQLite::Statement& s, int i, std::int64_t v) { s.bind(i, v); }
inline void bind_value(SQLite::Statement& s, int i, int v) { s.bind(i, v); }
inline void bind_value(SQLite::Statement& s, int i, bool v) { s.bind(i, v ? 1 : 0); }
inline void bind_value(SQLite::Statement& s, int i, Instant v) {
  s.bind(i, static_cast<std::int64_t>(v.unix_ms));
}
template <class Tag>
void bind_value(SQLite::Statement& s, int i, const Id<Tag>& v) {
  s.bind(i, v.text());
}
template <class T>
void bind_value(SQLite::Statement& s, int i, const std::optional<T>& v) {
  if (v) {
    bind_value(s, i, *v);
  } else {
    s.bind(i);
  }
}

inline void bind_blob(SQLite::Statement& s, int i, const std::string& bytes) {
  s.bind(i, bytes.data(), static_cast<int>(bytes.size()));
}

template <class... Values>
void bind_all(SQLite::Statement& s, const Values&... values) {
  int i = 0;
  (bind_value(s, ++i, values), ...);
}

template <class... Values>
Status SqliteTransaction::run(const char* sql, const Values&... values) {
  return guarded([&]() -> Status {
    SQLite::Statement& s = connection().statement(sql);
    bind_all(s, values...);
    s.exec();
    s.reset();
    return {};
  });
}

template <class Row, class Read, class... Values>
Result<std::vector<Row>> SqliteTransaction::rows(const char* sql, const Read& read,
                                                 const Values&... values) {
  return guarded([&]() -> Result<std::vector<Row>> {
    SQLite::Statement& s = connection().statement(sql);
    bind_all(s, values...);
    std::vector<Row> all;
    while (s.executeStep()) all.push_back(read(s));
    s.reset();
    return all;
  });
}

template <class Row, class Read, class... Values>
Result<std::optional<Row>> SqliteTransaction::row(const char* sql, const Read& read,
                                                  const Values&... values) {
  OA_TRY(auto all, (rows<Row>(sql, read, values...)));
  if (all.empty()) return std::optional<Row>{};
  return std::optional<Row>(std::move(all.front()));
}

template <class... Values>
Result<int> SqliteTransaction::count(const char* sql, const Values&... values) {
  OA_TRY(const auto found,
         (row<int>(
             sql, [](SQLite::Statement& s) { return s.getColumn(0).getInt(); }, values...)));
  return found.value_or(0);
}

// --- reading columns ---

inline std::string text_at(SQLite::Statement& s, int i) { return s.getColumn(i).getString(); }
inline std::string blob_at(SQLite::Statement& s, int i) { return s.getColumn(i).getString(); }
inline Instant instant_at(SQLite::Statement& s, int i) { return {s.getColumn(i).getInt64()}; }
inline std::optional<Instant> maybe_instant_at(SQLite::Statement& s, int i) {
  if (s.getColumn(i).isNull()) return std::nullopt;
  return instant_at(s, i);
}
inline bool flag_at(SQLite::Statement& s, int i) { return s.getColumn(i).getInt() != 0; }
inline std::optional<std::string> maybe_text_at(SQLite::Statement& s, int i) {
  if (s.getColumn(i).isNull()) return std::nullopt;
  return text_at(s, i);
}
template <class IdType>
std::optional<IdType> maybe_id_at(SQLite::Statement& s, int i) {
  if (s.getColumn(i).isNull()) return std::nullopt;
  return IdType(text_at(s, i));
}

// ASCII letters in lower case: how names and addresses are compared.
std::string without_case(const std::string& text);

}  // namespace openavail::store
