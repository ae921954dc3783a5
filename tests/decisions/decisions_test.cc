// Runs every case of every table: the situation is made, decided, and held against what the
// contract says.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "table.h"

namespace openavail::decisions {
namespace {

using arbiter::Decision;
using arbiter::SearchResult;
using nlohmann::json;

std::vector<Case> all_cases() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(OPENAVAIL_DECISIONS_DIR)) {
    if (entry.path().extension() == ".json") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<Case> out;
  for (const auto& path : paths) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    for (Case& each : read_table(text.str())) out.push_back(std::move(each));
  }
  return out;
}

// One letter for each check: p, f or s.
std::string letters(const std::vector<arbiter::TraceRow>& trace) {
  std::string out;
  for (const auto& row : trace) out += to_text(row.outcome).front();
  return out;
}

// The detail of the failing row, else of the last.
std::string telling_detail(const std::vector<arbiter::TraceRow>& trace) {
  for (const auto& row : trace) {
    if (row.outcome == arbiter::TraceOutcome::fail) return row.detail;
  }
  return trace.empty() ? "" : trace.back().detail;
}

std::vector<Instant> times(const json& list, const time::Zone& zone) {
  std::vector<Instant> out;
  for (const json& each : list) out.push_back(read_time(each.get<std::string>(), zone));
  return out;
}

template <class Tag>
std::vector<std::string> texts(const std::vector<Id<Tag>>& ids) {
  std::vector<std::string> out;
  for (const auto& id : ids) out.push_back(id.text());
  return out;
}

std::string shown(const std::optional<Instant>& t) { return t ? format_instant(*t) : "none"; }

std::string wanted_time(const json& expect, const char* member, const time::Zone& zone) {
  if (!expect.contains(member)) return "none";
  return format_instant(read_time(expect.at(member).get<std::string>(), zone));
}

void only_known(const json& expect, const std::set<std::string>& known) {
  for (const auto& [name, value] : expect.items()) {
    INFO("expected member " << name);
    CHECK(known.count(name) == 1);
  }
}

void check_decision(const Case& c) {
  const Decision d = arbiter::decide(c.situation);
  const json& e = c.expect;
  INFO(canonical_json(d));
  only_known(e, {"verdict", "reason", "fired", "trace", "detail", "displaced", "own_holds",
                 "alternatives", "next", "beyond", "placement"});
  CHECK(std::string(to_text(d.verdict)) == e.at("verdict").get<std::string>());
  CHECK(letters(d.trace) == e.at("trace").get<std::string>());
  const bool refused =
      d.verdict == arbiter::Verdict::reject || d.verdict == arbiter::Verdict::counter_propose;
  REQUIRE(d.blocking_reason.has_value() == refused);
  if (refused) {
    CHECK(std::string(wire_name(*d.blocking_reason)) == e.at("reason").get<std::string>());
  } else {
    CHECK(d.rule_fired == (d.verdict == arbiter::Verdict::accept ? "accept" : "preempt"));
  }
  if (e.contains("fired")) CHECK(d.rule_fired == e.at("fired").get<std::string>());
  if (e.contains("detail")) CHECK(telling_detail(d.trace) == e.at("detail").get<std::string>());
  CHECK(texts(d.displaced) == e.value("displaced", std::vector<std::string>{}));
  CHECK(texts(d.own_holds_in_the_way) == e.value("own_holds", std::vector<std::string>{}));
  if (e.contains("alternatives") || !refused) {
    std::vector<Instant> starts;
    for (const Interval& each : d.alternatives) starts.push_back(each.start);
    CHECK(starts == times(e.value("alternatives", json::array()), c.zone));
  }
  if (e.contains("next") || e.contains("beyond") || !refused) {
    CHECK(shown(d.next_available) == wanted_time(e, "next", c.zone));
    CHECK(d.next_available_exceeds_lookahead == e.value("beyond", false));
  }
  CHECK(shown(d.placement ? std::optional(d.placement->start) : std::nullopt) ==
        wanted_time(e, "placement", c.zone));
}

// "03-03 09:00 free 0", or "03-03 09:00 preemptable 4 b1,b2 high".
std::string shown(const arbiter::Candidate& candidate) {
  std::string out = format_instant(candidate.interval.start);
  out += candidate.risk == arbiter::Risk::free ? " free " : " preemptable ";
  out += std::to_string(candidate.penalty);
  std::string ids;
  for (const BookingId& id : candidate.occupying) ids += (ids.empty() ? " " : ",") + id.text();
  if (!ids.empty()) {
    out += ids + " " + std::string(to_text(candidate.occupying_tier)) + " " +
           candidate.occupying_class;
  }
  return out;
}

std::vector<std::string> wanted_candidates(const json& expect, const time::Zone& zone) {
  std::vector<std::string> out;
  for (const json& each : expect.value("found", json::array())) {
    const auto line = each.get<std::string>();
    const bool full = line.find('T') == 10;
    const std::size_t length = full ? line.find('Z') + 1 : 11;
    out.push_back(format_instant(read_time(line.substr(0, length), zone)) + line.substr(length));
  }
  return out;
}

void check_search(const Case& c) {
  const SearchResult r = arbiter::search(c.situation);
  const json& e = c.expect;
  INFO(canonical_json(r));
  only_known(e,
             {"found", "count", "curated", "reason", "fired", "trace", "detail", "next", "beyond"});
  std::vector<std::string> found;
  for (const auto& candidate : r.candidates) found.push_back(shown(candidate));
  CHECK(found == wanted_candidates(e, c.zone));
  CHECK(r.available_count == e.value("count", static_cast<int>(found.size())));
  CHECK(r.curated == e.value("curated", false));
  CHECK(letters(r.trace) == e.at("trace").get<std::string>());
  CHECK((r.reason ? std::string(search_wire_name(*r.reason)) : "") == e.value("reason", ""));
  if (e.contains("fired")) CHECK(r.rule_fired == e.at("fired").get<std::string>());
  if (e.contains("detail")) CHECK(telling_detail(r.trace) == e.at("detail").get<std::string>());
  CHECK(shown(r.next_available) == wanted_time(e, "next", c.zone));
  CHECK(r.next_available_exceeds_lookahead == e.value("beyond", false));
}

}  // namespace

TEST_CASE("every case of the decision tables is decided as the contract says") {
  const std::vector<Case> cases = all_cases();
  CHECK(cases.size() >= 120);
  std::set<std::string> names;
  for (const Case& c : cases) {
    INFO(c.name);
    CHECK(names.insert(c.name).second);
    if (c.situation.request.kind == arbiter::RequestKind::search) {
      check_search(c);
    } else {
      check_decision(c);
    }
  }
}

TEST_CASE("every situation of the tables survives its encoding") {
  for (const Case& c : all_cases()) {
    INFO(c.name);
    const std::string text = canonical_json(c.situation);
    const auto copy = arbiter::situation_from_json(text);
    REQUIRE(copy.has_value());
    CHECK(canonical_json(*copy) == text);
  }
}

}  // namespace openavail::decisions
