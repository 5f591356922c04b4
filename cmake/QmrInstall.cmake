include(CMakePackageConfigHelpers)

set(qmr_config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/qmr)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/qmr DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS qmr EXPORT qmrTargets)
install(EXPORT qmrTargets NAMESPACE qmr:: DESTINATION ${qmr_config_dir})
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/qmrConfig.cmake.in
    ${PROJECT_BINARY_DIR}/qmrConfig.cmake INSTALL_DESTINATION ${qmr_config_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/qmrConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/qmrConfig.cmake ${PROJECT_BINARY_DIR}/qmrConfigVersion.cmake
    DESTINATION ${qmr_config_dir})
if(QMR_BUILD_COMMAND)
    install(TARGETS qmr_command)
    install(FILES ${PROJECT_BINARY_DIR}/cli/qmr.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
    install(FILES ${PROJECT_BINARY_DIR}/cli/qmr.bash
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME qmr)
    install(FILES ${PROJECT_BINARY_DIR}/cli/_qmr DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
endif()
if(QMR_BUILD_DUMMY_QUEUE)
    install(TARGETS dummy_qsub dummy_qstat dummy_qdel dummy_qacct)
endif()
