# openavail_embed(folder): compiles every .json and .sql file below `folder` into the library
# room_embedded, one generated source that defines what base/embedded.h declares.
function(openavail_embed folder)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${folder}/*.json ${folder}/*.sql)
  set(out ${CMAKE_BINARY_DIR}/embedded_files.cc)
  add_custom_command(
    OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -DFOLDER=${folder} -DOUT=${out}
            -P ${CMAKE_SOURCE_DIR}/scripts/cmake/write_embedded.cmake
    DEPENDS ${files} ${CMAKE_SOURCE_DIR}/scripts/cmake/write_embedded.cmake
    COMMENT "Embedding schemas")
  add_library(room_embedded STATIC ${out})
  openavail_compile_options(room_embedded)
  target_include_directories(room_embedded PRIVATE ${CMAKE_SOURCE_DIR}/lib)
endfunction()
