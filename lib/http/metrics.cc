#include "http/metrics.h"

#include <sstream>

namespace openavail::http {
namespace {

void family(std::ostringstream& out, const char* name, const char* type, const char* help) {
  out << "# HELP " << name << ' ' << help << "\n# TYPE " << name << ' ' << type << '\n';
}

template <class Number>
void single(std::ostringstream& out, const char* name, const char* type, const char* help,
            Number value) {
  family(out, name, type, help);
  out << name << ' ' << value << '\n';
}

}  // namespace

void Metrics::count(const std::string& route, int status, std::chrono::nanoseconds took) {
  const double ms = std::chrono::duration<double, std::milli>(took).count();
  std::size_t bucket = 0;
  while (bucket < kBucketsMs.size() && ms > kBucketsMs[bucket]) ++bucket;
  const std::lock_guard lock(mutex_);
  ++answers_[{route, status}];
  Durations& durations = durations_[route];
  ++durations.buckets[bucket];
  ++durations.count;
  durations.seconds += ms / 1000;
}

std::string Metrics::text(const transport::ServerCounters& server,
                          const std::string& version) const {
  std::ostringstream out;
  family(out, "openavail_info", "gauge", "The version that runs.");
  out << "openavail_info{version=\"" << version << "\"} 1\n";
  single(out, "openavail_connections_accepted_total", "counter", "Connections accepted.",
         server.connections_accepted);
  single(out, "openavail_connections_refused_total", "counter", "Connections over a limit.",
         server.connections_refused);
  single(out, "openavail_connections_open", "gauge", "Connections open.", server.connections_open);
  single(out, "openavail_transport_refusals_total", "counter",
         "Requests refused before a route saw them.", server.refusals);
  single(out, "openavail_requests_waiting", "gauge", "Requests waiting for a worker.",
         server.requests_waiting);
  single(out, "openavail_workers_busy", "gauge", "Workers at a request.", server.workers_busy);
  single(out, "openavail_event_streams_open", "gauge", "Event streams open.",
         server.event_streams_open);
  const std::lock_guard lock(mutex_);
  family(out, "openavail_answers_total", "counter", "Answers by route and status.");
  for (const auto& [key, count] : answers_) {
    out << "openavail_answers_total{route=\"" << key.first << "\",status=\"" << key.second << "\"} "
        << count << '\n';
  }
  family(out, "openavail_answer_seconds", "histogram", "How long answers took, by route.");
  for (const auto& [route, durations] : durations_) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i <= kBucketsMs.size(); ++i) {
      sum += durations.buckets[i];
      out << "openavail_answer_seconds_bucket{route=\"" << route << "\",le=\"";
      if (i < kBucketsMs.size()) {
        out << kBucketsMs[i] / 1000.0;
      } else {
        out << "+Inf";
      }
      out << "\"} " << sum << '\n';
    }
    out << "openavail_answer_seconds_sum{route=\"" << route << "\"} " << durations.seconds << '\n'
        << "openavail_answer_seconds_count{route=\"" << route << "\"} " << durations.count << '\n';
  }
  return out.str();
}

}  // namespace openavail::http
