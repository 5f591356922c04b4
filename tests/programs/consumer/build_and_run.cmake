# Builds the project in app against the installation in prefix, and compares what its program says.
file(REMOVE_RECURSE ${scratch})
file(MAKE_DIRECTORY ${scratch}/run)
unset(ENV{DESTDIR})
unset(ENV{CXXFLAGS})
execute_process(COMMAND ${CMAKE_COMMAND} -S ${app} -B ${scratch}/build -DCMAKE_PREFIX_PATH=${prefix}
    ${configure_arguments} COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CMAKE_COMMAND} --build ${scratch}/build COMMAND_ERROR_IS_FATAL ANY)

set(ENV{QMR_BATCH_SYSTEM} local)
execute_process(COMMAND ${scratch}/build/app WORKING_DIRECTORY ${scratch}/run
    OUTPUT_VARIABLE output RESULT_VARIABLE result)
file(READ ${app}/expected_output.txt expected)
if(NOT result EQUAL 0 OR NOT output STREQUAL expected)
    message(FATAL_ERROR "app ended with ${result}. It said:\n${output}\nexpected:\n${expected}")
endif()
file(GLOB left_behind ${scratch}/run/* ${scratch}/run/.qmr_*)
if(left_behind)
    message(FATAL_ERROR "left behind: ${left_behind}")
endif()
