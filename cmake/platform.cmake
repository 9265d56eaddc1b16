# Where results would not be reproducible, configuration stops with a sentence.

if(NOT CMAKE_SYSTEM_NAME STREQUAL "Linux")
  message(FATAL_ERROR "skyvox supports Linux only; this is ${CMAKE_SYSTEM_NAME}.")
endif()
if(NOT CMAKE_SIZEOF_VOID_P EQUAL 8)
  message(FATAL_ERROR "skyvox needs a 64-bit machine; pointers here have ${CMAKE_SIZEOF_VOID_P} bytes.")
endif()
if(NOT CMAKE_C_BYTE_ORDER STREQUAL "LITTLE_ENDIAN")
  message(FATAL_ERROR "skyvox needs a little-endian machine.")
endif()

# Stop with `sentence` when the preprocessor condition holds under the chosen compiler and flags.
include(CheckCSourceCompiles)
function(skyvox_refuse_if condition name sentence)
  set(CMAKE_REQUIRED_QUIET ON)
  check_c_source_compiles("#include <float.h>\n#if ${condition}\n#error refused\n#endif\nint main(void) { return 0; }" ${name})
  if(NOT ${name})
    unset(${name} CACHE)
    message(FATAL_ERROR "${sentence}")
  endif()
endfunction()
skyvox_refuse_if("FLT_EVAL_METHOD != 0" SKYVOX_HAVE_PLAIN_DOUBLES
  "skyvox needs FLT_EVAL_METHOD == 0: this compiler or its flags (-m32, -mfpmath=387) compute doubles in higher precision.")
skyvox_refuse_if("defined __FAST_MATH__" SKYVOX_HAVE_STRICT_MATH
  "skyvox must not be built with -ffast-math or -Ofast: results would differ between machines.")
