#include "crypto/private_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <thread>
#include <vector>

#include "vectors/support.h"

using namespace openavail;
using namespace openavail::crypto;
using openavail::testing::read_file;
using openavail::testing::TemporaryFolder;
using openavail::testing::write_file;

namespace {

std::size_t files_in(const std::string& folder) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    static_cast<void>(entry);
    ++count;
  }
  return count;
}

unsigned mode_of(const std::string& path) {
  struct stat status {};
  REQUIRE(stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

}  // namespace

TEST_CASE("A private file has mode 0600 whatever the umask, and holds what was written") {
  const TemporaryFolder folder;
  SystemEntropy entropy;
  for (const mode_t mask : {mode_t{0}, mode_t{022}, mode_t{0777}}) {
    const std::string path = folder.file("secret-" + std::to_string(mask));
    const mode_t before = umask(mask);
    const auto made = create_private_file(path, "contents\n", entropy);
    umask(before);
    REQUIRE(made);
    CHECK(mode_of(path) == 0600);
    const auto loaded = load_private_file(path);
    REQUIRE(loaded);
    CHECK(loaded->reveal() == "contents\n");
  }
  CHECK(files_in(folder.path()) == 3);  // no temporary is left
}

TEST_CASE("A private file is never replaced") {
  const TemporaryFolder folder;
  SystemEntropy entropy;
  const std::string path = folder.file("secret");
  REQUIRE(create_private_file(path, "first", entropy));
  const auto again = create_private_file(path, "second", entropy);
  REQUIRE_FALSE(again);
  CHECK(again.error().code() == ErrorCode::state_conflict);
  CHECK(again.error().message().find(folder.path()) == std::string::npos);
  CHECK(again.error().operator_detail().find(path) != std::string::npos);
  CHECK(read_file(path) == "first");
  CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("Of many that make the same private file, one wins and the file is whole") {
  const TemporaryFolder folder;
  const std::string path = folder.file("secret");
  std::atomic<int> winners = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      SystemEntropy entropy;
      if (create_private_file(path, std::string(5000, static_cast<char>('a' + i)), entropy)) {
        ++winners;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(winners == 1);
  const std::string contents = read_file(path);
  CHECK(contents == std::string(5000, contents.at(0)));
  CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("A folder that is not there is an error that names the file to the operator alone") {
  SystemEntropy entropy;
  const auto made = create_private_file("/nonexistent/folder/secret", "x", entropy);
  REQUIRE_FALSE(made);
  CHECK(made.error().code() == ErrorCode::internal);
  CHECK(made.error().message().find("nonexistent") == std::string::npos);
  CHECK(made.error().operator_detail().find("/nonexistent/folder/secret") == 0);
}

TEST_CASE("A private file that others may touch, or that is no plain file of ours, is refused") {
  const TemporaryFolder folder;
  const std::string path = folder.file("secret");
  write_file(path, "x");
  for (const mode_t mode : {mode_t{0644}, mode_t{0640}, mode_t{0604}, mode_t{0620}, mode_t{0601}}) {
    REQUIRE(chmod(path.c_str(), mode) == 0);
    const auto loaded = load_private_file(path);
    REQUIRE_FALSE(loaded);
    CHECK(loaded.error().code() == ErrorCode::internal);
    CHECK(loaded.error().operator_detail().find("0600") != std::string::npos);
  }
  REQUIRE(chmod(path.c_str(), 0400) == 0);
  CHECK(load_private_file(path));
  CHECK_FALSE(load_private_file(folder.path()));
  CHECK_FALSE(load_private_file(folder.file("absent")));
  REQUIRE(mkfifo(folder.file("pipe").c_str(), 0600) == 0);
  CHECK_FALSE(load_private_file(folder.file("pipe")));
  if (geteuid() == 0) {
    REQUIRE(chown(path.c_str(), 1, 1) == 0);
    CHECK_FALSE(load_private_file(path));
  }
}

TEST_CASE("A private file has a size limit") {
  const TemporaryFolder folder;
  const std::string path = folder.file("secret");
  write_file(path, std::string(kPrivateFileBytesMax, 'x'));
  REQUIRE(chmod(path.c_str(), 0600) == 0);
  CHECK(load_private_file(path));
  write_file(path, std::string(kPrivateFileBytesMax + 1, 'x'));
  CHECK_FALSE(load_private_file(path));
}
