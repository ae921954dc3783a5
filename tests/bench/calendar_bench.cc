// How long it takes to read a folder of event files through its provider: `read_folder/N/D`, N
// files and a window of D days; `read_object`, one file of each sort, already in memory.
#include <benchmark/benchmark.h>
#include <stdlib.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>

#include "base/entropy.h"
#include "calendar/object.h"
#include "providers/vdir/vdir_providers.h"

namespace {

using namespace openavail;

const Instant kMonday{1'772'409'600'000};  // 2026-03-02T00:00:00Z

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "bench_calendar: %s\n", why.c_str());
  std::exit(1);
}

// As calendars in use are: a VTIMEZONE, guests, a description with folded lines, an alarm.
std::string object(const std::string& uid, const std::string& times, const std::string& more) {
  std::string guests;
  for (const char* guest : {"john", "maria", "li", "amara"}) {
    guests += "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;CN=" +
              std::string(guest) + "@exam\r\n ple.org;X-NUM-GUESTS=0:mailto:" + guest +
              "@example.org\r\n";
  }
  const std::string head = "BEGIN:VEVENT\r\nUID:" + uid + "@example.org\r\n" +
                           "DTSTAMP:20260101T000000Z\r\nCREATED:20251201T101112Z\r\n";
  return "BEGIN:VCALENDAR\r\nPRODID:-//Example//Calendar//EN\r\nVERSION:2.0\r\n"
         "CALSCALE:GREGORIAN\r\n"
         "BEGIN:VTIMEZONE\r\nTZID:Europe/Paris\r\nX-LIC-LOCATION:Europe/Paris\r\n"
         "BEGIN:DAYLIGHT\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nTZNAME:CEST\r\n"
         "DTSTART:19700329T020000\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\nEND:DAYLIGHT\r\n"
         "BEGIN:STANDARD\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nTZNAME:CET\r\n"
         "DTSTART:19701025T030000\r\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\nEND:STANDARD\r\n"
         "END:VTIMEZONE\r\n" +
         head + times + "SUMMARY:A meeting of many\r\nLOCATION:Room 12\\, second floor\r\n" +
         "DESCRIPTION:Agenda\\n1. What was done since the last time\\n2. What is to be done n\r\n"
         " ext\\n3. Who does "
         "it\\n\\nhttps://meet.example.org/abc-defg-hij?pin=1234567890&lang=e\r\n"
         " n\r\n" +
         "ORGANIZER;CN=Jane:mailto:jane@example.org\r\n" + guests +
         "SEQUENCE:2\r\nSTATUS:CONFIRMED\r\nTRANSP:OPAQUE\r\n"
         "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:Reminder\r\nTRIGGER:-P0DT0H10M0S\r\n"
         "END:VALARM\r\nEND:VEVENT\r\n" +
         (more.empty() ? "" : head + more + "SUMMARY:Moved\r\nSTATUS:CONFIRMED\r\nEND:VEVENT\r\n") +
         "END:VCALENDAR\r\n";
}

// Of ten files six are single meetings, two weekly series with an exception and a moved instance,
// one lasts a day, one is in UTC. They lie in the two months around the Monday.
std::string file_of(int number) {
  std::array<char, 256> times{};
  const int month = 2 + number % 2;
  const int day = 1 + number % 28;
  const int hour = 8 + number % 9;
  std::string moved;
  if (number % 10 < 6) {
    std::snprintf(times.data(), times.size(),
                  "DTSTART;TZID=Europe/Paris:2026%02d%02dT%02d0000\r\n"
                  "DTEND;TZID=Europe/Paris:2026%02d%02dT%02d3000\r\n",
                  month, day, hour, month, day, hour);
  } else if (number % 10 < 8) {
    std::snprintf(times.data(), times.size(),
                  "DTSTART;TZID=Europe/Paris:20250106T%02d0000\r\n"
                  "DTEND;TZID=Europe/Paris:20250106T%02d3000\r\n"
                  "RRULE:FREQ=WEEKLY;BYDAY=MO,WE\r\nEXDATE;TZID=Europe/Paris:20260304T%02d0000\r\n",
                  hour, hour, hour);
    moved = "RECURRENCE-ID;TZID=Europe/Paris:20260309T" + std::string(hour < 10 ? "0" : "") +
            std::to_string(hour) + "0000\r\nDTSTART;TZID=Europe/Paris:20260309T180000\r\n" +
            "DTEND;TZID=Europe/Paris:20260309T183000\r\n";
  } else if (number % 10 == 8) {
    std::snprintf(times.data(), times.size(),
                  "DTSTART;VALUE=DATE:2026%02d%02d\r\nDTEND;VALUE=DATE:2026%02d%02d\r\n", month,
                  day, month, day + 1);
  } else {
    std::snprintf(times.data(), times.size(),
                  "DTSTART:2026%02d%02dT%02d0000Z\r\nDURATION:PT45M\r\n", month, day, hour);
  }
  return object("event-" + std::to_string(number), times.data(), moved);
}

class Folder {
 public:
  explicit Folder(int files) {
    std::string pattern = (std::filesystem::temp_directory_path() / "oa-bench-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) give_up("no temporary folder");
    path_ = pattern;
    for (int i = 0; i < files; ++i) {
      std::ofstream(path_ / ("event-" + std::to_string(i) + ".ics"), std::ios::binary)
          << file_of(i);
    }
    const ports::CalendarConnection connection{CalendarId("cal_bench"), "vdir", path_.string()};
    if (!providers_->adopt(connection)) give_up("the folder can't be connected");
    calendar_ = *providers_->open(connection);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ports::CalendarProvider& calendar() { return *calendar_; }

 private:
  std::filesystem::path path_;
  SystemEntropy entropy_;
  std::unique_ptr<ports::CalendarProviders> providers_ = providers::make_vdir_providers(entropy_);
  std::shared_ptr<ports::CalendarProvider> calendar_;
};

Interval window_of(std::int64_t days) { return {kMonday, kMonday + std::chrono::hours(24 * days)}; }

time::Zone paris() { return time::Zone::open("Europe/Paris").value(); }

void read_folder(benchmark::State& state) {
  static std::unique_ptr<Folder> folder;
  if (state.thread_index() == 0)
    folder = std::make_unique<Folder>(static_cast<int>(state.range(0)));
  const ports::ReadRequest request{
      window_of(state.range(1)), paris(), {"jane@example.org", "j.doe@example.org"}, {}};
  for (auto _ : state) {
    const auto reading = folder->calendar().read(request);
    if (!reading) give_up(reading.error().operator_detail());
    benchmark::DoNotOptimize(reading);
  }
  if (state.thread_index() == 0) folder.reset();
}
BENCHMARK(read_folder)
    ->ArgsProduct({{200, 2'000}, {1, 32}})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK(read_folder)->Args({200, 1})->Threads(2)->Unit(benchmark::kMillisecond)->UseRealTime();

void read_object(benchmark::State& state, int number) {
  const std::string bytes = file_of(number);
  const calendar::ReadOptions options{window_of(1), paris(), {"jane@example.org"}};
  for (auto _ : state) {
    const auto events = calendar::read_object(bytes, options);
    if (!events) give_up(events.error().message());
    benchmark::DoNotOptimize(events);
  }
}
BENCHMARK_CAPTURE(read_object, single, 0)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(read_object, weekly, 6)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(read_object, all_day, 8)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(read_object, utc, 9)->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();
