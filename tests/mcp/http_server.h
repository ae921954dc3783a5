// An HTTP endpoint before a bare server, and requests as a transport hands them in.
#pragma once

#include <string>

#include "mcp/event_stream.h"
#include "mcp/http.h"
#include "mcp/http_headers.h"
#include "mcp/messages.h"

namespace openavail::mcp::testing {

inline void remove(transport::Request& request, const std::string& name) {
  auto& headers = request.headers;
  for (auto it = headers.begin(); it != headers.end();) {
    it = transport::find_header({*it}, name) ? headers.erase(it) : std::next(it);
  }
}

inline void set(transport::Request& request, const std::string& name, const std::string& value) {
  remove(request, name);
  request.headers.push_back({name, value});
}

inline std::string header(const transport::Response& response, const std::string& name) {
  return std::string(transport::find_header(response.headers, name).value_or(""));
}

inline json body(const transport::Response& response) { return json::parse(response.body); }

inline transport::Request posted(const json& message) {
  transport::Request sent;
  sent.method = "POST";
  sent.target = "/mcp";
  sent.body = message.dump();
  sent.headers = {{"Host", "127.0.0.1:8443"}, {"Content-Type", "application/json"}};
  return sent;
}

// With the headers that a modern client sends.
inline transport::Request modern_request(const std::string& method, json parameters,
                                         const std::string& version = kModernVersion,
                                         json capabilities = json::object()) {
  transport::Request sent =
      posted(request(method, modern(parameters, std::move(capabilities), version)));
  set(sent, "MCP-Protocol-Version", version);
  set(sent, "Mcp-Method", method);
  for (const char* member : {"name", "uri"}) {
    if (parameters.contains(member)) {
      set(sent, "Mcp-Name", parameters.at(member).get<std::string>());
    }
  }
  return sent;
}

struct HttpServer : BareServer {
  int keys_checked = 0;
  Status verdict;  // on the right key
  std::vector<transport::Header> added;
  HttpSettings settings{protocol,
                        [this](const std::string& key, const transport::Request&,
                               const std::string&, std::vector<transport::Header>& told) -> Status {
                          told = added;
                          ++keys_checked;
                          if (key == "ak_right") return verdict;
                          return fail(ErrorCode::unknown_api_key, "the API key is not known");
                        },
                        {},
                        {}};
  HttpEndpoint endpoint{settings};

  transport::Request post(const json& message) {
    transport::Request sent = posted(message);
    set(sent, "Authorization", "Bearer ak_right");
    return sent;
  }
  transport::Request modern_post(const std::string& method, json parameters = json::object(),
                                 const std::string& version = kModernVersion) {
    transport::Request sent = modern_request(method, std::move(parameters), version);
    set(sent, "Authorization", "Bearer ak_right");
    return sent;
  }
};

}  // namespace openavail::mcp::testing
