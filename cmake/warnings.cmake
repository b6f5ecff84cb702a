# Warnings, hardening and sanitizers, on one interface target that every room uses.

add_library(project_flags INTERFACE)
target_compile_features(project_flags INTERFACE c_std_17)
target_compile_definitions(project_flags INTERFACE _GNU_SOURCE)
target_include_directories(project_flags INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR}/generated)
target_compile_options(project_flags INTERFACE
	-Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes
	-Wold-style-definition -Wwrite-strings -Wpointer-arith -Wcast-qual -Wformat=2
	-Wundef -Wvla -Wimplicit-fallthrough -Wdouble-promotion -Wconversion
	-include ${PROJECT_SOURCE_DIR}/core/banned.h)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
	target_compile_options(project_flags INTERFACE
		-Wlogical-op -Wduplicated-cond -Wduplicated-branches)
endif()
if(WARNINGS_AS_ERRORS)
	target_compile_options(project_flags INTERFACE -Werror)
endif()

set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(CMAKE_BUILD_TYPE STREQUAL "Release")
	target_compile_options(project_flags INTERFACE
		-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fstack-clash-protection)
	target_link_options(project_flags INTERFACE -pie -Wl,-z,relro,-z,now)
endif()

if(SANITIZE)
	target_compile_options(project_flags INTERFACE
		-fsanitize=${SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
	target_link_options(project_flags INTERFACE -fsanitize=${SANITIZE})
endif()
if(WITH_FUZZERS)
	target_compile_options(project_flags INTERFACE
		-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all)
	target_link_options(project_flags INTERFACE -fsanitize=address,undefined)
endif()
