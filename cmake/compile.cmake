# Flags that every target shares.

option(SKYVOX_WERROR "Treat warnings as errors" OFF)
set(SKYVOX_SANITIZE "" CACHE STRING "Sanitizers to build with, such as address,undefined or thread")

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_C_VISIBILITY_PRESET hidden)
add_compile_definitions(_POSIX_C_SOURCE=200809L)

# Results: no fused multiply-add, no path of this machine in a binary.
add_compile_options(-ffp-contract=off -ffile-prefix-map=${CMAKE_SOURCE_DIR}=. -ffile-prefix-map=${CMAKE_BINARY_DIR}=.)
set(CMAKE_BUILD_RPATH_USE_ORIGIN ON)

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wvla -Wundef -Wstrict-prototypes -Wmissing-prototypes
  -Wpointer-arith -Wcast-align -Wwrite-strings -Wconversion -Wno-sign-conversion -Wformat=2 -Wno-format-nonliteral)
if(SKYVOX_WERROR)
  # gcc's guess about uninitialised values changes with the optimisation level, so it stays a warning.
  add_compile_options(-Werror $<$<C_COMPILER_ID:GNU>:-Wno-error=maybe-uninitialized>)
endif()

if(SKYVOX_SANITIZE)
  add_compile_options(-fsanitize=${SKYVOX_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${SKYVOX_SANITIZE})
endif()

# libFuzzer comes with clang; everything but the targets' main is instrumented.
option(SKYVOX_FUZZ "Build tests/fuzz with libFuzzer (clang only)" OFF)
if(SKYVOX_FUZZ)
  if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "SKYVOX_FUZZ needs clang (CC=clang); this is ${CMAKE_C_COMPILER_ID}.")
  endif()
  add_compile_options(-fsanitize=fuzzer-no-link)
  add_compile_definitions(FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION) # checksums would stop every mutation
  add_link_options(-fsanitize=fuzzer-no-link)
endif()
