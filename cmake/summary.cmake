# What was chosen, printed last.

if(CMAKE_BUILD_TYPE)
  string(TOUPPER ${CMAKE_BUILD_TYPE} type)
endif()
string(STRIP "${CMAKE_C_FLAGS} ${CMAKE_C_FLAGS_${type}}" flags)
message(STATUS "skyvox ${PROJECT_VERSION}\n"
  "  compiler: ${CMAKE_C_COMPILER_ID} ${CMAKE_C_COMPILER_VERSION}, ${CMAKE_SYSTEM_PROCESSOR}\n"
  "  build: ${CMAKE_BUILD_TYPE} (${flags})\n"
  "  warnings are errors: ${SKYVOX_WERROR}\n"
  "  sanitizers: ${SKYVOX_SANITIZE}\n"
  "  tests: ${SKYVOX_TESTS}, fuzzing: ${SKYVOX_FUZZ}\n"
  "${skyvox_parts}"
  "  install prefix: ${CMAKE_INSTALL_PREFIX}")
