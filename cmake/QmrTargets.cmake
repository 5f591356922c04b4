# Ways to make a target, so that each CMakeLists.txt is a list of files and nothing else.

function(qmr_target_defaults target)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ${QMR_UNITY_BUILD} UNITY_BUILD_BATCH_SIZE 40)
    target_compile_features(${target} PUBLIC cxx_std_20)
    if(QMR_DEVELOPER)
        target_compile_options(${target} PRIVATE
            -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Werror)
    endif()
endfunction()

# qmr_precompile(target HEADER...): headers of other libraries that most sources of the target read. For builds that
# compile each source alone, to have one that changed within seconds.
function(qmr_precompile target)
    if(QMR_PRECOMPILED_HEADERS)
        target_precompile_headers(${target} PRIVATE <algorithm> <chrono> <filesystem> <functional> <map> <optional>
            <string> <vector> <fmt/format.h> ${ARGN})
        # From a precompiled header, gcc 12 takes what it inlines of the standard library for code of ours.
        target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-error>)
    endif()
endfunction()

# qmr_add_library(name SOURCE...)
function(qmr_add_library target)
    add_library(${target} ${ARGN})
    qmr_target_defaults(${target})
endfunction()

# qmr_add_program(name SOURCE...): a program that may call map().
function(qmr_add_program target)
    add_executable(${target} ${ARGN})
    qmr_target_defaults(${target})
    target_link_libraries(${target} PRIVATE qmr::qmr)
endfunction()
