#include "transport/support/test_server.h"

#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

namespace openavail::testing {

using transport::EventStream;
using transport::Refusal;
using transport::Request;
using transport::Response;

namespace {

Response text(std::string body) {
  Response response;
  response.headers = {{"Content-Type", "text/plain"}, {"X-Second", "2"}};
  response.body = std::move(body);
  return response;
}

Response refusal(const Refusal& refusal) {
  Response response;
  response.status = refusal.status;
  response.headers = {{"Content-Type", "application/json"}};
  if (refusal.request_id) response.headers.push_back({"X-Request-Id", *refusal.request_id});
  response.body = "{\"error\":{\"message\":\"" + refusal.message + "\"}}";
  return response;
}

std::string echo(const Request& request) {
  std::string body = request.method + " " + request.target + "\n";
  for (const transport::Header& header : request.headers) {
    body += header.name + "=" + header.value + "\n";
  }
  body += "peer=" + request.peer_address + (request.is_loopback ? " loopback" : "") +
          (request.is_tls ? " tls" : "") + "\n";
  return body + "body=" + request.body;
}

}  // namespace

TestServer::TestServer(transport::ServerLimits limits, std::string listen,
                       std::optional<transport::TlsFiles> tls) {
  transport::ServerSettings settings;
  settings.listen = std::move(listen);
  settings.tls = std::move(tls);
  settings.limits = limits;
  settings.handle = [this](Request&& request) { return respond(std::move(request)); };
  settings.refuse = refusal;
  settings.log = [this](const std::string& line) {
    const std::lock_guard<std::mutex> held(lock_);
    logged_.push_back(line);
  };
  const auto loaded = transport::load_transport();
  if (!loaded) throw std::runtime_error(loaded.error().message());
  server_ = (*loaded)->make_server(std::move(settings));
  const Status started = server_->start();
  if (!started) throw std::runtime_error(started.error().message());
}

TestServer::~TestServer() {
  release();
  server_.reset();
}

void TestServer::release() {
  {
    const std::lock_guard<std::mutex> held(lock_);
    is_released_ = true;
  }
  changed_.notify_all();
}

void TestServer::wait_for_waiting(int count) {
  std::unique_lock<std::mutex> held(lock_);
  changed_.wait_for(held, std::chrono::seconds(20), [&] { return waiting_ >= count; });
}

void TestServer::wait_for_release() {
  std::unique_lock<std::mutex> held(lock_);
  ++waiting_;
  changed_.notify_all();
  changed_.wait(held, [&] { return is_released_; });
  --waiting_;
}

std::vector<std::string> TestServer::logged() {
  const std::lock_guard<std::mutex> held(lock_);
  return logged_;
}

Response TestServer::stream_forever() {
  Response response;
  response.headers = {{"Content-Type", "text/event-stream"}};
  response.stream = [this](EventStream& out) {
    out.write("data: 1\n\n");
    {
      const std::lock_guard<std::mutex> held(lock_);
      ++waiting_;
    }
    changed_.notify_all();
    while (out.is_open()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    out.write("data: bye\n\n");
    const std::lock_guard<std::mutex> held(lock_);
    --waiting_;
  };
  return response;
}

Response TestServer::respond(Request&& request) {
  const std::string& target = request.target;
  if (target == "/wait") {
    wait_for_release();
    return text("waited");
  }
  if (target.substr(0, 6) == "/size/") return text(std::string(std::stoul(target.substr(6)), 'x'));
  if (target == "/throw") throw std::runtime_error("a secret path");
  if (target == "/forever") return stream_forever();
  if (target == "/header") {
    Response response = text("");
    response.headers.push_back({"X-Evil", "1\r\nSet-Cookie: a=b"});
    response.headers.push_back({"Content-Length", "999"});
    return response;
  }
  if (target == "/events") {
    Response response;
    response.headers = {{"Content-Type", "text/event-stream"}, {"X-Accel-Buffering", "no"}};
    response.stream = [](EventStream& out) {
      for (const char* event : {"data: 1\n\n", "data: 2\n\n", "data: 3\n\n"}) out.write(event);
    };
    return response;
  }
  Response response = text(echo(request));
  response.close = target == "/close";
  if (target == "/nothing") response = {204, {}, "", nullptr, false};
  return response;
}

std::optional<RawAnswer> TestServer::answer_to(const std::string& bytes) const {
  RawClient client = connect();
  client.send(bytes);
  return client.answer(bytes.substr(0, 5) != "HEAD ");
}

std::optional<RawAnswer> TestServer::last_answer_to(const std::string& bytes) const {
  RawClient client = connect();
  client.send(bytes);
  std::optional<RawAnswer> answer = client.answer();
  const std::optional<std::string> rest = client.rest();
  const bool is_last = rest.has_value() && rest->empty();
  return is_last ? answer : std::nullopt;
}

TemporaryFolder::TemporaryFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "transport-XXXXXX").string();
  path_ = mkdtemp(name.data());
}

TemporaryFolder::~TemporaryFolder() { std::filesystem::remove_all(path_); }

std::string output_of(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(("(" + command + ") 2>&1").c_str(), "r"),
                                                   pclose);
  std::string output;
  std::array<char, 4096> piece{};
  while (const std::size_t got = fread(piece.data(), 1, piece.size(), pipe.get())) {
    output.append(piece.data(), got);
  }
  return output;
}

transport::TlsFiles make_certificate(const std::string& folder, const std::string& name,
                                     const std::string& names) {
  const std::string key = " -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes ";
  const std::string script =
      "set -e; umask 077; cd '" + folder + "'; " + "[ -f ca.pem ] || openssl req -x509" + key +
      "-keyout ca.key -out ca.pem -days 2 -subj '/CN=Test CA'; " + "openssl req" + key +
      "-keyout " + name + ".key -out " + name + ".csr -subj '/CN=" + name + "'; " +
      "printf 'subjectAltName=" + names + "\\n' > " + name + ".ext; " + "openssl x509 -req -in " +
      name + ".csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile " + name +
      ".ext -out " + name + ".pem; echo made";
  const std::string printed = output_of(script);
  if (printed.find("made\n") == std::string::npos) throw std::runtime_error(printed);
  return {folder + "/" + name + ".pem", folder + "/" + name + ".key"};
}

}  // namespace openavail::testing
