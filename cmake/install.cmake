# What `cmake --install` offers to an integrator: libraries static and shared, headers, pkg-config and CMake packages.

include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/skyvox)

install(TARGETS skyvox skyvox_shared skyvox_kernels skyvox_kernels_shared skyvox_score_shared EXPORT skyvox
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY core/include/skyvox DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(FILES kernels/kernels.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/skyvox)

install(EXPORT skyvox NAMESPACE skyvox:: FILE skyvoxTargets.cmake DESTINATION ${package_dir})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/skyvoxConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES cmake/skyvoxConfig.cmake ${CMAKE_BINARY_DIR}/skyvoxConfigVersion.cmake DESTINATION ${package_dir})

# The .pc files find their prefix from their own place, so an installed tree can be moved.
file(RELATIVE_PATH prefix_from_pc /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
foreach(package skyvox skyvox-kernels skyvox-score)
  configure_file(cmake/${package}.pc.in ${CMAKE_BINARY_DIR}/${package}.pc @ONLY)
  install(FILES ${CMAKE_BINARY_DIR}/${package}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()

install(TARGETS skyvox_cli skyvox_bench RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
if(EXISTS ${CMAKE_SOURCE_DIR}/cli/skyvox.bash)
  install(FILES cli/skyvox.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME skyvox)
endif()

# Manual pages say what `skyvox COMMAND --help` says.
if(NOT CMAKE_CROSSCOMPILING)
  add_custom_command(OUTPUT man1/.done
    COMMAND sh ${CMAKE_SOURCE_DIR}/cmake/man.sh $<TARGET_FILE:skyvox_cli> man1 ${PROJECT_VERSION}
    COMMAND ${CMAKE_COMMAND} -E touch man1/.done
    DEPENDS skyvox_cli cmake/man.sh VERBATIM)
  add_custom_target(skyvox_man ALL DEPENDS man1/.done)
  install(DIRECTORY ${CMAKE_BINARY_DIR}/man1 DESTINATION ${CMAKE_INSTALL_MANDIR} FILES_MATCHING PATTERN "*.1")
endif()
