# Installs build_dir, then moves it to prefix.
unset(ENV{DESTDIR})
file(REMOVE_RECURSE ${prefix} ${prefix}_before)
execute_process(COMMAND ${CMAKE_COMMAND} --install ${build_dir} --prefix ${prefix}_before COMMAND_ERROR_IS_FATAL ANY)
file(RENAME ${prefix}_before ${prefix})
