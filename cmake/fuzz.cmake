# A fuzz target: a .c with LLVMFuzzerTestOneInput().  With WITH_FUZZERS a libFuzzer
# binary, else linked with tests/fuzz/driver.c; either way an ordinary test over its
# corpus, tests/fuzz/corpus/NAME unless CORPUS says otherwise, so that every crash
# ever found stays fixed.

function(add_fuzz_target name)
	cmake_parse_arguments(F "" "CORPUS" "SOURCES;ROOMS;NEEDS" ${ARGN})
	if(NOT F_CORPUS)
		set(F_CORPUS ${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${name})
	endif()
	add_executable(${name} ${F_SOURCES})
	target_link_libraries(${name} PRIVATE ${F_ROOMS} ${F_NEEDS})
	target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
	# libFuzzer and the driver call it by name; no header declares it
	target_compile_options(${name} PRIVATE -Wno-missing-prototypes)
	if(WITH_FUZZERS)
		target_link_options(${name} PRIVATE -fsanitize=fuzzer)
		add_test(NAME ${name} COMMAND ${name} -runs=0 ${F_CORPUS})
	else()
		target_sources(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests/fuzz/driver.c)
		target_link_libraries(${name} PRIVATE core)
		add_test(NAME ${name} COMMAND ${name} ${F_CORPUS})
	endif()
	set_tests_properties(${name} PROPERTIES LABELS fuzz TIMEOUT 300)
endfunction()
