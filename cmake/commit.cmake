# Run by the build: writes OUT, a header that defines SKYVOX_COMMIT as the commit of SOURCE, or "tarball".

set(commit "")
find_program(git git)
if(git AND EXISTS ${SOURCE}/.git)
  set(ENV{GIT_OPTIONAL_LOCKS} 0)
  execute_process(COMMAND ${git} -C ${SOURCE} describe --always --abbrev=12 --dirty
    OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(NOT commit)
  set(commit tarball)
endif()
file(CONFIGURE OUTPUT ${OUT} CONTENT "#define SKYVOX_COMMIT \"${commit}\"\n")
