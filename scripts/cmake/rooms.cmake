# openavail_room(name [MODULE IMPLEMENTS room] [DIRECTORY dir] [USES rooms…] [LINKS targets…]
#                [LINKS_STATIC archives…])
# makes one static library of a folder, linked with the rooms that it may use and no others.
# LINKS_STATIC takes Debian's static archives: an agent's client starts a process each time, and
# every big shared library costs milliseconds there.
#
# MODULE makes a shared object instead, for a room whose libraries are too slow to load for a
# process that may not need them. Of the room that it IMPLEMENTS it sees the headers alone; that
# room loads it (openavail_embed_module).
function(openavail_room name)
  cmake_parse_arguments(ROOM "MODULE" "DIRECTORY;IMPLEMENTS" "USES;LINKS;LINKS_STATIC" ${ARGN})
  if(NOT ROOM_DIRECTORY)
    set(ROOM_DIRECTORY ${CMAKE_SOURCE_DIR}/lib/${name})
  endif()
  string(REPLACE "/" "_" target "room_${name}")
  file(GLOB sources CONFIGURE_DEPENDS ${ROOM_DIRECTORY}/*.cc)
  if(NOT sources)  # a room of interfaces only
    add_library(${target} INTERFACE)
    set(kind INTERFACE)
  elseif(ROOM_MODULE)
    add_library(${target} MODULE ${sources})
    openavail_compile_options(${target})
    # One symbol leaves it, so nothing of it meets its namesake in the executable.
    set_target_properties(${target} PROPERTIES CXX_VISIBILITY_PRESET hidden
                          VISIBILITY_INLINES_HIDDEN ON
                          LINK_DEPENDS ${CMAKE_SOURCE_DIR}/scripts/cmake/module.map)
    target_link_options(${target} PRIVATE
                        -Wl,--version-script=${CMAKE_SOURCE_DIR}/scripts/cmake/module.map)
    set(kind PRIVATE)
  else()
    add_library(${target} STATIC ${sources})
    openavail_compile_options(${target})
    target_precompile_headers(${target} PRIVATE <nlohmann/json.hpp> <algorithm> <chrono> <map>
                              <memory> <optional> <string> <string_view> <utility> <vector>)
    set(kind PUBLIC)
  endif()
  target_include_directories(${target} ${kind} ${CMAKE_SOURCE_DIR}/lib ${CMAKE_SOURCE_DIR})
  target_link_libraries(${target} ${kind} tl::expected nlohmann_json::nlohmann_json
                        Threads::Threads)
  foreach(used ${ROOM_USES})
    string(REPLACE "/" "_" used_target "room_${used}")
    target_link_libraries(${target} ${kind} ${used_target})
  endforeach()
  target_link_libraries(${target} ${kind} ${ROOM_LINKS})
  foreach(archive ${ROOM_LINKS_STATIC})
    find_library(archive_${archive} NAMES lib${archive}.a REQUIRED)
    target_link_libraries(${target} ${kind} ${archive_${archive}})
  endforeach()
  target_link_libraries(${target} ${kind} ${CMAKE_DL_LIBS})
endfunction()
