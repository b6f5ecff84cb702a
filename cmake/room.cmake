# A room: a static library that says whom it uses and which libraries it wraps.

function(add_room name)
	cmake_parse_arguments(ROOM "" "" "SOURCES;USES;NEEDS" ${ARGN})
	add_library(${name} STATIC ${ROOM_SOURCES})
	target_link_libraries(${name} PUBLIC project_flags ${ROOM_USES} PRIVATE ${ROOM_NEEDS})
endfunction()

# A unit test: one program, linked against the rooms it names and nothing else.
# LABEL is the ring (unit, golden, conformance, scenario, fuzz).
function(add_ring_test name)
	cmake_parse_arguments(T "" "LABEL" "SOURCES;ROOMS;NEEDS;ARGS" ${ARGN})
	add_executable(${name} ${T_SOURCES})
	target_link_libraries(${name} PRIVATE ${T_ROOMS} PkgConfig::cmocka ${T_NEEDS})
	target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
	target_compile_definitions(${name} PRIVATE
		TEST_DATA="${PROJECT_SOURCE_DIR}/tests/data"
		SHARED_DATA="${PROJECT_SOURCE_DIR}/../shared/data"
		PROJECT_DIR="${PROJECT_SOURCE_DIR}")
	add_test(NAME ${name} COMMAND ${name} ${T_ARGS})
	set_tests_properties(${name} PROPERTIES LABELS "${T_LABEL}" SKIP_RETURN_CODE 77 TIMEOUT 300)
endfunction()
