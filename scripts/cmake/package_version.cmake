# openavail_package_version(target MACRO package): compiles one room with the version of a Debian
# package as a string macro, for libraries that can't be asked for their version themselves.
function(openavail_package_version target macro package)
  execute_process(COMMAND dpkg-query -W -f=\${Version} ${package}
                  OUTPUT_VARIABLE version ERROR_QUIET RESULT_VARIABLE failed)
  if(failed OR NOT version)
    set(version unknown)
  endif()
  target_compile_definitions(${target} PRIVATE ${macro}="${version}")
endfunction()
