# Target ptx: kernels/ptx by the pinned nvcc, whenever a kernel or what it is made with changes. All is in tools/build-ptx.sh.
file(GLOB ptx_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/kernels/*.cu ${PROJECT_SOURCE_DIR}/kernels/common/*.cuh)
add_custom_command(
  OUTPUT ${PROJECT_BINARY_DIR}/ptx.stamp
  COMMAND ${PROJECT_SOURCE_DIR}/tools/build-ptx.sh
  COMMAND ${CMAKE_COMMAND} -E touch ${PROJECT_BINARY_DIR}/ptx.stamp
  DEPENDS ${ptx_sources} ${PROJECT_SOURCE_DIR}/tools/build-ptx.sh ${PROJECT_SOURCE_DIR}/kernels/ptx/build.txt
  VERBATIM)
add_custom_target(ptx ALL DEPENDS ${PROJECT_BINARY_DIR}/ptx.stamp)
