# Warnings and hardening for our own code.
set(OPENAVAIL_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
    -Wold-style-cast -Wnon-virtual-dtor -Woverloaded-virtual -Wformat=2 -Wswitch-enum
    -Wimplicit-fallthrough)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # With optimisation g++ 12 reports null dereferences inside the standard library itself.
  if(CMAKE_BUILD_TYPE STREQUAL "Debug")
    list(APPEND OPENAVAIL_WARNINGS -Wnull-dereference)
  endif()
  # g++ 12 also warns of string operations that its own inlining made up (its bugs 105329, 105651).
  list(APPEND OPENAVAIL_WARNINGS -Wno-stringop-overflow -Wno-stringop-overread -Wno-restrict
       -Wno-array-bounds -Wno-maybe-uninitialized)
else()
  list(APPEND OPENAVAIL_WARNINGS -Wnull-dereference -Wthread-safety)
endif()
if(OPENAVAIL_WARNINGS_AS_ERRORS)
  list(APPEND OPENAVAIL_WARNINGS -Werror)
endif()

function(openavail_compile_options target)
  target_compile_options(${target} PRIVATE ${OPENAVAIL_WARNINGS} -fstack-protector-strong
                         -fstack-clash-protection -fcf-protection)
  if(CMAKE_BUILD_TYPE MATCHES "Release|RelWithDebInfo|MinSizeRel" AND NOT OPENAVAIL_SANITIZE)
    target_compile_options(${target} PRIVATE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
  endif()
  target_compile_definitions(${target} PRIVATE _GLIBCXX_ASSERTIONS)
  target_link_options(${target} PRIVATE -Wl,-z,relro,-z,now,-z,noexecstack)
  get_target_property(type ${target} TYPE)
  if(NOT type STREQUAL "MODULE_LIBRARY")  # which is position independent as it is
    target_link_options(${target} PRIVATE -pie)
  endif()
  if(OPENAVAIL_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${OPENAVAIL_SANITIZE}
                           -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(${target} PRIVATE -fsanitize=${OPENAVAIL_SANITIZE})
  endif()
endfunction()
