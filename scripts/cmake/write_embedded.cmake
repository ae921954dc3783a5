# Writes the generated source of openavail_embed: a sorted table of path and text.
file(GLOB_RECURSE files RELATIVE ${FOLDER} ${FOLDER}/*.json ${FOLDER}/*.sql)
list(SORT files)
set(rows "")
foreach(path ${files})
  file(READ ${FOLDER}/${path} text)
  # MSVC-sized chunks are not needed here; g++ and clang take raw strings of any length.
  string(APPEND rows "    {\"${path}\", R\"oaembed(${text})oaembed\"},\n")
endforeach()
file(WRITE ${OUT} "// Generated from schemas/; do not edit.
#include \"base/embedded.h\"

namespace openavail {
namespace {
constexpr EmbeddedFile kFiles[] = {
${rows}};
}  // namespace

std::span<const EmbeddedFile> embedded_files() { return kFiles; }
}  // namespace openavail
")
