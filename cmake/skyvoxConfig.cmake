# Targets skyvox::skyvox and skyvox::kernels (shared), skyvox::skyvox_static and skyvox::kernels_static.
include(CMakeFindDependencyMacro)
find_dependency(Threads)
include(${CMAKE_CURRENT_LIST_DIR}/skyvoxTargets.cmake)
