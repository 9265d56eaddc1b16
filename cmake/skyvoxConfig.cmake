# Targets skyvox::skyvox, skyvox::kernels and skyvox::score (shared), skyvox::skyvox_static and skyvox::kernels_static.
include(CMakeFindDependencyMacro)
find_dependency(Threads)
include(${CMAKE_CURRENT_LIST_DIR}/skyvoxTargets.cmake)
