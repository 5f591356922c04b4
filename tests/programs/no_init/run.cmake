# Runs the program in an empty directory. One that fails by itself must leave it empty.
file(REMOVE_RECURSE ${scratch})
file(MAKE_DIRECTORY ${scratch})
set(ENV{QMR_BATCH_SYSTEM} local)
execute_process(COMMAND ${program} ${argument} WORKING_DIRECTORY ${scratch}
    OUTPUT_VARIABLE output ERROR_VARIABLE output RESULT_VARIABLE result)
string(FIND "${output}" "${words}" found)
if(NOT result EQUAL exit_code OR found EQUAL -1)
    message(FATAL_ERROR "ended with ${result}, not ${exit_code}; looked for '${words}' in:\n${output}")
endif()
file(GLOB left_behind ${scratch}/* ${scratch}/.*)
if(argument STREQUAL forget AND left_behind)
    message(FATAL_ERROR "left behind: ${left_behind}")
endif()
