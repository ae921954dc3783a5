#include "transport/httplib/exchange.h"

#include <httplib.h>

#include <algorithm>
#include <ctime>

namespace openavail::transport {
namespace {

// What the transport alone decides; a handler's own would contradict it.
bool is_transports_own(std::string_view name) {
  constexpr std::string_view kNames[] = {"Connection", "Content-Length", "Date", "Keep-Alive",
                                         "Transfer-Encoding"};
  return std::any_of(std::begin(kNames), std::end(kNames),
                     [&](std::string_view own) { return same_name(name, own); });
}

std::string http_date(std::time_t now) {
  std::tm utc{};
  gmtime_r(&now, &utc);
  constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  char text[64];
  std::snprintf(text, sizeof text, "%s, %02d %s %d %02d:%02d:%02d GMT", kDays[utc.tm_wday],
                utc.tm_mday, kMonths[utc.tm_mon], utc.tm_year + 1900, utc.tm_hour, utc.tm_min,
                utc.tm_sec);
  return text;
}

// A whole request in, the answer out, both in memory.
class MemoryStream final : public ::httplib::Stream {
 public:
  MemoryStream(std::string_view in, std::string& out) : in_(in), out_(out) {}

  bool is_readable() const override { return !in_.empty(); }
  bool is_writable() const override { return true; }
  ssize_t read(char* into, size_t size) override {
    const std::size_t count = std::min(size, in_.size());
    std::copy_n(in_.data(), count, into);
    in_.remove_prefix(count);
    return static_cast<ssize_t>(count);
  }
  ssize_t write(const char* bytes, size_t size) override {
    out_.append(bytes, size);
    return static_cast<ssize_t>(size);
  }
  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  socket_t socket() const override { return 0; }

 private:
  std::string_view in_;
  std::string& out_;
};

}  // namespace

class Exchange::Bounded final : public ::httplib::Server {
 public:
  explicit Bounded(const ServerSettings& settings) : settings_(settings) {
    using Handled = ::httplib::Server::HandlerResponse;
    // Before routing, which would match paths with std::regex.
    set_pre_routing_handler([this](const ::httplib::Request&, ::httplib::Response& out) {
      fill(out, (*respond_)());
      return Handled::Handled;
    });
    // Without it the exception's text would go out in a header.
    set_exception_handler([this](const auto&, ::httplib::Response& out, std::exception_ptr) {
      settings_.log("a request handler failed with an exception");
      out = ::httplib::Response();
      form_.close = true;
      fill(out, settings_.refuse({500, "the request could not be carried out", std::nullopt}));
    });
    set_post_routing_handler(
        [this](const auto&, ::httplib::Response& out) { adjust_headers(out.headers, out.status); });
  }

  Answer answer(const AnswerForm& form, const std::function<Response()>& respond) {
    form_ = form;
    respond_ = &respond;
    Answer made;
    made_ = &made;
    MemoryStream stream(form.head_only ? "HEAD / HTTP/1.1\r\n\r\n" : "GET / HTTP/1.1\r\n\r\n",
                        made.bytes);
    bool ignored = false;
    process_request(stream, false, ignored, nullptr);
    if (made.stream) {  // what httplib would end it with, or did not
      made.bytes.resize(made.bytes.find("\r\n\r\n") + 4);
      if (form.head_only) made.stream = nullptr;
    }
    made.close = form_.close;
    return made;
  }

  const ServerSettings& settings() const { return settings_; }

 private:
  void fill(::httplib::Response& out, Response&& response) {
    out.status = response.status;
    form_.close = form_.close || response.close;
    for (const Header& header : response.headers) {
      if (!is_transports_own(header.name)) out.set_header(header.name, header.value);
    }
    if (response.stream) {
      made_->stream = std::move(response.stream);
      // To a client of HTTP/1.0 the stream goes as it is, and the connection's end ends it.
      form_.close = form_.close || form_.minor_version == 0;
      const auto nothing = [](std::size_t, ::httplib::DataSink&) { return false; };
      const std::string type = out.get_header_value("Content-Type");
      out.headers.erase("Content-Type");
      if (form_.minor_version == 0) {
        out.set_content_provider(type, nothing);
      } else {
        out.set_chunked_content_provider(type, nothing);
      }
      return;
    }
    out.body = std::move(response.body);
    made_->bytes.reserve(out.body.size() + 1024);
  }

  void adjust_headers(::httplib::Headers& headers, int status) {
    headers.erase("Accept-Ranges");
    headers.erase("Keep-Alive");
    if (status == 204 || status == 304) headers.erase("Content-Length");
    headers.emplace("Date", date());
    if (form_.close) {
      headers.emplace("Connection", "close");
      return;
    }
    if (form_.minor_version == 0) headers.emplace("Connection", "keep-alive");
    // Clients that know how long they may reuse a connection don't run into its end.
    const auto idle =
        std::chrono::duration_cast<std::chrono::seconds>(settings_.limits.idle_time_max);
    headers.emplace("Keep-Alive", "timeout=" + std::to_string(idle.count()));
  }

  const std::string& date() {
    const std::time_t now = std::time(nullptr);
    if (now != date_of_) date_ = http_date(date_of_ = now);
    return date_;
  }

  const ServerSettings& settings_;
  AnswerForm form_;
  const std::function<Response()>* respond_ = nullptr;
  Answer* made_ = nullptr;
  std::time_t date_of_ = 0;
  std::string date_;
};

Exchange::Exchange(const ServerSettings& settings) : server_(std::make_unique<Bounded>(settings)) {}

Exchange::~Exchange() = default;

Answer Exchange::answer(const AnswerForm& form, const std::function<Response()>& respond) {
  return server_->answer(form, respond);
}

Answer Exchange::refusal(const Refusal& refusal, const AnswerForm& form) {
  return server_->answer(form, [&] {
    Response response = server_->settings().refuse(refusal);
    const bool is_overload = refusal.status == 503;
    if (is_overload && !find_header(response.headers, "Retry-After")) {
      response.headers.push_back({"Retry-After", "1"});
    }
    return response;
  });
}

}  // namespace openavail::transport
